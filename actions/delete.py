"""The action for forgetting the conversation, which is asked first."""

from __future__ import annotations

from actions.turns import ReplyAction, guide
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.turn import Turn


class ActionDelete(ReplyAction):
    """See the module."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_delete"

    def reply(self, turn: Turn, memory: Memory) -> Reply:
        """See ReplyAction.reply."""
        return guide().delete(turn, memory)
