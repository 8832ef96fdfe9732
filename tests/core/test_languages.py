"""The one line for a message in another language."""

from __future__ import annotations

import pytest

from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.languages import LINE, TOPIC
from mesoguide.core.turn import Turn
from tests.core.talk import Talk, payloads

OWN = ("tr", "es", "de", "fr")


def test_the_four_languages_have_a_line_of_their_own(knowledge: Knowledge) -> None:
    lines = {id_ for id_ in knowledge.phrases if id_.startswith(f"{LINE}_")}
    assert lines == {f"{LINE}_{code}" for code in OWN}
    assert len({knowledge.text(id_) for id_ in lines}) == len(OWN)


@pytest.mark.parametrize("code", OWN)
def test_each_is_answered_in_its_own_line_with_numbers_to_call(later: Talk, code: str) -> None:
    reply = later.hears(TOPIC, language=code)
    assert (reply.type, reply.topic, reply.say) == ("meta", TOPIC, (f"{LINE}_{code}",))
    said = later.guide.knowledge.text(reply.say[0])
    assert "112" in said
    assert "911" in said
    assert payloads(reply)


@pytest.mark.parametrize("code", ["it", "other", "en", "", "TR"])
def test_every_other_language_is_answered_in_english(later: Talk, code: str) -> None:
    reply = later.hears(TOPIC, language=code)
    assert reply.say == tuple(later.guide.knowledge.answers[TOPIC].say)
    assert LINE in reply.say


def test_without_a_language_it_is_answered_in_english(later: Talk) -> None:
    assert LINE in later.presses(TOPIC).say


def test_the_line_comes_before_any_introduction(talk: Talk) -> None:
    assert not talk.hears(TOPIC, language="de").intro
    assert talk.hears("surgery").intro


def test_the_last_topic_is_kept(later: Talk) -> None:
    later.hears("surgery")
    later.hears(TOPIC, language="fr")
    assert later.presses("more_detail").topic == "surgery"


def test_the_line_can_be_said_again(guide: Guide) -> None:
    talk = Talk(guide)
    first = talk.takes(Turn(TOPIC, "zzz", {"language": ["es"]}))
    assert talk.presses("repeat").say == first.say
