"""Forgetting a conversation, after asking. The store deletes it when the turn is over."""

from __future__ import annotations

from dataclasses import fields

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.topics import yes_no
from mesoguide.core.turn import Turn

TOPIC = "delete_my_data"
OFFER = "delete"  # the question that is open


def is_about_forgetting(turn: Turn, memory: Memory) -> bool:
    """Whether the conversation is to be forgotten, or the question whether is answered."""
    return turn.intent == TOPIC or (memory.offer == OFFER and turn.intent in ("affirm", "deny"))


def ask_to_forget(knowledge: Knowledge, _turn: Turn, memory: Memory) -> Reply:
    """Ask whether the conversation shall be forgotten. Changes `memory`."""
    memory.offer = OFFER
    say = tuple(knowledge.answers[TOPIC].say)
    return Reply("meta", TOPIC, say, suggestions=yes_no(knowledge))


def forget(memory: Memory) -> Reply:
    """Empty `memory` in place, have the conversation deleted when the turn is over, and say so."""
    fresh = Memory(introduced=True, forgotten=True)
    for item in fields(Memory):
        setattr(memory, item.name, getattr(fresh, item.name))
    return Reply("meta", TOPIC, ("delete_done", "delete_copies"))


def not_deleted_reply() -> Reply:
    """What is said when the conversation could not be deleted, after `forget`."""
    return Reply("meta", TOPIC, ("delete_failed", "numbers_short"))
