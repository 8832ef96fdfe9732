"""Two questions in one message: one is answered, the other offered; a yes answers it."""

from __future__ import annotations

import pytest

from mesoguide.core.conversation import Guide
from mesoguide.core.memory import Memory
from mesoguide.core.topics import BUTTONS
from mesoguide.core.turn import Turn
from tests.core.talk import Talk, payloads


def asked(intent: str, *also: str) -> Turn:
    return Turn(intent, "zzz", also=also)


def test_the_other_question_is_offered_first_and_once(later: Talk) -> None:
    alone = Talk(later.guide, Memory(introduced=True, subject="self")).hears("surgery")
    reply = later.takes(asked("surgery", "radiation"))
    assert reply.topic == "surgery"
    assert reply.say == (*alone.say, "also_asked")
    assert payloads(reply)[0] == "/radiation"
    assert len(set(payloads(reply))) == len(payloads(reply)) <= BUTTONS
    assert set(payloads(reply)[1:]) <= set(payloads(alone))


def test_a_topic_that_would_come_next_anyhow_is_not_offered_twice(later: Talk) -> None:
    first = payloads(later.hears("surgery"))
    second = later.takes(asked("surgery", first[1].removeprefix("/")))
    assert payloads(second) == [first[1], first[0], first[2]]


def test_a_yes_answers_the_other_question(later: Talk) -> None:
    later.takes(asked("surgery", "radiation"))
    answered = later.presses("affirm")
    assert (answered.type, answered.topic) == ("answer", "radiation")
    assert answered.say == tuple(later.guide.knowledge.answers["radiation"].say)
    assert later.memory.topic == "radiation"
    assert later.memory.offer is None


def test_a_second_yes_says_more_of_it(later: Talk) -> None:
    later.takes(asked("surgery", "radiation"))
    later.presses("affirm")
    assert later.presses("affirm").topic == "radiation"


def test_a_no_leaves_the_other_question(later: Talk) -> None:
    later.takes(asked("surgery", "radiation"))
    assert later.presses("deny").say[0] == "no_problem"
    assert later.memory.offer is None
    assert later.memory.topic == "surgery"


def test_another_topic_lets_the_other_question_go(later: Talk) -> None:
    later.takes(asked("surgery", "radiation"))
    later.hears("chemotherapy")
    assert later.presses("affirm").topic == "chemotherapy"


def test_saying_it_again_keeps_the_other_question_open(later: Talk) -> None:
    first = later.takes(asked("surgery", "radiation"))
    assert later.presses("repeat").say == first.say
    assert later.presses("affirm").topic == "radiation"


def test_only_the_surest_other_question_is_offered(later: Talk) -> None:
    reply = later.takes(asked("daily_life", "radiation", "new_research"))
    assert payloads(reply)[0] == "/radiation"
    assert "/new_research" not in payloads(reply)


@pytest.mark.parametrize(
    "also", [(), ("surgery",), ("greet", "thank"), ("emergency",), ("nosuch",), ("out_of_scope",)]
)
def test_what_is_no_other_topic_is_not_offered(later: Talk, also: tuple[str, ...]) -> None:
    reply = later.takes(asked("surgery", *also))
    assert "also_asked" not in reply.say
    assert later.memory.offer is None


def test_what_is_no_topic_does_not_hide_the_other_question(later: Talk) -> None:
    reply = later.takes(asked("surgery", "greet", "surgery", "radiation"))
    assert payloads(reply)[0] == "/radiation"


@pytest.mark.parametrize("intent", ["greet", "out_of_scope", "emergency", "non_english"])
def test_beside_what_is_no_answer_nothing_is_offered(later: Talk, intent: str) -> None:
    reply = later.takes(asked(intent, "radiation"))
    assert not {"also_asked", "also_asked_below"} & set(reply.say)
    assert later.memory.offer is None


def test_a_yes_belongs_to_the_question_about_numbers_where_that_is_asked(later: Talk) -> None:
    reply = later.takes(asked("prognosis", "radiation"))
    assert reply.say[-2:] == ("ask_numbers", "also_asked_below")
    assert payloads(reply) == ["/affirm", "/deny", "/radiation"]
    assert later.memory.offer == "numbers"
    assert "prog-m1" in later.presses("affirm").say


def test_the_other_question_may_lead_to_the_question_about_numbers(later: Talk) -> None:
    later.takes(asked("surgery", "prognosis"))
    assert later.presses("affirm").say[-1] == "ask_numbers"
    assert later.memory.numbers is None
    assert "prog-m1" in later.presses("affirm").say


def test_it_is_not_asked_for_whom_beside_the_other_question(guide: Guide) -> None:
    talk = Talk(guide, Memory(introduced=True))
    assert "ask_subject" not in talk.takes(asked("surgery", "radiation")).say
    assert not talk.memory.subject_asked


def test_a_first_message_with_two_questions_is_introduced(talk: Talk) -> None:
    reply = talk.takes(asked("surgery", "radiation"))
    assert reply.intro
    assert reply.say[-1] == "also_asked"


def test_a_word_that_opens_a_topic_offers_the_other_question_too(later: Talk) -> None:
    turn = Turn("nlu_fallback", "and chemo?", {"treatment": ["chemotherapy"]}, also=("radiation",))
    assert later.takes(turn).topic == "chemotherapy"
    assert later.presses("affirm").topic == "radiation"
