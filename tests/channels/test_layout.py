"""Every reply that can be produced, on every channel, held against what the channel can show."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mesoguide.channels import phones
from mesoguide.channels.layout import (
    MATRIX,
    SLACK_BLOCKS,
    SMS,
    TELEGRAM,
    WAYS,
    WHATSAPP_BY_TWILIO,
    Message,
    Way,
    choices,
    lay_out,
    plain_message,
)
from mesoguide.channels.own_words import in_own_words
from mesoguide.channels.phones import dialled, with_numbers
from mesoguide.core import ways_in
from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import CORRECTION, Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.reply import render, sources
from mesoguide.core.turn import Turn
from tests.core.content import ROOT
from tests.core.walk import SUBJECTS, Said

Data = dict[str, Any]
LaidOut = tuple[Way, list[tuple[Data, list[Message]]]]
OWN = ("too_many", "too_long", "text_only")
RAW = re.compile(r"/[a-z]+_[a-z_]+|\{|\}|\bnlu_|\"payload\"|\b[a-z]+_[a-z]+\b")
URL = re.compile(r"https?://[^\s|>\"<]+")
PAYLOAD = 64  # bytes of a button that Telegram takes
TITLE = 75  # characters of a button that Slack takes


@pytest.fixture(scope="module")
def every(every_reply: list[Said]) -> list[Data]:
    replies = {str(one.data): one.data for one in every_reply}
    return [*replies.values(), *(in_own_words(phrase) for phrase in OWN)]


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.name)
def laid_out(request: pytest.FixtureRequest, every: list[Data], knowledge: Knowledge) -> LaidOut:
    way: Way = request.param
    return way, [(data, lay_out(knowledge, data, way)) for data in every]


def test_every_messaging_channel_has_a_way() -> None:
    assert {way.name for way in WAYS} == set(ways_in.MESSAGING)


def test_nothing_is_longer_than_the_channel_takes(laid_out: LaidOut) -> None:
    way, pairs = laid_out
    assert len(pairs) > 3000
    for _, messages in pairs:
        assert messages
        for one in messages:
            assert 0 < len(one.text) <= way.longest
            assert 0 < len(one.plain) <= way.longest


def test_the_reminder_is_in_the_last_message_once(
    laid_out: LaidOut,
    knowledge: Knowledge,
) -> None:
    reminders = {knowledge.text("reminder", who) for who in SUBJECTS}
    for data, messages in laid_out[1]:
        found = [[one.plain.count(line) for line in reminders] for one in messages]
        times = [sum(counts) for counts in found]
        assert sum(times) == (1 if data["reminder"] else 0), data
        assert not data["reminder"] or times[-1] == 1


def test_no_payload_or_name_of_ours_is_shown(laid_out: LaidOut) -> None:
    for _, messages in laid_out[1]:
        for one in messages:
            shown = (one.text, one.plain, *(button.title for button in one.buttons))
            assert not any(RAW.search(URL.sub("", text)) for text in shown), shown


def test_all_that_is_said_arrives_in_its_order(
    laid_out: LaidOut,
    knowledge: Knowledge,
) -> None:
    for data, messages in laid_out[1]:
        all_of_it = " ".join(one.plain for one in messages).replace("\n", " ")
        wanted = [*data["intro"], *data["text"].split("\n")]
        wanted += [quote["text"] for quote in data["quotes"]]
        place = 0
        for words in wanted:
            place = all_of_it.index(words, place) + 1
        for _, url in sources(knowledge, data):
            place = all_of_it.index(url, place) + 1


def test_the_correction_comes_first_in_the_same_message(
    laid_out: LaidOut,
    knowledge: Knowledge,
) -> None:
    outdated = [claim.text for claim in knowledge.claims.values() if claim.needs_correction]
    seen = 0
    for data, messages in laid_out[1]:
        for one in messages:
            for text in outdated:
                if text in one.plain and data["quotes"]:
                    seen += 1
                    correction = one.plain.find(knowledge.text(CORRECTION))
                    assert 0 <= correction < one.plain.index(text)
    assert seen


def test_danger_gets_one_message_that_begins_with_whom_to_call(
    laid_out: LaidOut,
) -> None:
    safety = [messages for data, messages in laid_out[1] if data["type"] == "safety"]
    assert safety
    for messages in safety:
        assert len(messages) == 1
        first = messages[0].plain.split("\n")[0]
        assert re.search(r"call|Call|person|988", first), first
        assert "Hello" not in messages[0].plain


def test_suggestions_are_buttons_or_a_list_with_numbers(
    laid_out: LaidOut,
) -> None:
    way, pairs = laid_out
    for data, messages in pairs:
        assert not any(one.buttons for one in messages[:-1])
        last = messages[-1]
        titles = [one["title"] for one in data["suggestions"]]
        if way.buttons:
            assert [one.title for one in last.buttons] == titles
            assert all(len(one.payload.encode()) <= PAYLOAD for one in last.buttons)
            assert all(len(one.title) <= TITLE for one in last.buttons)
        else:
            listed = [one.title for one in choices(data)]
            assert listed == ([] if data["type"] == "safety" else titles)
            wanted = [f"{number}. {title}" for number, title in enumerate(listed, start=1)]
            assert last.plain.split("\n")[-len(wanted) :] == wanted if wanted else True


class Tags(HTMLParser):
    """Fails where a tag is not closed, or is none that Telegram and Matrix show."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in ("a", "b")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("laid_out", [TELEGRAM, MATRIX], indirect=True, ids=lambda way: way.name)
