"""What is said to a message that was not understood, and when the assistant itself fails."""

from __future__ import annotations

import pytest

from mesoguide.core.conversation import Guide
from mesoguide.core.memory import Memory
from mesoguide.core.not_knowing import HELP_LINES, failure_reply
from mesoguide.core.reply import render
from mesoguide.core.turn import SHORT, Turn
from tests.core.talk import Talk, payloads

NEAR = ("greet", "surgery", "prognosis", "radiation", "chemotherapy")


def missed(*nearest: str, close: bool = False) -> Turn:
    return Turn("nlu_fallback", "zzz", nearest=("nlu_fallback", *nearest), close=close)


def test_a_miss_offers_the_two_nearest_topics_and_people(later: Talk) -> None:
    reply = later.takes(missed(*NEAR))
    assert reply.say == ("not_understood", "did_you_mean", *HELP_LINES)
    assert payloads(reply) == ["/surgery", "/prognosis", "/capabilities"]


def test_a_near_miss_asks_which_of_the_three_nearest_topics_was_meant(later: Talk) -> None:
    reply = later.takes(missed(*NEAR, close=True))
    assert reply.type == "fallback"
    assert reply.say == ("not_understood", "did_you_mean")
    assert payloads(reply) == ["/surgery", "/prognosis", "/radiation", "/capabilities"]


def test_a_near_miss_offers_no_more_than_there_is(later: Talk) -> None:
    reply = later.takes(missed("thank", "surgery", "emergency", "nosuch", close=True))
    assert payloads(reply) == ["/surgery", "/capabilities"]


def test_questions_about_the_assistant_are_offered_but_no_small_talk(later: Talk) -> None:
    reply = later.takes(missed("greet", "privacy", "capabilities", "human_handoff"))
    assert payloads(reply) == ["/privacy", "/human_handoff", "/capabilities"]


@pytest.mark.parametrize("close", [True, False])
@pytest.mark.parametrize("nearest", [(), ("greet", "emergency", "out_of_scope", "nosuch")])
def test_a_miss_with_no_topic_near_offers_people(
    later: Talk, nearest: tuple[str, ...], close: bool
) -> None:
    reply = later.takes(missed(*nearest, close=close))
    assert reply.say == ("not_understood", *HELP_LINES)
    assert payloads(reply) == ["/capabilities"]


@pytest.mark.parametrize("close", [True, False])
def test_a_second_miss_does_not_guess(later: Talk, close: bool) -> None:
    later.takes(missed(*NEAR, close=True))
    reply = later.takes(missed(*NEAR, close=close))
    assert reply.say[0] == "not_understood_again"
    assert "/surgery" not in payloads(reply)


def test_misses_are_counted_in_a_row(later: Talk) -> None:
    later.takes(missed(*NEAR))
    later.hears("surgery")
    assert later.takes(missed(*NEAR)).say[0] == "not_understood"


def test_a_miss_lets_an_open_question_go(later: Talk) -> None:
    later.hears("prognosis")
    later.takes(missed(*NEAR, close=True))
    assert later.presses("affirm").say[0] == "yes_to_what"
    assert later.memory.numbers is None


# --- messages of a few words


@pytest.mark.parametrize(
    ("text", "entity", "value", "topic"),
    [
        ("the belly kind", "place", "peritoneal", "peritoneal_mesothelioma"),
        ("and chemo?", "treatment", "chemotherapy", "chemotherapy"),
        ("what about stage 3", "stage", "3", "staging_system"),
        ("stage 4 then", "stage", "4", "stage_4_meaning"),
        ("immuno", "treatment", "immunotherapy", "checkpoint_inhibitors_explained"),
    ],
)
def test_a_bare_word_that_names_a_topic_opens_it(
    later: Talk, text: str, entity: str, value: str, topic: str
) -> None:
    assert later.hears("nlu_fallback", text=text, **{entity: value}).topic == topic
    assert later.memory.misses == 0


def test_a_word_in_a_long_message_names_no_topic(later: Talk) -> None:
    text = "he said it in my belly of all places"
    assert later.hears("nlu_fallback", text=text, place="peritoneal").type == "fallback"


def test_a_value_without_a_topic_names_none(later: Talk) -> None:
    reply = later.hears("nlu_fallback", text="the testicular one", place="testicular")
    assert reply.type == "fallback"


def test_asking_the_same_for_somebody_else_opens_the_last_topic_again(later: Talk) -> None:
    first = later.hears("radiation")
    again = later.hears("nlu_fallback", text="for my husband too?", person="other")
    assert (again.type, again.topic, again.say) == (first.type, "radiation", first.say)


def test_asking_for_somebody_else_before_any_topic_is_a_miss(later: Talk) -> None:
    assert later.hears("nlu_fallback", text="for my husband?", person="other").type == "fallback"


def test_somebody_named_in_a_long_message_leans_on_nothing(later: Talk) -> None:
    later.hears("radiation")
    text = "my husband " + "z " * SHORT
    assert later.hears("nlu_fallback", text=text, person="other").type == "fallback"


def test_a_word_that_names_a_topic_counts_more_than_who_is_named(later: Talk) -> None:
    later.hears("radiation")
    reply = later.hears(
        "nlu_fallback", text="chemo for my dad", treatment="chemotherapy", person="other"
    )
    assert reply.topic == "chemotherapy"


# --- failing


def test_failing_is_not_the_same_as_not_understanding(guide: Guide) -> None:
    rendered = render(guide.knowledge, failure_reply(), None, buttons=True)
    assert rendered.text.split("\n") == [
        guide.knowledge.text("failed"),
        guide.knowledge.text("numbers_short"),
    ]


def test_a_first_message_that_was_not_understood_is_introduced(guide: Guide) -> None:
    assert Talk(guide, Memory()).takes(missed(*NEAR, close=True)).intro
