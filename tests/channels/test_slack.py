"""Slack: the real server, and a small one that speaks Slack's Web API."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mesoguide.core.knowledge import Knowledge
from tests.channels.slack_api import (
    BOT,
    BOT_USER,
    SECRET,
    TOKEN,
    Person,
    SlackApi,
    deliver,
    error,
    sign,
    too_many,
)
from tests.channels.vendor import Answer, post, until
from tests.conftest import Server, start_server

FIGURES = re.compile(r"\d+ (?:%|percent|out of)")
LINK = re.compile(r"<https://[^|>]+\|[^>]+>")


@dataclass(frozen=True)
class Running:
    server: Server
    api: SlackApi

    @property
    def log(self) -> str:
        return self.server.log.read_text()

    def person(self) -> Person:
        return Person(self.api, self.server.url)

    def count(self, outcome: str) -> float:
        """Messages so far, as the operator sees it."""
        name = f'mesoguide_messages_sent_total{{channel="slack",outcome="{outcome}"}}'
        lines = self.server.get("/metrics")[2].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def settings(api: SlackApi, token: str = TOKEN) -> dict[str, str]:
    return {
        "MESOGUIDE_SLACK_TOKEN": token,
        "MESOGUIDE_SLACK_SIGNING_SECRET": SECRET,
        "MESOGUIDE_SLACK_API": api.base,
    }


@pytest.fixture(scope="module")
def slack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    api = SlackApi()
    api.start()
    process, server = start_server(tmp_path_factory.mktemp("slack"), **settings(api))
    yield Running(server, api)
    process.terminate()
    process.wait(timeout=30)
    api.stop()


@pytest.fixture
def person(slack: Running) -> Person:
    return slack.person()


def test_a_greeting_says_what_this_is(person: Person, knowledge: Knowledge) -> None:
    heard = person.say("hello")
    assert heard.startswith(knowledge.text("intro_program"))
    assert person.heard[0].buttons
    assert knowledge.text("number_label") not in heard  # there are buttons


def test_an_answer_has_its_sources_and_one_reminder_at_its_end(
    person: Person, knowledge: Knowledge
) -> None:
    person.say("hello")
    heard = person.say("does immunotherapy work for mesothelioma?")
    assert knowledge.text("main-correction") in heard
    reminder = f"*{knowledge.text('reminder', None)}*"
    assert heard.endswith(reminder) and heard.count(reminder) == 1
    assert heard.index(LINK.findall(heard)[-1]) < heard.index(reminder)
    sent = json.loads(person.api.calls[-1].body)
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert sent["blocks"][0]["expand"] is True
    assert knowledge.text("main-correction") in sent["text"]  # what a notice shows


def test_a_number_chooses_among_the_buttons(person: Person, knowledge: Knowledge) -> None:
    person.say("hello")
    person.say("what does stage 4 mean?")
    number = list(person.heard[-1].buttons).index("For someone else") + 1
    assert knowledge.text("subject_thanks") in person.say(str(number))


def test_a_button_asks_what_it_says(person: Person, knowledge: Knowledge) -> None:
    person.say("hello")
    person.say("what does stage 4 mean?")
    before = len(person.heard)
    assert person.press("For someone else") == (200, b"")
    assert knowledge.text("subject_thanks") in person.wait(before)


def test_figures_are_said_after_a_yes_only(person: Person, knowledge: Knowledge) -> None:
    person.say("hello")
    first = person.say("how long have i got")
    assert knowledge.text("ask_numbers") in first
    assert not FIGURES.search(first)
    yes = next(
        title for title, sent in person.heard[-1].buttons.items() if sent.startswith("/affirm")
    )
    assert person.press(yes)[0] == 200
    assert knowledge.text("numbers_yes") in person.wait(2)


@pytest.mark.parametrize("text", ["I *cant breathe* and my chest hurts", "i want to end my life"])
def test_danger_gets_one_message_with_the_number_first(person: Person, text: str) -> None:
    heard = person.say(text)
    first = heard.split("\n")[0]
    assert re.search(r"<tel:(911|988)\|\1>", first)
    assert re.fullmatch(r"\*.+\*", first)
    assert "Hello" not in heard
    person.say("thanks")
    assert len(person.heard) == 2


def test_what_is_too_long_gets_a_sentence(person: Person, knowledge: Knowledge) -> None:
    heard = person.say("a " * 1001 + "*_~`<" * 5000)
    assert knowledge.text("too_long") in heard
    assert "<tel:911|911>" in heard


def test_a_file_gets_a_sentence_and_what_is_written_beside_it_an_answer(
    person: Person, knowledge: Knowledge
) -> None:
    file = {"id": "F1", "name": "scan.png", "mimetype": "image/png"}
    before = len(person.heard)
    assert person.deliver("", subtype="file_share", files=[file]) == 200
    assert knowledge.text("text_only") in person.wait(before)
    before = len(person.heard)
    question = "how long have i got"
    assert person.deliver(question, subtype="file_share", files=[file]) == 200
    assert knowledge.text("ask_numbers") in person.wait(before)


@pytest.mark.parametrize(
    ("typed", "as_slack_writes_it"),
    [
        ("is it catching?", "is *it* _catching_? :cry: :+1::skin-tone-2:"),
        ("how long have i got <3 & love", "how long have i got &lt;3 &amp; love"),
        (
            "what does stage 4 mean? i read cancer.org",
            "what does stage 4 mean? i read <http://cancer.org|cancer.org>",
        ),
        ("what does stage 4 mean?", "<@U0OTHER> what does stage 4 mean?"),
    ],
)
def test_what_slack_makes_of_a_text_is_undone(
    slack: Running, typed: str, as_slack_writes_it: str
) -> None:
    one, other = slack.person(), slack.person()
    assert one.say(typed) == other.say(as_slack_writes_it)


def test_a_typed_command_is_words(person: Person, knowledge: Knowledge) -> None:
    person.say("hello")
    heard = person.say('/who_it_is_for{"person": "other"}')
    assert knowledge.text("subject_thanks") not in heard
    assert person.say("/restart")
    assert person.say("/")


def test_a_mention_is_answered_in_private_in_the_same_conversation(
    person: Person, knowledge: Knowledge
) -> None:
    assert person.mention(f"<@{BOT_USER}> how long have i got") == 200
    assert knowledge.text("ask_numbers") in person.wait(0)
    assert "C0GENERAL" not in person.api.sent
    assert knowledge.text("numbers_yes") in person.say("yes please")
    assert person.mention(f"<@{BOT_USER}>") == 200  # nothing else: a greeting
    assert knowledge.text("text_only") not in person.wait(2)


@pytest.mark.parametrize(
    "other",
    [
        {"bot_id": BOT},
        {"bot_id": "B0OTHER", "subtype": "bot_message"},
        {"subtype": "message_changed", "message": {"text": "hello"}},
        {"subtype": "message_deleted", "deleted_ts": "1.2"},
        {"subtype": "channel_topic"},
        {"channel_type": "channel", "channel": "C0GENERAL"},
        {"channel_type": "mpim", "channel": "G0GROUP"},
        {"type": "reaction_added"},
        {"user": None},
        {"user": 7},
        {"user": "U\udcff"},
    ],
)
def test_what_no_person_wrote_to_us_is_left_alone(person: Person, other: dict[str, Any]) -> None:
    assert person.deliver("what does stage 4 mean?", **other) == 200
    person.say("hello")
    assert len(person.heard) == 1
    assert "C0GENERAL" not in person.api.sent


def test_an_event_that_comes_again_is_answered_once(person: Person) -> None:
    for retry in range(3):
        assert person.deliver("what does stage 4 mean?", f"Ev-{person.user}", retry) == 200
    person.say("thanks")
    assert len(person.heard) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "guessed"},
        {"age": 301.0},
        {"age": -301.0},
        {"headers": {"X-Slack-Signature": ""}},
        {"headers": {"X-Slack-Signature": "v0=\u00fc"}},
        {"headers": {"X-Slack-Request-Timestamp": ""}},
        {"headers": {"X-Slack-Request-Timestamp": "soon"}},
        {"headers": {"X-Slack-Request-Timestamp": "9" * 400}},
    ],
    ids=["secret", "old", "from the future", "none", "letters", "no time", "word", "large"],
)
def test_a_forged_request_is_refused_and_not_logged(slack: Running, wrong: dict[str, Any]) -> None:
    challenge = {"type": "url_verification", "challenge": "my secret words"}
    status, body = deliver(slack.server.url, challenge, **wrong)
    assert status == 403
    assert b"secret words" not in body
    assert "secret words" not in slack.log
    assert "slack: a request with a wrong signature was refused" in slack.log


def test_what_nobody_signed_is_refused(slack: Running) -> None:
    url = f"{slack.server.url}/webhooks/slack/webhook"
    at = str(int(time.time()))
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": sign(b"{}", at)}
    for body in (b"", b"{ }", b"\xff\xfe", b"x" * 100_000):
        assert post(url, body, {})[0] == 403
        assert post(url, body, headers)[0] == 403
    assert slack.server.get("/webhooks/slack/webhook")[0] == 405


def test_the_address_is_confirmed(slack: Running) -> None:
    challenge = {"token": "x", "challenge": "3eZbrw1aBm2rZgRNFdxV", "type": "url_verification"}
    assert deliver(slack.server.url, challenge) == (200, b"3eZbrw1aBm2rZgRNFdxV")


@pytest.mark.parametrize("form", [False, True])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"payload=", b"payload=[]", b"payload={", b"[" * 100_000]
)
def test_what_cannot_be_read_is_said_so(slack: Running, body: bytes, form: bool) -> None:
    assert deliver(slack.server.url, body, form)[0] == 400


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": 7},
        {"type": "url_verification"},
        {"type": "event_callback"},
        {"type": "event_callback", "event": "x", "event_id": "Ev1"},
        {"type": "event_callback", "event": {"type": ["message"]}, "event_id": {}},
        {"type": "event_callback", "event": {"type": "app_mention", "subtype": []}},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": {}},
        {"type": "block_actions", "actions": [7], "user": {"id": "U1"}},
        {"type": "block_actions", "actions": [{"value": {}}], "team": None, "user": []},
        {"type": "block_actions", "actions": [{"url": "https://a.org"}], "trigger_id": "1"},
        {"type": "view_submission"},
    ],
)
def test_news_that_is_not_for_us_is_acknowledged(slack: Running, data: dict[str, Any]) -> None:
    before = len(slack.api.calls)
    assert deliver(slack.server.url, data)[0] == 200
    assert deliver(slack.server.url, data, form=True)[0] == 200
    assert len(slack.api.calls) == before


def test_a_text_that_cannot_be_read_gets_a_sentence(person: Person) -> None:
    assert person.say("half \ud83d a picture, and \x00 nothing")
    assert "stage" in person.say("what does stage 4 mean?").lower()


def test_a_pause_that_slack_asks_for_is_kept(slack: Running) -> None:
    person = slack.person()
    before = slack.count("again")
    slack.api.faults.append(too_many(seconds=2))
    started = time.monotonic()
    person.say("hello")
    assert time.monotonic() - started >= 2
    assert slack.count("again") == before + 1
    person.say("thanks")
    assert len(person.heard) == 2


@pytest.mark.parametrize(
    "faults",
    [
        [Answer(503), Answer(500, b"<html>", {"Content-Type": "text/html"})],
        [too_many(), error("fatal_error")],
        [error("service_unavailable", 503), error("internal_error")],
        [Answer(200, b"<html>", {"Content-Type": "text/html"}), Answer.of([])],
        [Answer(200, b"{", {"Content-Type": "application/json"}), Answer.of(["ok"])],
        [Answer(200, b"ok", {"Content-Type": "text/plain"}), Answer(502, b"no", {})],
    ],
    ids=["5xx", "429 without a time", "errors", "no answer", "half an answer", "no object"],
)
def test_what_passes_is_tried_again(slack: Running, faults: list[Answer]) -> None:
    person = slack.person()
    refused = slack.count("refused") + slack.count("given_up")
    slack.api.faults.extend(faults)
    person.say("hello")
    person.say("thanks")
    assert len(person.heard) == 2
    assert not slack.api.faults
    assert slack.count("refused") + slack.count("given_up") == refused


@pytest.mark.parametrize("code", ["account_inactive", "channel_not_found", "is_archived"])
def test_what_slack_refuses_is_counted_and_not_sent_again(slack: Running, code: str) -> None:
    person = slack.person()
    before = slack.count("refused")
    slack.api.faults.append(error(code))
    assert person.deliver("what does stage 4 mean?") == 200
    until(lambda: slack.count("refused") == before + 1)
    assert f"slack: a reply could not be sent: {code}" in slack.log
    assert person.user not in slack.log
    person.say("thanks")
    assert len(person.heard) == 1


def test_what_is_said_while_slack_is_down_arrives(slack: Running, knowledge: Knowledge) -> None:
    person = slack.person()
    person.say("hello")
    again = slack.count("again")
    with slack.api.down():
        assert person.deliver("how long have i got") == 200
        assert person.deliver("yes") == 200
        until(lambda: slack.count("again") >= again + 3)
    heard = person.wait(1, parts=2)
    assert knowledge.text("ask_numbers") in heard.split(knowledge.text("numbers_yes"))[0]
    person.say("thanks")
    assert len(person.heard) == 4


def test_quick_messages_are_answered_in_order_and_nobody_waits_for_another(
    slack: Running, knowledge: Knowledge
) -> None:
    slow, other = slack.person(), slack.person()
    slack.api.faults.append(Answer(500, delay=3.0))
    with ThreadPoolExecutor() as pool:
        waits = pool.submit(slow.deliver, "what does stage 4 mean?")
        until(lambda: not slack.api.faults)
        started = time.monotonic()
        other.say("what is pd-1?")
        assert time.monotonic() - started < 2.5
        assert waits.result() == 200
    for text in ("is it catching?", "how long have i got", "yes", "thanks"):
        assert slow.deliver(text) == 200
    until(lambda: len(slow.heard) == 5)
    assert knowledge.text("intro_program") in slow.heard[0].shown
    assert knowledge.text("ask_numbers") in slow.heard[2].shown
    assert knowledge.text("numbers_yes") in slow.heard[3].shown


def test_what_people_write_is_not_logged(slack: Running) -> None:
    person = slack.person()
    person.say("my marker is quixotic zebra")
    assert "quixotic" not in slack.log and person.user not in slack.log


def test_off_there_is_no_webhook(running: Server) -> None:
    for path in ("/webhooks/slack/webhook", "/webhooks/slack/"):
        assert post(running.url + path, b"{}", {})[0] == 404
    assert deliver(running.url, {"type": "url_verification", "challenge": "x"})[0] == 404


def test_a_wrong_token_is_told_at_start(model: Path, tmp_path: Path) -> None:
    api = SlackApi()
    api.start()
    process, server = start_server(tmp_path, **settings(api, token="xoxb-wrong"))
    try:
        some = Running(server, api)
        line = "slack: MESOGUIDE_SLACK_TOKEN is not accepted: invalid_auth"
        until(lambda: line in some.log)
        assert some.log.count(line) == 1
        assert "xoxb-wrong" not in some.log
        assert some.person().deliver("hello") == 200
        until(lambda: some.count("refused") == 1)
    finally:
        process.kill()
        process.wait(timeout=30)
        api.stop()


def test_a_restart_says_again_what_may_not_have_arrived(
    model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    api = SlackApi()  # not yet started: the server starts without it
    process, server = start_server(tmp_path, **settings(api))
    person = Person(api, server.url)
    try:
        until(lambda: "slack: its API could not be reached at start" in server.log.read_text())
        person.deliver("how long have i got", "Ev7")
        process.kill()
        process.wait(timeout=30)
        api.start()
        process, server = start_server(tmp_path, **settings(api))
        person = Person(api, server.url, person.user)
        assert not person.heard
        for retry in (1, 2):  # each signed anew
            assert person.deliver("how long have i got", "Ev7", retry) == 200
        assert knowledge.text("ask_numbers") in person.wait(0)
        # it was heard once: the yes is for the question of then
        assert knowledge.text("numbers_yes") in person.say("yes")
        assert len(person.heard) == 2
        api.faults.append(Answer(503, delay=2.5))  # it is still on its way when the server stops
        assert person.deliver("thanks") == 200
        process.terminate()
        process.wait(timeout=30)
        assert len(person.heard) == 3
    finally:
        process.kill()
        process.wait(timeout=30)
        api.stop()
