"""What is on its way to people by a vendor: in order for each, tried again, and bounded.

A vendor may be slow, down or ask for a pause. A reply waits here, in memory, for as long as
PATIENCE; what finally fails is counted and logged, without its text.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client import Counter
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential_jitter,
)

from mesoguide.channels.layout import Message
from mesoguide.counts import REGISTRY

logger = logging.getLogger(__name__)
PATIENCE = 300.0  # seconds from the reply until it is given up
LONGEST_WAIT = 20.0  # seconds between two tries, unless the vendor asks for more
MOST_FOR_ONE = 20  # replies on their way to one person
MOST = 2000  # replies on their way
SENT = Counter(
    "mesoguide_messages_sent",
    "Messages given to a vendor: sent, tried again, refused, given up or not taken.",
    ("channel", "outcome"),
    registry=REGISTRY,
)
_backing_off = wait_exponential_jitter(initial=0.5, max=LONGEST_WAIT)


class Busy(Exception):
    """The vendor could not take a message now and may later: after `pause` seconds, if it says."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


class Refused(Exception):
    """The vendor will never take this message, such as one to somebody who has blocked us."""


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that a vendor asks for with Retry-After; None when it does not say."""
    written = headers.get("Retry-After") or ""
    return float(written) if written.isdecimal() else None


Send = Callable[[str, Message], Awaitable[None]]  # raises Busy or Refused


@dataclass(frozen=True)
class _Letter:
    """One reply. Its messages belong together: after one that failed the others are not sent."""

    messages: tuple[Message, ...]
    until: float = field(default_factory=lambda: time.monotonic() + PATIENCE)


class Outbox:
    """The replies of one channel."""

    def __init__(self, channel: str, send: Send) -> None:
        """`send` gives one message to the vendor: (person, message)."""
        self._channel = channel
        self._send = send
        self._waiting: dict[str, deque[_Letter]] = {}
        self._working: dict[str, asyncio.Task[None]] = {}

    def put(self, person: str, messages: list[Message]) -> None:
        """Send a reply after those that wait already. Returns at once."""
        mine = self._waiting.setdefault(person, deque())
        if len(mine) >= MOST_FOR_ONE or sum(map(len, self._waiting.values())) >= MOST:
            self._count("not_taken")
            logger.error("%s: too many replies are waiting, one was dropped", self._channel)
            return
        mine.append(_Letter(tuple(messages)))
        if person not in self._working:
            self._working[person] = asyncio.create_task(self._work(person))

    async def sent(self, person: str, seconds: float) -> bool:
        """Wait for up to `seconds`; whether all that was for this person is on its way by then."""
        work = self._working.get(person)
        if work is not None:
            await asyncio.wait({work}, timeout=seconds)
        return person not in self._working

    async def close(self, seconds: float) -> None:
        """Wait for what is still here, for up to `seconds`, then give it up."""
        working = set(self._working.values())
        if not working:
            return
        _, late = await asyncio.wait(working, timeout=seconds)
        for work in late:
            work.cancel()
        if late:
            logger.error("%s: %d people's replies were given up", self._channel, len(late))

    async def _work(self, person: str) -> None:
        mine = self._waiting[person]
        try:
            while mine:
                await self._deliver(person, mine[0])
                mine.popleft()
        finally:
            del self._waiting[person], self._working[person]

    async def _deliver(self, person: str, letter: _Letter) -> None:
        try:
            for message in letter.messages:
                await self._try(person, message, letter.until)
                self._count("sent")
        except (Busy, Refused) as error:
            self._count("refused" if isinstance(error, Refused) else "given_up")
            logger.error("%s: a reply could not be sent: %s", self._channel, error)
        except Exception as error:  # its text may hold what was said
            self._count("given_up")
            logger.error("%s: a reply could not be sent: %s", self._channel, type(error).__name__)

    async def _try(self, person: str, message: Message, until: float) -> None:
        async for attempt in tries(after(until), lambda _: self._count("again")):
            with attempt:
                await self._send(person, message)

    def _count(self, outcome: str) -> None:
        SENT.labels(self._channel, outcome).inc()


def tries(
    stop: Callable[[RetryCallState], bool], before_sleep: Callable[[RetryCallState], None]
) -> AsyncRetrying:
    """Try as long as what is asked is Busy; its last error is raised once `stop` says so."""
    return AsyncRetrying(
        retry=retry_if_exception_type(Busy),
        wait=_pause,
        stop=stop,
        before_sleep=before_sleep,
        reraise=True,
    )


def after(until: float) -> Callable[[RetryCallState], bool]:
    """Whether the next try would come after this time (monotonic)."""
    return lambda state: time.monotonic() + (state.upcoming_sleep or 0) > until


def _pause(state: RetryCallState) -> float:
    """What the vendor asks for, else more each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, Busy) else None
    return asked if asked is not None else _backing_off(state)
