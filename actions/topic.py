"""The action for any topic that needs no more than its entry in knowledge/answers.yml."""

from __future__ import annotations

from actions.turns import ReplyAction, guide
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.turn import Turn


class ActionTopic(ReplyAction):
    """See the module."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_topic"

    def reply(self, turn: Turn, memory: Memory) -> Reply:
        """See ReplyAction.reply."""
        return guide().topic(turn, memory)
