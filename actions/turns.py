"""What all actions share: a tracker becomes a turn, a reply becomes messages."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from mesoguide import content
from mesoguide.core import ways_in
from mesoguide.core.conversation import Guide
from mesoguide.core.memory import Memory
from mesoguide.core.not_knowing import failure_reply, is_close
from mesoguide.core.questions import gathered
from mesoguide.core.reply import Rendered, Reply, render
from mesoguide.core.turn import Turn
from mesoguide.counts import FAILURES, REPLIES
from mesoguide.errors import where
from mesoguide.safety.counts import count

logger = logging.getLogger(__name__)
MEMORY = "memory"


@lru_cache(maxsize=1)
def guide() -> Guide:
    """The conversation over the product's knowledge, loaded once."""
    return Guide(content.knowledge())


def turn_of(tracker: Tracker) -> Turn:
    """What was understood of the latest message."""
    message = tracker.latest_message
    text = message.get("text") or ""
    entities: dict[str, list[str]] = {}
    for entity in message.get("entities") or []:
        entities.setdefault(entity["entity"], []).append(str(entity["value"]))
    ranking = message.get("intent_ranking") or []
    safety = message.get("safety") or {}
    return Turn(
        intent=(message.get("intent") or {}).get("name") or "nlu_fallback",
        text="" if text.startswith("/") else text,
        entities=entities,
        nearest=tuple(one["name"] for one in ranking),
        close=is_close(one["confidence"] for one in ranking if one["name"] != "nlu_fallback"),
        also=tuple(message.get("also_asked") or ()),
        sign=(safety.get("alarm") or {}).get("sign"),
        watch=safety.get("watch"),
    )


class ReplyAction(Action, ABC):
    """An action that sends one reply of the guide."""

    @abstractmethod
    def reply(self, turn: Turn, memory: Memory) -> Reply:
        """The reply to a turn; changes the memory."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Send the reply, or a sentence saying that the assistant failed; never nothing."""
        memory = Memory.from_dict(tracker.get_slot(MEMORY))
        channel = str(tracker.get_latest_input_channel())
        try:
            reply = self.reply(turn_of(tracker), memory)
            buttons = channel in ways_in.WITH_DATA
            rendered = render(guide().knowledge, reply, memory.subject, buttons=buttons)
            rendered.data["questions"] = gathered(guide().knowledge, memory)
        except Exception as error:
            logger.error("%s failed: %s", self.name(), where(error))
            FAILURES.labels("action", ways_in.known(channel)).inc()
            memory = Memory.from_dict(tracker.get_slot(MEMORY))
            rendered = render(guide().knowledge, failure_reply(), None, buttons=False)
        send(dispatcher, rendered, channel)
        topic = rendered.data["topic"] or "none"
        REPLIES.labels(rendered.data["type"], topic, ways_in.known(channel)).inc()
        count(tracker.latest_message.get("safety") or {}, channel)
        return [
            {"event": "slot", "name": MEMORY, "value": memory.to_dict(), "timestamp": None},
            {"event": "followup", "name": "action_listen", "timestamp": None},
        ]


def send(dispatcher: CollectingDispatcher, rendered: Rendered, channel: str) -> None:
    """Send a reply as text, as data, or as both: what the channel carries."""
    if channel not in ways_in.MESSAGING:
        if rendered.intro:
            dispatcher.utter_message(text=rendered.intro)
        dispatcher.utter_message(text=rendered.text, buttons=rendered.buttons)
    if channel in (*ways_in.WITH_DATA, *ways_in.MESSAGING):
        dispatcher.utter_message(json_message={"data": rendered.data})
