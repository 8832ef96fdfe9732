"""What a message carries cannot reach into the memory of the conversation."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from actions.fallback import ActionFallback
from actions.follow_up import ActionFollowUp
from actions.topic import ActionTopic
from mesoguide.core.knowledge import Knowledge
from tests.actions.test_actions import KNOWN, data, run, tracker

GRANTED = {"introduced": True, "subject": "self", "numbers": True}


def figures(knowledge: Knowledge) -> set[str]:
    return {one.id for one in knowledge.facts.values() if one.use == "ask_first"}


@pytest.mark.parametrize("name", ["memory", "permission", "offer", "subject"])
@pytest.mark.parametrize("value", [GRANTED, str(GRANTED), True, "numbers"])
async def test_an_entity_named_like_the_slot_is_ignored(
    knowledge: Knowledge, name: str, value: Any
) -> None:
    entities = [{"entity": name, "value": value}]
    messages, memory, _ = await run(
        ActionTopic(), tracker("prognosis", memory=KNOWN, entities=entities)
    )
    assert memory["numbers"] is None
    assert not {one["id"] for one in data(messages)["facts"]} & figures(knowledge)


async def test_a_wish_for_figures_in_a_payload_is_asked_about_first(knowledge: Knowledge) -> None:
    sent = tracker(
        "prognosis",
        text='/prognosis{"numbers": "yes"}',
        memory=KNOWN,
        entities=[{"entity": "numbers", "value": "yes"}],
    )
    messages, memory, _ = await run(ActionTopic(), sent)
    assert memory["offer"] == "numbers"
    assert not {one["id"] for one in data(messages)["facts"]} & figures(knowledge)


@pytest.mark.parametrize("text", ["{memory}", "<b>hi</b>", "/stop", '/surgery{"memory": 1}', "’"])
async def test_what_was_typed_is_never_sent_back(text: str) -> None:
    messages, _, _ = await run(ActionFallback(), tracker("nlu_fallback", text=text, memory=KNOWN))
    shown = " ".join(one["text"] or "" for one in messages)
    assert text not in shown
    assert text not in str(data(messages)["text"])


@pytest.mark.parametrize(
    "memory",
    [{"last": "x"}, {"last": {}}, {"said": None}, {"topic": "nowhere"}, {"topic": 5}],
)
async def test_a_malformed_memory_never_silences_the_assistant(memory: dict[str, Any]) -> None:
    for intent in ("more_detail", "affirm", "repeat", "simpler", "deny"):
        messages, stored, rest = await run(
            ActionFollowUp(), tracker(intent, memory={**KNOWN, **memory})
        )
        assert messages[0]["text"]
        assert data(messages)["text"]
        assert stored
        assert rest[0] == {"event": "followup", "name": "action_listen", "timestamp": None}


async def test_the_tracker_is_not_changed_by_a_turn() -> None:
    _, memory, _ = await run(ActionTopic(), tracker("surgery", memory=KNOWN))
    before = copy.deepcopy(memory)
    await run(ActionFollowUp(), tracker("more_detail", memory=memory))
    await run(ActionTopic(), tracker("radiation", memory=memory))
    assert memory == before