def test_html_is_well_formed_in_every_message(laid_out: LaidOut) -> None:
    for _, messages in laid_out[1]:
        for one in messages:
            tags = Tags()
            tags.feed(one.text)
            assert not tags.open
            assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", one.text)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_is_too_long_is_parted_between_sentences(way: Way, knowledge: Knowledge) -> None:
    guide = Guide(knowledge)
    data = render(knowledge, guide.topic(Turn("prognosis"), Memory()), None, buttons=True).data
    sentence = "This is one sentence that says a little something about nothing."
    many = {**data, "text": "\n".join([" ".join([sentence] * 150)] * 3)}
    messages = lay_out(knowledge, many, way)
    assert len(messages) > 1
    assert all(len(one.text) <= way.longest for one in messages)
    for one in messages[:-1]:
        assert one.plain[-1] in ".”"
    everything = " ".join(one.plain for one in messages)
    assert everything.count(sentence) == 450
    assert everything.count(data["reminder"]) == 1
    assert data["reminder"] in messages[-1].plain
    counted = [one.plain.startswith(f"({place}/{len(messages)})") for place, one in
               enumerate(messages, start=1)]  # fmt: skip
    assert all(counted) if way is SMS else not any(counted)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
@pytest.mark.parametrize("text", ["x" * 40_000, "word " * 9_000, "<b>&</b> " * 3_000, "\n" * 9])
def test_any_text_fits(text: str, way: Way) -> None:
    messages = plain_message(text, way)
    assert all(len(one.text) <= way.longest for one in messages)
    letters = re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", "".join(one.plain for one in messages)) == letters


def test_only_channels_that_show_it_get_bold_links_and_numbers_to_tap(knowledge: Knowledge) -> None:
    guide = Guide(knowledge)

    def said(way: Way, turn: Turn) -> str:
        ask = guide.safety if turn.intent == "emergency" else guide.topic
        data = render(knowledge, ask(turn, Memory()), None, buttons=True).data
        return "\n".join(one.text for one in lay_out(knowledge, data, way))

    answer = Turn("immunotherapy_effectiveness")
    assert re.search(r"<https://[^|]+\|[^>]+>", said(SLACK_BLOCKS, answer))
    assert re.search(r'<a href="https://[^"]+">', said(TELEGRAM, answer))
    for way in (SMS, WHATSAPP_BY_TWILIO):
        assert re.search(r"^- .+: https://\S+$", said(way, answer), re.MULTILINE)
        assert "<" not in said(way, answer)
    assert "*" not in said(SMS, answer)
    assert "*Sources:*" in said(WHATSAPP_BY_TWILIO, answer)
    assert "<tel:911|911>" in said(SLACK_BLOCKS, Turn("emergency"))


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Call 911 (US), 999 (UK) or 112.", ["911", "999", "112"]),
        ("It was 112 of 999 people.", []),
        ("Call 1-800-227-2345 or 116 123.", ["18002272345", "116123"]),
        ("Macmillan: 0808 808 00 00", ["08088080000"]),
        ("Ring +44 20 7946 0958.", ["+442079460958"]),
        ("Call 1-800-4-CANCER.", ["18004226237"]),
        ("Call about study 911.5 or 1112.", []),
    ],
)
def test_numbers_to_call_are_found(line: str, numbers: list[str]) -> None:
    found: list[str] = []

    def write(digits: str, number: str) -> str:
        found.append(digits)
        assert digits == dialled(number)
        return number

    assert with_numbers(line, write, str) == line
    assert found == numbers


def test_the_widget_and_the_channels_find_the_same_numbers() -> None:
    """links.ts and phones.py hold the same patterns, each in its own language."""
    source = (ROOT / "widget" / "src" / "links.ts").read_text(encoding="utf-8")
    theirs = re.findall(r"^  /(.+)/,", source, re.MULTILINE)
    assert list(phones._LONG) == theirs
