"""The action for the number to call."""

from __future__ import annotations

from actions.turns import ReplyAction, guide
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.turn import Turn


class ActionSafety(ReplyAction):
    """See the module."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_safety"

    def reply(self, turn: Turn, memory: Memory) -> Reply:
        """See ReplyAction.reply."""
        return guide().safety(turn, memory)
