"""What people send by a vendor: each message answered once, in order, in a private conversation."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.shared.core.events import Event

from actions.turns import guide
from mesoguide.channels.again import answers_to, events_if_readable, latest_reply
from mesoguide.channels.layout import Way, choices, chosen, lay_out, plain_message
from mesoguide.channels.limits import LONGEST, REMEMBERED, conversations
from mesoguide.channels.outbox import Outbox, Send
from mesoguide.channels.own_words import in_own_words
from mesoguide.channels.shared_limits import shared
from mesoguide.storage.order import InOrder

ACKNOWLEDGED_AFTER = 2.0  # seconds at most; vendors send again what is not acknowledged in 3 to 15
CLOSING = 5.0  # seconds for what is on its way when the server stops
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


@dataclass(frozen=True)
class Arrived:
    """One message as a vendor delivers it.

    Attributes:
        person: where the answer goes, in the vendor's own terms.
        id: the vendor's own, the same when it delivers the message again.
        text: what was written; None when it was no text (a photo, a voice message).
        pressed: whether a button of ours was pressed, and `text` is what it sends.
    """

    person: str
    id: str
    text: str | None
    pressed: bool = False


class Writer(OutputChannel):
    """Sends one person what the assistant says, laid out for the channel."""

    def __init__(self, way: Way, outbox: Outbox, person: str) -> None:
        self._way = way
        self._outbox = outbox
        self._person = person

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send a reply; text beside its data says the same, and is left out."""
        reply = (message.get("custom") or {}).get("data")
        if reply:
            self.reply(reply)
        elif message.get("text"):
            self._outbox.put(self._person, plain_message(message["text"], self._way))

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Send words that are no reply of ours."""
        await self.send_response(recipient_id, {"text": text})

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        """Send a reply as data."""
        await self.send_response(recipient_id, {"custom": json_message})

    def reply(self, data: dict[str, Any]) -> None:
        """Send a reply of reply.schema.json."""
        self._outbox.put(self._person, lay_out(guide().knowledge, data, self._way))


class Inbox:
    """The conversations of one channel."""

    def __init__(self, way: Way, secret: str, send: Send, on_new_message: OnNewMessage) -> None:
        """`secret` is known to the operator and the vendor alone. Raises BadSetting."""
        self.outbox = Outbox(way.name, send)
        self._way = way
        self._secret = secret.encode()
        self._on_new_message = on_new_message
        self._allowances = shared("conversation", conversations())
        self._turns = InOrder()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def conversation(self, person: str) -> str:
        """The conversation's id: nobody can guess it, and it does not tell who the person is."""
        digest = hmac.digest(self._secret, f"{self._way.name} {person}".encode(), "sha256")
        return f"{self._way.name}-{digest.hex()[:32]}"

    async def take(self, arrived: Arrived) -> None:
        """Answer a message, unless it was answered before; returns when it may be acknowledged."""
        conversation = self.conversation(arrived.person)
        async with self._turns.lock(conversation):
            if not self._is_new(f"{conversation} {arrived.id}"):
                return
            await self._answer(arrived, conversation)
        await self.outbox.sent(arrived.person, ACKNOWLEDGED_AFTER)

    async def _answer(self, arrived: Arrived, conversation: str) -> None:
        writer = Writer(self._way, self.outbox, arrived.person)
        if arrived.text is None or not arrived.text.strip():
            writer.reply(in_own_words("text_only"))
        elif len(arrived.text) > LONGEST:
            writer.reply(in_own_words("too_long"))
        elif not await self._allowances.take(conversation):
            writer.reply(in_own_words("too_many"))
        else:
            events = await events_if_readable(conversation)
            before = answers_to(arrived.id, events)
            if not before:
                await self._say(arrived, conversation, events, writer)
            for reply in before or ():  # heard before the server was started again
                writer.reply(reply)

    async def _say(
        self, arrived: Arrived, conversation: str, events: list[Event], writer: Writer
    ) -> None:
        text = (arrived.text or "").strip()
        if not arrived.pressed:
            reply = latest_reply(events)  # its buttons may be counted too, where it has some
            listed = [one.payload for one in choices(reply)] if reply else []
            text = chosen(text, listed) or text.lstrip("/ ") or "?"
        message = UserMessage(
            text, writer, conversation, input_channel=self._way.name, message_id=arrived.id
        )
        await self._on_new_message(message)

    def _is_new(self, id_: str) -> bool:
        if id_ in self._seen:
            return False
        self._seen[id_] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
