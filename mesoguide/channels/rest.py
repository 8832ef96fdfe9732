"""REST: Rasa's own contract, made safe to repeat.

Beside `sender` and `message` a client may send a `message_id`. When the same id comes again in the
same conversation, because the first answer never arrived, what was said the first time is said
again and the message is not heard twice. A body that cannot be used is answered with what is wrong
with it. Rasa's own logs the message when it fails; this one never does. Streams of events are left
out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.core.events import BotUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from mesoguide.channels.again import events_if_readable, said_after
from mesoguide.channels.guard import from_here, said, too_many
from mesoguide.channels.limits import LONGEST, conversations
from mesoguide.channels.shared_limits import shared
from mesoguide.storage.order import InOrder

DEEPEST = 20  # metadata in metadata; Rasa copies it, and cannot when it is some 500 deep
ID = re.compile(r"[\w\-$:.=+/]{1,255}", re.ASCII)  # also Matrix's ids of events
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class BadBody(ValueError):
    """The body of a request cannot be used; the message says why."""


@dataclass(frozen=True)
class Asked:
    """One message as a client sends it."""

    sender: str
    text: str
    id: str | None
    channel: str
    metadata: dict[str, Any] | None

    @classmethod
    def read(cls, body: bytes, usual_channel: str) -> Asked:
        """From the body of a request. Raises BadBody."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            raise BadBody("The body is not JSON.") from None
        if not isinstance(data, dict):
            raise BadBody("The body must be a JSON object.")
        sender, text, id_ = data.get("sender"), data.get("message"), data.get("message_id")
        channel, metadata = data.get("input_channel") or usual_channel, data.get("metadata")
        if not (isinstance(sender, str) and _is_name(sender)):
            raise BadBody("'sender' must be 1 to 255 characters that can be printed.")
        if not isinstance(text, str):
            raise BadBody("'message' must be a text.")
        if id_ is not None and not (isinstance(id_, str) and ID.fullmatch(id_)):
            raise BadBody("'message_id' must be 1 to 255 letters, digits or any of _-$:.=+/")
        if not isinstance(channel, str):
            raise BadBody("'input_channel' must be a text.")
        if metadata is not None and not isinstance(metadata, dict):
            raise BadBody("'metadata' must be an object.")
        if _is_too_deep(metadata):
            raise BadBody(f"'metadata' must be at most {DEEPEST} deep.")
        return cls(sender, text, id_, channel, metadata)


def _is_name(sender: str) -> bool:
    """Whether every database can store it, and it can be read."""
    return 0 < len(sender.strip()) <= 255 and sender.isprintable()


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
    return any(_inside(one) for one in level)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


class Rest(RestInput):
    """The channel `rest`, under Rasa's own address."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The webhook."""
        routes = Blueprint("rest_webhook", __name__)
        turns = InOrder()
        left = shared("conversation", conversations())

        @routes.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            try:
                asked = Asked.read(request.body, self.name())
            except BadBody as error:
                return response.json({"error": str(error)}, status=400)
            if len(asked.text) > LONGEST:
                return said("too_long", 200, asked.sender)
            if not (from_here(request) or await left.take(asked.sender)):
                return too_many(left.seconds, asked.sender)
            if asked.id is None:
                return response.json(await _hear(asked, on_new_message))
            async with turns.lock(asked.sender):
                before = await _said_before(asked)
                return response.json(before or await _hear(asked, on_new_message))

        return routes


async def _hear(asked: Asked, on_new_message: OnNewMessage) -> list[dict[str, Any]]:
    collector = CollectingOutputChannel()
    message = UserMessage(
        asked.text,
        collector,
        asked.sender,
        input_channel=asked.channel,
        message_id=asked.id,
        metadata=asked.metadata,
    )
    await on_new_message(message)  # says so itself when it fails (never_silent)
    return list(collector.messages)


async def _said_before(asked: Asked) -> list[dict[str, Any]]:
    """What was answered to this message the first time, as it was sent; empty if never."""
    events = await events_if_readable(asked.sender)
    return [_as_sent(asked.sender, one) for one in said_after(asked.id or "", events) or ()]


def _as_sent(recipient: str, event: BotUttered) -> dict[str, Any]:
    kept = event.data or {}
    parts = {"text": event.text, "buttons": kept.get("buttons"), "custom": kept.get("custom")}
    return {"recipient_id": recipient, **{name: part for name, part in parts.items() if part}}
