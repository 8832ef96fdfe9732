"""Forgetting a conversation, after asking. The store deletes it when the turn is over."""

from __future__ import annotations

from dataclasses import fields

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.topics import yes_no
from mesoguide.core.turn import Turn


def ask_to_forget(knowledge: Knowledge, _turn: Turn, memory: Memory) -> Reply:
    """Ask whether the conversation shall be forgotten. Changes `memory`."""
    memory.offer = "delete"
    say = tuple(knowledge.answers["delete_my_data"].say)
    return Reply("meta", "delete_my_data", say, suggestions=yes_no(knowledge))


def forget(memory: Memory) -> Reply:
    """Empty `memory` in place, have the conversation deleted when the turn is over, and say so."""
    fresh = Memory(introduced=True, forgotten=True)
    for item in fields(Memory):
        setattr(memory, item.name, getattr(fresh, item.name))
    return Reply("meta", "delete_my_data", ("delete_done", "delete_copies"))


def not_deleted_reply() -> Reply:
    """What is said when the conversation could not be deleted, after `forget`."""
    return Reply("meta", "delete_my_data", ("delete_failed", "numbers_short"))
