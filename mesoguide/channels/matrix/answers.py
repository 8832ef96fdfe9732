"""How the Matrix bridge answers one message; never with nothing."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from mesoguide.channels.layout import (
    MATRIX,
    Message,
    choices,
    chosen,
    lay_out,
    plain_message,
)
from mesoguide.channels.limits import LONGEST, conversations
from mesoguide.channels.matrix.assistant import Assistant, NoAnswer
from mesoguide.channels.matrix.events import Said
from mesoguide.channels.matrix.home import Homeserver
from mesoguide.channels.matrix.state import Room, State
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.not_knowing import failure_reply
from mesoguide.core.reply import Reply, render

logger = logging.getLogger(__name__)
PATIENCE = 300.0  # seconds from a message's arrival until it is given up
SLOW = 10.0  # seconds after which the person is told that it takes longer
TYPING = 20.0  # seconds after which it is shown again that we are writing


class Answers:
    """Answers in rooms; the caller sees to their order."""

    def __init__(
        self, knowledge: Knowledge, assistant: Assistant, home: Homeserver, state: State
    ) -> None:
        """Raises BadSetting."""
        self._knowledge = knowledge
        self._assistant = assistant
        self._home = home
        self._state = state
        self._secret = state.secret()
        self._allowances = conversations()
        self._told_slow: set[str] = set()  # rooms, until the assistant answers again

    async def answer(self, room: Room, said: Said, arrived: float) -> None:
        """Answer a message, and remember that it is answered. Raises Refused."""
        async with self._at_work(room.id, said.id):
            if said.text is None or not said.text.strip():
                await self.say(room.id, "text_only", said.id)
            elif len(said.text) > LONGEST:
                await self.say(room.id, "too_long", said.id)
            elif not self._allowances.take(room.id):
                await self.say(room.id, "too_many", said.id)
            else:
                room = await self._ask(room, said, said.text.strip(), arrived + PATIENCE)
            self._state.answered(said.id, room)

    async def say(self, room: str, phrase: str, about: str) -> None:
        """Say one of the assistant's own phrases, with the emergency numbers."""
        reply = Reply("meta", None, (phrase, "intro_emergency"))
        await self._send(room, reply, f"{about} {phrase}")

    async def fail(self, room: str, about: str) -> None:
        """Say that something went wrong."""
        await self._send(room, failure_reply(), f"{about} failed")

    async def _send(self, room: str, reply: Reply, about: str) -> None:
        data = render(self._knowledge, reply, None, buttons=False).data
        await self._home.say(room, lay_out(self._knowledge, data, MATRIX), about)

    async def _ask(self, room: Room, said: Said, text: str, until: float) -> Room:
        """Say what the assistant says; the room as it is then."""
        text = chosen(text, room.choices) or text.lstrip("/ ") or "?"
        try:
            replies = await self._answer_of_the_assistant(room, said, text, until)
        except NoAnswer:
            await self.fail(room.id, said.id)
            return room
        self._told_slow.discard(room.id)
        data = [one["custom"]["data"] for one in replies if "data" in (one.get("custom") or {})]
        messages: list[Message] = []
        for reply in data:
            messages += lay_out(self._knowledge, reply, MATRIX)
        for reply in () if data else replies:  # no reply of ours, such as another action's
            messages += plain_message(str(reply.get("text") or ""), MATRIX)
        await self._home.say(room.id, messages, said.id)
        listed = choices(data[-1]) if data else ()
        return replace(room, choices=tuple(one.payload for one in listed))

    async def _answer_of_the_assistant(
        self, room: Room, said: Said, text: str, until: float
    ) -> list[dict[str, Any]]:
        conversation = self._conversation(room)
        asking = asyncio.create_task(self._assistant.answer(conversation, text, said.id, until))
        try:
            done, _ = await asyncio.wait({asking}, timeout=SLOW)
            if not done and room.id not in self._told_slow:
                self._told_slow.add(room.id)
                await self.say(room.id, "slow_now", said.id)
            return await asking
        finally:
            asking.cancel()

    def _conversation(self, room: Room) -> str:
        """The conversation's id: nobody can guess it, and it does not tell who the person is."""
        digest = hmac.digest(self._secret, f"{room.id} {room.person}".encode(), "sha256")
        return f"{MATRIX.name}-{digest.hex()[:32]}"

    @asynccontextmanager
    async def _at_work(self, room: str, event: str) -> AsyncIterator[None]:
        """Meanwhile it is shown that the message was seen and that we are writing."""
        showing = asyncio.create_task(self._show(room, event))
        try:
            yield
        finally:
            showing.cancel()
            with suppress(asyncio.CancelledError):
                await showing
        await self._home.typing(room, 0)

    async def _show(self, room: str, event: str) -> None:
        await self._home.seen(room, event)
        while True:
            await self._home.typing(room, TYPING + 10)
            await asyncio.sleep(TYPING)
