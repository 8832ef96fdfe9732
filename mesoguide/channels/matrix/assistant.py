"""The assistant as the Matrix bridge asks it: by REST, and again until it answers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
from tenacity import RetryCallState

from mesoguide.channels.outbox import Busy, after, tries

logger = logging.getLogger(__name__)
TIMEOUT = 60.0  # seconds for one try
CHANNEL = "matrix"  # in core/ways_in.py


class NoAnswer(Exception):
    """The assistant has not answered in time, or will never answer this message."""


class Assistant:
    """A running `mesoguide serve`."""

    def __init__(self, url: str) -> None:
        """Nothing is asked yet."""
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    async def answer(
        self, conversation: str, text: str, message_id: str, until: float
    ) -> list[dict[str, Any]]:
        """What is said to a message: at least one of REST's messages.

        The same `message_id` again is answered with what was said the first time.

        Args:
            until: the time (monotonic) after which it is given up. Raises NoAnswer.
        """
        asked = {
            "sender": conversation,
            "message": text,
            "message_id": message_id,
            "input_channel": CHANNEL,
        }

        try:
            async for attempt in tries(after(until), _tell):
                with attempt:
                    return await self._once(asked)
        except Busy as error:
            logger.error("matrix: the assistant has not answered: %s", error)
        raise NoAnswer

    async def _once(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if self._session is None:  # made here, since it belongs to the running loop
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        try:
            async with self._session.post(self._url, json=asked) as answer:
                if answer.status == 400:
                    logger.error("matrix: the assistant refuses a message: status 400")
                    raise NoAnswer
                if answer.status != 200:
                    raise Busy(f"status {answer.status}")
                said = await answer.json()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            raise Busy(type(error).__name__) from None
        if not isinstance(said, list) or not said:
            logger.error("matrix: the assistant has said nothing")
            raise NoAnswer
        return said


def _tell(state: RetryCallState) -> None:
    if state.attempt_number % 20 == 1 and state.outcome:
        logger.warning("matrix: the assistant is waited for: %s", state.outcome.exception())
