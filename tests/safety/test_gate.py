"""The signs of the protocol: found in the words people use, and told apart from mere mentions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge, load
from mesoguide.core.protocol import LEVELS, Sign
from mesoguide.safety.check import check_signs
from mesoguide.safety.gate import SafetyGate

MEDIAN = 0.005  # seconds per message
PROTOCOL = load(paths.knowledge()).protocol
GRAVE = [text for sign in PROTOCOL.signs if sign.level in ("red", "crisis") for text in sign.alarms]
HARMLESS = (
    "what are the side effects of keytruda?",
    "Thank you, that was kind.",
    "My dad was diagnosed last year.",
    "No fever and no cough.",
    "What if I get a rash?",
    "how often is opdivo given",
    "He used to work in the shipyard.",
    "I read about chest pain in the leaflet.",
    "can he have radiation?",
    "It cleared up after a week.",
    "sorry to bother you",
    "We had a lovely weekend by the sea!",
)


def intents(gate: SafetyGate, text: str) -> list[str]:
    return [sign.intent for sign in gate.read(text).alarms]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("my husband can't breathe", "emergency"),
        ("What are the options? He has chest pain right now.", "emergency"),
        ("She passed out and her lips are blue", "emergency"),
        ("dad is coughing up blood", "emergency"),
        ("CANT BREATHE HELP", "emergency"),
        ("he can’t catch his breath", "emergency"),
        ("HECANTBREATHE", "emergency"),
        ("hes havin chst pian in his left arm", "emergency"),
        ("his breathing has stopped", "emergency"),
        ("I want to die", "crisis_self_harm"),
        ("thinking about suicide", "crisis_self_harm"),
        ("i am scared she will kill herself", "crisis_other_person"),
        ("running a fever of 39", "urgent_symptom"),
        ("38 point 5 this morning", "urgent_symptom"),
        ("her temp is a hundred and one", "urgent_symptom"),
        ("temperature one oh two point four", "urgent_symptom"),
        ("on the loo 6 times today", "urgent_symptom"),
        ("his eyes are yellow", "urgent_symptom"),
        ("pee like coca cola", "urgent_symptom"),
        ("my legs have gone to jelly", "urgent_symptom"),
        ("no fever but his poo is black", "urgent_symptom"),
    ],
)
def test_reported_danger_alarms(gate: SafetyGate, text: str, intent: str) -> None:
    assert intents(gate, text)[0] == intent


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("can opdivo cause chest pain?", "asked"),
        ("is chest pain a symptom of this?", "asked"),
        ("no chest pain, just tired", "denied"),
        ("no fever, chills or chest pain", "denied"),
        ("he hasn't had any seizures", "denied"),
        ("radiation to the chest wall for pain", "harmless phrase"),
        ("what do i do if he has chest pain", "supposed"),
        ("he had chest pain back in 2019", "past"),
        ("my grandfather died of a heart attack", "told"),
        ("his lips were blue but it cleared up", "over"),
    ],
)
def test_mentions_do_not_alarm_and_are_near_misses(gate: SafetyGate, text: str, why: str) -> None:
    found = gate.read(text)
    assert not found.alarms
    assert why in {one.why for one in found.near_misses}


@pytest.mark.parametrize(
    "text",
    [
        "what does stage 4 mean",
        "this waiting is killing me",
        "i am dying to know the results",
        "temp 36.8, all fine",
        "survival was 18.1 months and 38% lived a year",
        "he is 39 years old",
        "does the yellow card come from the nurse",
        "i don't want to die",
        "is he dying?",
        "am i fit enough for surgery",
    ],
)
def test_what_only_sounds_like_danger_does_not_alarm(gate: SafetyGate, text: str) -> None:
    assert not gate.read(text).alarms


def test_a_stable_symptom_in_a_question_is_a_near_miss(gate: SafetyGate) -> None:
    text = "my chest pain is the same as always, is radiation an option?"
    assert "stable" in {one.why for one in gate.read(text).near_misses}


def test_the_most_urgent_sign_comes_first(gate: SafetyGate) -> None:
    found = intents(gate, "Her temperature is 39. I want to die. She can't breathe.")
    order = list(LEVELS)
    assert found == sorted(found, key=order.index)
    assert {"emergency", "crisis_self_harm", "urgent_symptom"} <= set(found)


@pytest.mark.parametrize("text", ["", "   ", "\n", "?!", "😱😱", "a" * 5000, "1" * 400, "́"])
def test_odd_text_is_read_without_an_alarm(gate: SafetyGate, text: str) -> None:
    assert not gate.read(text).alarms


@settings(max_examples=300, deadline=None)
@given(
    grave=st.sampled_from(GRAVE),
    before=st.lists(st.sampled_from(HARMLESS), max_size=3),
    after=st.lists(st.sampled_from(HARMLESS), max_size=3),
    joint=st.sampled_from([". ", "\n", "! ", "; "]),
)
def test_harmless_text_around_it_never_silences_a_grave_sign(
    gate: SafetyGate, grave: str, before: list[str], after: list[str], joint: str
) -> None:
    text = joint.join([*before, grave, *after])
    assert set(intents(gate, grave)) & set(intents(gate, text))


@settings(max_examples=200, deadline=None)
@given(grave=st.sampled_from(GRAVE), words=st.text(max_size=80))
def test_no_text_in_another_line_silences_a_grave_sign(
    gate: SafetyGate, grave: str, words: str
) -> None:
    assert intents(gate, f"{words}\n{grave}")
    assert intents(gate, f"{grave}\n{words}")


def test_the_signs_do_what_their_own_messages_say(knowledge: Knowledge) -> None:
    assert list(check_signs(paths.knowledge() / "safety.yml", knowledge.protocol)) == []


def test_a_new_sign_needs_no_code(knowledge: Knowledge) -> None:
    sign = Sign(
        name="hiccups",
        intent="urgent_symptom",
        facts=["se-call"],
        words=["hiccup* .. all night"],
        alarms=["the hiccups went on all night", "hiccups all night"],
        calm=["are hiccups common?"],
    )
    wider = knowledge.protocol.copy(update={"signs": [*knowledge.protocol.signs, sign]})
    gate = SafetyGate(wider)
    assert sign in gate.read("he had hiccups all night").alarms
    assert list(check_signs(paths.knowledge() / "safety.yml", wider)) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"alarms": ["the hiccups went on all night", "nothing of the kind"]}, "does not alarm"),
        ({"calm": ["hiccups all night"]}, "which is harmless"),
        ({"words": ["HICCUPS .. all night"]}, "There is no idea HICCUPS"),
    ],
)
def test_check_refuses_a_sign_that_does_not_do_what_it_says(
    knowledge: Knowledge, change: dict[str, list[str]], what: str
) -> None:
    texts = {
        "words": ["hiccup* .. all night"],
        "alarms": ["hiccups all night", "the hiccups go on all night"],
        "calm": ["are hiccups common?"],
    }
    sign = Sign(name="x", intent="urgent_symptom", facts=["se-call"], **{**texts, **change})
    wider = knowledge.protocol.copy(update={"signs": [*knowledge.protocol.signs, sign]})
    problems = list(check_signs(paths.knowledge() / "safety.yml", wider))
    assert len(problems) == 1
    assert what in problems[0].what


def test_the_gate_costs_little(gate: SafetyGate) -> None:
    rows = (paths.ROOT / "tests" / "safety" / "kept_aside.tsv").read_text(encoding="utf-8")
    texts = [row.split("\t")[2] for row in rows.splitlines()[1:301]]
    spent = []
    for text in texts:
        before = time.process_time()
        gate.read(text)
        spent.append(time.process_time() - before)
    assert sorted(spent)[len(spent) // 2] <= MEDIAN


@pytest.mark.parametrize(
    "text",
    [
        "hello, what are the options, my dad can't breathe and his lips are blue",
        "how often is opdivo given, and my dad cannot breathe",
        "what does stage 4 mean, i cant breathe",
    ],
)
def test_a_question_before_a_comma_does_not_hide_what_somebody_reports(
    gate: SafetyGate, text: str
) -> None:
    assert "trouble breathing" in {one.name for one in gate.read(text).alarms}
