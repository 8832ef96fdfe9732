"""The action for a message that was not understood."""

from __future__ import annotations

from actions.turns import ReplyAction, guide
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.turn import Turn


class ActionFallback(ReplyAction):
    """See the module."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_fallback"

    def reply(self, turn: Turn, memory: Memory) -> Reply:
        """See ReplyAction.reply."""
        return guide().fallback(turn, memory)
