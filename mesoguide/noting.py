"""Messages that were not understood are noted for editors, when the operator wants it.

It is done where a turn ends and not in the action, for these reasons: actions do no I/O and may
run in another process, and what was really sent is known only here. What was understood is not
known here; so the few messages that are noted are understood a second time, after the person has
been answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.channels.channel import UserMessage

from mesoguide.core import ways_in
from mesoguide.errors import where
from mesoguide.never_silent import Handle, Overheard
from mesoguide.privacy.redaction import redacted
from mesoguide.storage.unanswered import Unanswered, UnansweredTable, today

logger = logging.getLogger(__name__)
Parse = Callable[[str], Awaitable[Mapping[str, Any]]]
NEAREST = 3
WAITING = 50  # at most: when the database is slow, more are not noted
EVERY = 3600.0  # seconds between two looks for what is too old
NOT_UNDERSTOOD = "nlu_fallback"


class Noting:
    """Rasa's message handler, which notes what was not understood after the turn."""

    def __init__(self, handle: Handle, parse: Parse, table: UnansweredTable) -> None:
        self._handle, self._parse, self._table = handle, parse, table
        self._thread = ThreadPoolExecutor(1, "unanswered")
        self._going_on: set[asyncio.Task[None]] = set()

    async def __call__(self, message: UserMessage) -> Any:
        """Handle the message; what is noted is noted beside the next turns."""
        result = await self._handle(message)
        if _was_not_understood(message):
            if len(self._going_on) < WAITING:
                noted = asyncio.create_task(self._note(message.text, message.input_channel))
                self._going_on.add(noted)
                noted.add_done_callback(self._going_on.discard)
            else:
                logger.error("a message that was not understood was not noted: too many wait")
        return result

    async def end(self, seconds: float = 5.0) -> None:
        """Wait for what is being noted."""
        if self._going_on:
            await asyncio.wait(self._going_on, timeout=seconds)
        self._thread.shutdown(wait=False)

    async def _note(self, text: str, channel: str | None) -> None:
        try:
            parsed = await self._parse(text)
            names = [str(one["name"]) for one in parsed.get("intent_ranking") or ()]
            nearest = tuple(name for name in names if name != NOT_UNDERSTOOD)[:NEAREST]
            await asyncio.get_running_loop().run_in_executor(
                self._thread, self._keep, text, ways_in.known(channel), nearest
            )
        except Exception as error:  # the person has been answered; its text may hold what was said
            logger.error("a message that was not understood was not noted: %s", where(error))

    def _keep(self, text: str, channel: str, nearest: tuple[str, ...]) -> None:
        self._table.add(Unanswered(today(), channel, nearest, redacted(text)))


async def keep_short(table: UnansweredTable, every: float = EVERY) -> None:
    """Delete what is too old, at once and then every so often, until cancelled."""
    while True:
        try:
            await asyncio.get_running_loop().run_in_executor(None, table.tidy)
        except Exception as error:  # the next time may do better
            logger.error("old messages that were noted could not be deleted: %s", where(error))
        await asyncio.sleep(every)


def _was_not_understood(message: UserMessage) -> bool:
    """Whether topics were offered instead of an answer. A failure offers none."""
    channel = message.output_channel
    data = channel.data if isinstance(channel, Overheard) else {}
    typed = message.text and not message.text.startswith("/")  # a button is no words of theirs
    return bool(typed and data.get("type") == "fallback" and data.get("suggestions"))
