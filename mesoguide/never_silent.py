"""Every turn ends with a sentence for the person, and a failed one with a line for the operator."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

from actions.turns import guide
from mesoguide.core import ways_in
from mesoguide.core.forgetting import not_deleted_reply
from mesoguide.core.not_knowing import failure_reply
from mesoguide.core.reply import Reply, render
from mesoguide.counts import FAILURES, TURN_SECONDS
from mesoguide.errors import where
from mesoguide.logs import new_turn
from mesoguide.storage.erasing import NotDeletedYet

logger = logging.getLogger(__name__)
Handle = Callable[[UserMessage], Awaitable[Any]]
NOT_STORED = Reply("fallback", None, ("not_stored",))
NOTHING_SAID = Reply("meta", None, ("hello_again", "what_to_ask"))


class Overheard(OutputChannel):
    """A channel, of which one can say whether anything was sent by it.

    Attributes:
        data: of the reply that was sent last, with its type.
    """

    def __init__(self, channel: OutputChannel) -> None:
        self._channel = channel
        self.was_used = False
        self.data: dict[str, Any] = {}

    def name(self) -> str:
        """The name of the channel."""
        return str(self._channel.name())

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Send it on."""
        self.was_used = True
        self.data = (message.get("custom") or {}).get("data") or self.data
        await self._channel.send_response(recipient_id, message)


def never_silent(handle: Handle) -> Handle:
    """Rasa's message handler, with a sentence for the person when it fails or says nothing.

    Stock Rasa logs the error with what was typed, and answers nothing; nor does it answer its own
    commands, such as /restart. The log lines of a turn have an id and no text.

    A message of nothing but spaces is not handed on: Rasa's fallback fails at it.
    """

    async def handle_message(message: UserMessage) -> Any:
        channel = ways_in.known(message.input_channel)
        overheard = message.output_channel = Overheard(message.output_channel)
        new_turn()
        with TURN_SECONDS.labels(channel).time():
            try:
                message.text = _whole(message.text or "")
                if message.text.strip():
                    await handle(message)
            except Exception as error:
                logger.error("the turn failed: %s", where(error))
                FAILURES.labels("turn", channel).inc()
                # what was answered already stands; what could not be stored is the turn
                reply = NOT_STORED if overheard.was_used else failure_reply()
                if isinstance(error, NotDeletedYet):
                    reply = not_deleted_reply()
                await _say(overheard, message.sender_id, reply)
            if not overheard.was_used:
                await _say(overheard, message.sender_id, NOTHING_SAID)

    return handle_message


def _whole(text: str) -> str:
    """Half a character, as of an emoji that was cut, as the sign for one: it stops the encoder."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


async def _say(channel: OutputChannel, recipient: str, reply: Reply) -> None:
    rendered = render(guide().knowledge, reply, None, buttons=False)
    both = {"text": rendered.text, "custom": {"data": rendered.data}}
    await channel.send_response(recipient, both)
