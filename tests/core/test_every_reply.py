"""Every reply that can be produced, held against the rules for what may be said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import CORRECTION, Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.models import Region
from mesoguide.core.not_knowing import NEAREST
from mesoguide.core.reply import INTRO, render
from mesoguide.core.turn import Turn
from tests.core.content import ROOT
from tests.core.walk import PERMISSIONS, SUBJECTS, Said

SCHEMA = Path(__file__).parents[1] / "contract" / "reply.schema.json"
OUTDATED = {"C03", "C09", "C10"}
WITH_REMINDER = ("answer", "signpost", "decline")
SIZES = range(1, 7)
LONGEST_TEXT = 1500  # characters
SHORTEST_SAFETY = 60  # words
NUMBER_TO_CALL = re.compile(r"\b(?:\d{3}|\d{3} \d{3})\b")
LINE_TO_CALL = re.compile(r"\b(?:911|999|112|988|116 123)\b")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"])")


@pytest.fixture(scope="module")
def every(every_reply: list[Said]) -> list[Said]:
    return every_reply


def hold(every: Iterable[Said], rule: Callable[[Said], bool]) -> None:
    """All keep the rule; otherwise the failure shows the first that do not."""
    bad = [one for one in every if not rule(one)]
    shown = "\n".join(f"* {one.way}\n{one.plain}" for one in bad[:5])
    assert not bad, f"{len(bad)} replies break the rule:\n{shown}"


def wordings(knowledge: Knowledge, id_: str) -> set[str]:
    return {knowledge.text(id_, subject) for subject in SUBJECTS}


def sentences(text: str) -> int:
    return len(SENTENCE_END.split(text))


def test_the_walk_meets_every_kind_of_reply_and_every_id(
    every: list[Said], knowledge: Knowledge
) -> None:
    types = {one.reply.type for one in every}
    assert types == {"answer", "signpost", "decline", "safety", "fallback", "meta"}
    assert {one.numbers for one in every} == set(PERMISSIONS)
    assert {one.subject for one in every} == set(SUBJECTS)
    said = {id_ for one in every for id_ in (*one.reply.say, *one.reply.quote)}
    for name, answer in knowledge.answers.items():
        openings = [id_ for asked in answer.asked for id_ in asked.say]
        lead = [] if name == "greet" else answer.say
        missed = {*lead, *openings, *answer.quote, *answer.numbers} - said
        if answer.kind != "meta":
            missed |= set(answer.more) - said
        assert not missed, f"{name}: {missed}"


def test_the_walk_meets_second_questions_near_misses_and_every_language(
    every: list[Said], knowledge: Knowledge
) -> None:
    beside = {"also_asked", "also_asked_below"}
    for kind in WITH_REMINDER:
        assert {id_ for one in every if one.reply.type == kind for id_ in one.reply.say} & beside
    said = {id_ for one in every for id_ in one.reply.say}
    lines = {id_ for id_ in knowledge.phrases if id_.startswith("english_only")}
    assert {*beside, *lines} <= said
    assert len(lines) > 1
    offered = [one for one in every if one.reply.say == ("not_understood", "did_you_mean")]
    assert {len(one.data["suggestions"]) for one in offered} == {2, NEAREST + 1}


def test_a_second_question_is_offered_as_the_button_that_a_yes_presses(every: list[Said]) -> None:
    """Beside the question about numbers a yes is for the numbers, and it says so."""
    with_second = [one for one in every if "also_asked" in one.reply.say]
    hold(with_second, lambda one: "or say yes" in one.data["text"])
    hold(with_second, lambda one: one.data["suggestions"][0]["payload"] != f"/{one.reply.topic}")
    below = [one for one in every if "also_asked_below" in one.reply.say]
    hold(below, lambda one: "or say yes" not in one.data["text"])
    hold(below, lambda one: one.data["suggestions"][0]["payload"] == "/affirm")


def test_every_opening_is_reached_by_one_of_its_words(every: list[Said], guide: Guide) -> None:
    answers = guide.knowledge.answers
    found = {
        (one.reply.topic, one.reply.say[:size]) for one in every if one.first for size in SIZES
    }
    missed = [
        f"{name}: {asked.words}"
        for name, answer in answers.items()
        for asked in answer.asked
        if (name, tuple(asked.say)) not in found
    ]
    assert not missed


def test_every_line_of_the_text_is_a_claim_a_fact_or_a_phrase(
    every: list[Said], knowledge: Knowledge
) -> None:
    ids = (*knowledge.claims, *knowledge.facts, *knowledge.phrases)
    sayable = {text for id_ in ids for text in wordings(knowledge, id_)}
    hold(every, lambda one: set(one.data["text"].split("\n")) <= sayable)


def test_every_line_of_the_plain_text_is_accounted_for(
    every: list[Said], knowledge: Knowledge
) -> None:
    def whole(one: Said) -> bool:
        data, text = one.data, knowledge.text
        lines = data["text"].split("\n")
        lines += [f"{text('quote_label')} “{quote['text']}”" for quote in data["quotes"]]
        sourced = [f for f in data["facts"] if knowledge.facts[f["id"]].topic != "help_lines"]
        sources = [f"- {f['publisher']}, {f['dated']}: {f['url']}" for f in sourced]
        if sources and one.reply.type not in ("safety", "fallback"):
            lines += [text("sources_label"), *dict.fromkeys(sources)]
        lines += [data["reminder"]] if data["reminder"] else []
        if data["suggestions"] and not one.rendered.buttons and one.reply.type != "safety":
            titles = "; ".join(button["title"] for button in data["suggestions"])
            lines.append(f"{text('next_label')} {titles}")
        return one.rendered.text.split("\n") == lines

    hold(every, whole)


def test_the_intro_and_the_reminder_are_phrases_for_the_person_asking(
    every: list[Said], knowledge: Knowledge
) -> None:
    def fits(one: Said) -> bool:
        lead = [knowledge.text(id_, one.subject) for id_ in one.reply.lead]
        intro = lead + [knowledge.text(id_, one.subject) for id_ in INTRO]
        reminder = knowledge.text("reminder", one.subject)
        return one.data["intro"] in (lead, intro) and one.data["reminder"] in (None, reminder)

    hold(every, fits)


def test_the_text_is_worded_for_the_person_asking(every: list[Said], knowledge: Knowledge) -> None:
    def fits(one: Said) -> bool:
        return one.data["text"].endswith(
            "\n".join(knowledge.text(id_, one.subject) for id_ in one.reply.say)
        )

    hold(every, fits)


def test_quotes_are_verbatim_from_their_paragraph(every: list[Said]) -> None:
    article = (ROOT / "knowledge" / "article.md").read_text(encoding="utf-8")
    paragraphs = article.split("\n\n")  # the first one is the heading

    def verbatim(one: Said) -> bool:
        return all(q["text"] in paragraphs[q["paragraph"]] for q in one.data["quotes"])

    hold(every, verbatim)


def test_the_claims_that_need_a_correction_are_the_known_ones(knowledge: Knowledge) -> None:
    assert {one.id for one in knowledge.claims.values() if one.needs_correction} == OUTDATED


def test_the_correction_comes_first_wherever_an_outdated_sentence_is_quoted(
    every: list[Said], knowledge: Knowledge
) -> None:
    correction = knowledge.text(CORRECTION)
    outdated = [one for one in every if {q["id"] for q in one.data["quotes"]} & OUTDATED]
    assert outdated
    hold(outdated, lambda one: one.data["text"].startswith(correction))
    hold(outdated, lambda one: one.data["facts"][0]["id"] == CORRECTION)


def test_outdated_sentences_are_never_part_of_the_text_itself(
    every: list[Said], knowledge: Knowledge
) -> None:
    outdated = [knowledge.text(id_) for id_ in OUTDATED]
    hold(every, lambda one: not any(text in one.data["text"] for text in outdated))


def test_survival_figures_are_said_only_after_a_yes(
    every: list[Said], knowledge: Knowledge
) -> None:
    figures = [fact.statement for fact in knowledge.facts.values() if fact.use == "ask_first"]
    with_figures = [one for one in every if any(text in one.plain for text in figures)]
    assert with_figures
    hold(with_figures, lambda one: one.numbers is True)


def test_survival_figures_come_with_what_they_cannot_tell(
    every: list[Said], knowledge: Knowledge
) -> None:
    first = [one for one in every if "numbers_yes" in one.reply.say]
    assert first
    hold(first, lambda one: knowledge.text("prog-stats-limit") in one.data["text"])


def test_the_reminder_stands_once_in_answers_signposts_and_declines_and_nowhere_else(
    every: list[Said], knowledge: Knowledge
) -> None:
    def once_where_due(one: Said) -> bool:
        found = sum(one.plain.split("\n").count(text) for text in reminders)
        due = one.reply.type in WITH_REMINDER
        return found == due and (one.data["reminder"] is not None) == due

    reminders = wordings(knowledge, "reminder")
    hold(every, once_where_due)


def test_safety_replies_are_short_and_begin_with_whom_to_call(
    every: list[Said], knowledge: Knowledge
) -> None:
    safety = [one for one in every if one.reply.type == "safety"]
    assert {one.reply.topic for one in safety} == {
        name for name, answer in knowledge.answers.items() if answer.kind == "safety"
    }
    hold(safety, lambda one: one.rendered.intro is None and not one.data["intro"])
    hold(safety, lambda one: one.data["reminder"] is None)
    hold(safety, lambda one: len(one.plain.split()) < SHORTEST_SAFETY)
    team = knowledge.text("amber_call")

    def call_first(one: Said) -> bool:
        first = one.plain.split("\n")[0]
        return first == team or NUMBER_TO_CALL.search(first) is not None

    hold(safety, call_first)


def test_the_walk_meets_every_sign_and_what_follows_an_alarm(
    every: list[Said], knowledge: Knowledge
) -> None:
    said = {id_ for one in every if one.reply.type == "safety" for id_ in one.reply.say}
    assert {id_ for sign in knowledge.protocol.signs for id_ in sign.facts} <= said
    assert {"after_called", "after_here"} <= said
    leads = {id_ for one in every for id_ in one.reply.lead}
    assert {"after_red", "after_amber", "after_crisis"} <= leads
    assert {"after_helped", "crisis_watch"} <= {id_ for one in every for id_ in one.reply.say}


@pytest.mark.parametrize(
    ("region", "first"), [("us", "911"), ("uk", "999"), ("eu", "112"), ("tr", "112")]
)
def test_a_regions_own_numbers_come_first(knowledge: Knowledge, region: Region, first: str) -> None:
    guide = Guide(replace(knowledge, region=region))
    own_crisis = {"us": "988", "uk": "116 123"}.get(region, "112")
    for sign in knowledge.protocol.signs:
        reply = guide.safety(Turn(sign.intent, sign=sign.name), Memory())
        text = render(guide.knowledge, reply, None, buttons=False).text
        assert len(text.split()) < SHORTEST_SAFETY, text
        calls = LINE_TO_CALL.findall(text)
        assert calls[0] == (own_crisis if sign.intent == "crisis_self_harm" else first), text
    intro = render(guide.knowledge, guide.topic(Turn("surgery"), Memory()), None, buttons=False)
    assert intro.intro is not None
    assert NUMBER_TO_CALL.findall(intro.intro)[0] == first


def test_the_data_keeps_the_schema(every: list[Said]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    seen = {json.dumps(one.data, sort_keys=True): one for one in every}
    hold(seen.values(), lambda one: validator.is_valid(one.data))


def test_the_plain_text_is_short_and_shows_nothing_raw(every: list[Said]) -> None:
    payload = re.compile(r"(?<![\w/:.])/[a-z_]+")
    hold(every, lambda one: len(one.plain) <= LONGEST_TEXT)
    hold(every, lambda one: all(line.strip() for line in one.plain.split("\n")))
    hold(every, lambda one: not payload.search(one.plain))
    hold(every, lambda one: "{" not in one.plain and "None" not in one.plain)


def test_notes_for_editors_are_never_shown(every: list[Said], knowledge: Knowledge) -> None:
    notes = [fact.editor_note for fact in knowledge.facts.values() if fact.editor_note]
    notes += [claim.note for claim in knowledge.claims.values() if claim.note]
    shown = {json.dumps(one.data, ensure_ascii=False) + one.plain for one in every}
    bad = [note for note in notes if any(note in text for text in shown)]
    assert notes
    assert not bad


def test_buttons_are_few_and_lead_to_topics(every: list[Said], knowledge: Knowledge) -> None:
    payload = re.compile(r'/(\w+)(\{"person": "(self|other)"\})?')
    title = knowledge.text("button_something_else")
    something_else = {"title": title, "payload": "/capabilities"}

    def leads_on(one: Said) -> bool:
        found = [payload.fullmatch(button["payload"]) for button in one.rendered.buttons]
        return all(match and match[1] in knowledge.answers for match in found)

    hold(every, lambda one: len(one.rendered.buttons) <= 3)
    hold(every, leads_on)
    hold(every, lambda one: one.rendered.buttons in ([], one.data["suggestions"][:3]))
    cut = [one for one in every if len(one.data["suggestions"]) > 3]
    hold(cut, lambda one: one.reply.type == "fallback")
    hold(cut, lambda one: one.data["suggestions"][3:] == [something_else])


def test_first_answers_are_two_to_four_sentences_of_facts(
    every: list[Said], knowledge: Knowledge
) -> None:
    def length(one: Said) -> int:
        return sum(sentences(fact["text"]) for fact in one.data["facts"])

    answers = [one for one in every if one.first and one.reply.type == "answer"]
    signposts = [one for one in every if one.first and one.reply.type == "signpost"]
    assert answers
    assert signposts
    own = [one for one in answers if not {"numbers_yes", "list_empty"} & set(one.reply.say)]
    hold(own, lambda one: 2 <= length(one) <= 4)
    hold(signposts, lambda one: 1 <= length(one) <= 6)


def test_telephone_numbers_in_phrases_stand_in_checked_facts(knowledge: Knowledge) -> None:
    checked = " ".join(
        fact.statement for fact in knowledge.facts.values() if fact.use in ("emergency", "crisis")
    )
    said = " ".join(text for id_ in knowledge.phrases for text in wordings(knowledge, id_))
    numbers = set(NUMBER_TO_CALL.findall(said))
    assert {"911", "999", "112"} <= numbers
    assert numbers <= set(NUMBER_TO_CALL.findall(checked))
