"""One conversation with the guide, turn by turn."""

from __future__ import annotations

from dataclasses import dataclass, field

from mesoguide.core.conversation import Guide
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.turn import Turn
from tests.core.walk import responses


@dataclass
class Talk:
    """One conversation, from its first turn."""

    guide: Guide
    memory: Memory = field(default_factory=Memory)

    def takes(self, turn: Turn) -> Reply:
        return responses(self.guide)[turn.intent](turn, self.memory)

    def hears(
        self,
        intent: str,
        text: str = "zzz",
        *,
        also: tuple[str, ...] = (),
        sign: str | None = None,
        watch: str | None = None,
        **entities: str,
    ) -> Reply:
        named = {name: [value] for name, value in entities.items()}
        return self.takes(
            Turn(intent, text=text, entities=named, also=also, sign=sign, watch=watch)
        )

    def presses(self, intent: str, **entities: str) -> Reply:
        return self.hears(intent, text="", **entities)


def payloads(reply: Reply) -> list[str]:
    return [button.payload for button in reply.suggestions]
