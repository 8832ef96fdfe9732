"""Survival figures: only after a yes, remembered, and changeable."""

from __future__ import annotations

import pytest

from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import LIMIT
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply, corrected
from mesoguide.core.topics import numbers_reply
from mesoguide.core.turn import Turn


def told() -> Memory:
    return Memory(introduced=True, subject="self")


def test_numbers_without_a_yes_are_refused(guide: Guide) -> None:
    for answer in (None, False):
        with pytest.raises(ValueError, match="only after a yes"):
            numbers_reply(guide.knowledge, "prognosis", Memory(numbers=answer))


def test_the_outlook_is_answered_without_figures_and_they_are_offered(guide: Guide) -> None:
    memory = told()
    reply = guide.topic(Turn("prognosis", "how long"), memory)
    assert reply.say[-1] == "ask_numbers"
    assert not any(guide.knowledge.needs_yes(id_) for id_ in reply.say)
    assert [button.payload for button in reply.suggestions[:2]] == ["/affirm", "/deny"]


def test_a_yes_brings_them_with_what_they_cannot_tell(guide: Guide) -> None:
    memory = told()
    guide.topic(Turn("prognosis"), memory)
    reply = guide.follow_up(Turn("affirm"), memory)
    assert reply.say[:2] == ("numbers_yes", LIMIT)
    assert any(guide.knowledge.needs_yes(id_) for id_ in reply.say)


def test_a_no_holds_until_the_mind_is_changed(guide: Guide) -> None:
    memory = told()
    guide.topic(Turn("prognosis"), memory)
    guide.follow_up(Turn("deny"), memory)
    assert guide.topic(Turn("prognosis"), memory).say[-1] == "numbers_kept_back"
    guide.topic(Turn("surgery"), memory)
    reply = guide.follow_up(Turn("affirm", "changed my mind", {"numbers": ["changed"]}), memory)
    assert (reply.topic, memory.numbers) == ("prognosis", True)


def test_a_yes_on_one_topic_counts_on_the_next_and_can_be_taken_back(guide: Guide) -> None:
    memory = told()
    memory.numbers = True
    guide.topic(Turn("surgery"), memory)
    said: list[str] = []
    while "no_more" not in said:
        said += guide.follow_up(Turn("more_detail"), memory).say
    assert said.index(LIMIT) < said.index("surgery-mars2")
    guide.fallback(Turn("nlu_fallback", "no more numbers", {"numbers": ["no"]}), memory)
    assert memory.numbers is False


def test_a_topic_with_a_single_figure_offers_it_last(guide: Guide) -> None:
    memory = told()
    guide.topic(Turn("surgery"), memory)
    reply = guide.follow_up(Turn("more_detail"), memory)
    while memory.offer is None:
        reply = guide.follow_up(Turn("more_detail"), memory)
    assert reply.say[-1] == "ask_numbers"
    reply = guide.follow_up(Turn("affirm"), memory)
    assert reply.say == ("numbers_yes", LIMIT, "surgery-mars2")
    assert "/more_detail" not in [button.payload for button in reply.suggestions]


def test_the_offer_lapses_when_something_else_is_asked(guide: Guide) -> None:
    memory = told()
    guide.topic(Turn("prognosis"), memory)
    guide.topic(Turn("radiation"), memory)
    guide.follow_up(Turn("affirm"), memory)
    assert memory.numbers is None


def test_a_reply_says_something(guide: Guide) -> None:
    with pytest.raises(ValueError, match="must say something"):
        Reply("meta", "greet", ())


def test_an_outdated_quote_never_stands_uncorrected(guide: Guide) -> None:
    reply = Reply("answer", "chemotherapy", ("chemo-drugs",), ("C10",), reminder=True)
    assert corrected(guide.knowledge, reply).say[0] == "main-correction"
