"""The signs of danger, as they are read from knowledge/safety.yml."""

from __future__ import annotations

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.protocol import LEVELS


def test_a_sign_is_as_urgent_as_its_intent(knowledge: Knowledge) -> None:
    assert {sign.level for sign in knowledge.protocol.signs} == set(LEVELS.values())
    assert all(sign.level == LEVELS[sign.intent] for sign in knowledge.protocol.signs)


def test_a_sign_is_told_from_others_by_its_name(knowledge: Knowledge) -> None:
    signs = knowledge.protocol.signs
    assert len({*signs, *signs}) == len(signs)
    assert {hash(sign) for sign in signs} == {hash(sign.name) for sign in signs}
