"""The Redis that several servers share, and what is done while it cannot be reached.

Redis makes several servers act as one; each of them can answer without it. So nobody waits for it
for long, and nothing fails because of it: a command that gets no answer raises Down, and so do all
others of the next second without trying. The operator reads one line when it goes and one when it
is back.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from mesoguide import paths

PATIENCE = 1.0  # seconds for a connection, and for an answer
REST = 1.0  # seconds in which it is not tried again
BLOCK = 1  # seconds for which a command may wait inside Redis
TROUBLE = (RedisError, OSError, asyncio.TimeoutError)
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class Down(Exception):
    """Redis cannot be reached."""


class Link:
    """The connections of this process.

    Attributes:
        client: for commands that are answered at once.
        waiting: for those that wait inside Redis, for at most BLOCK seconds.
        listening: for those that wait for as long as it takes.
    """

    def __init__(self, url: str) -> None:
        """Nothing is connected before it is needed."""
        self.client = _client(url, PATIENCE)
        self.waiting = _client(url, PATIENCE + BLOCK)
        self.listening = _client(url, None)
        self._again_at = 0.0
        self._is_up = True

    async def do(self, command: Callable[[], Awaitable[Answer]]) -> Answer:
        """What the command answers. Raises Down."""
        if time.monotonic() < self._again_at:
            raise Down
        try:
            answer = await command()
        except TROUBLE as error:
            self._is_down(error)
            raise Down from None
        if not self._is_up:
            self._is_up = True
            logger.info("Redis is back: the servers act as one again")
        return answer

    async def is_up(self) -> bool:
        """Whether it answers."""
        try:
            await self.do(self.client.ping)
        except Down:
            return False
        return True

    async def close(self) -> None:
        """Leave no connection behind."""
        for one in (self.client, self.waiting, self.listening):
            await one.close()
            await one.connection_pool.disconnect()

    def _is_down(self, error: BaseException) -> None:
        self._again_at = time.monotonic() + REST
        if self._is_up:
            self._is_up = False
            kind = type(error).__name__  # its text may hold the password
            logger.error("Redis cannot be reached (%s): each server goes on by itself", kind)


def _client(url: str, patience: float | None) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=patience,
        socket_keepalive=True,
    )


@cache
def link() -> Link | None:
    """The one of this process; None when there is no Redis. Raises BadSetting."""
    url = paths.redis()
    return Link(url) if url else None


def key(kind: str, name: str) -> str:
    """A key that does not tell whose it is. Keys with the same braces are on one machine."""
    return f"mesoguide:{kind}:{{{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}}}"
