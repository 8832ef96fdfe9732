"""The trained model, and the replies to what it understands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from rasa.core.agent import Agent
from rasa_sdk import Tracker

from actions.turns import turn_of
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.scoring import Judged, Row, judge
from tests.core.walk import Respond


@dataclass
class Reader:
    """Reads messages with the trained model, each of them once."""

    agent: Agent
    respond: dict[str, Respond]
    read: dict[str, dict[str, Any]] = field(default_factory=dict)

    def parse(self, text: str) -> dict[str, Any]:
        if text not in self.read:
            self.read[text] = dict(asyncio.run(self.agent.parse_message(text)))
        return self.read[text]

    def intent(self, text: str) -> str:
        return str(self.parse(text)["intent"]["name"])

    def entities(self, text: str) -> set[tuple[str, str]]:
        return {(one["entity"], one["value"]) for one in self.parse(text)["entities"]}

    def judge(self, row: Row, text: str = "") -> Judged:
        """What becomes of a row, or of its message in another spelling."""
        parsed = self.parse(text or row.text)
        ranked = [one["name"] for one in parsed["intent_ranking"]]
        intent = parsed["intent"]
        return judge(row, intent["name"], float(intent["confidence"]), ranked)

    def reply(self, text: str) -> Reply:
        """What is said to a message in a conversation that has begun."""
        turn = turn_of(Tracker("someone", {}, self.parse(text), [], False, None, {}, None))
        return self.respond[turn.intent](turn, Memory(introduced=True, subject="self"))
