"""One message of a conversation at a time, in the order in which they came, on all servers.

Each conversation has a queue in Redis. A message asks for a place, which is one atomic step, and is
woken when all before it are done. Rasa's own lock in Redis reads, changes and writes back, and so
lost messages when four came at once; and it looks only once a second.

A place has a lease, which the server renews. When a server dies its places are passed over a few
seconds later. While Redis cannot be reached each server keeps the order of what it hears itself
(`order.py`): two quick messages that reach two servers in that time are answered at once, and one
may not know of the other. That is better than to tell somebody with an urgent question that
nothing works; and what is said is stored either way, for the database adds events, and overwrites
none.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from rasa.core.lock_store import LOCK_LIFETIME, LockStore

from mesoguide.storage.order import InOrder
from mesoguide.storage.redis_link import BLOCK, Down, Link, key

LEASE = 4000  # milliseconds without a sign of life after which a place is passed over
RENEW = 1.0  # seconds between signs of life
logger = logging.getLogger(__name__)

FIRST = """
local function now()
    local t = redis.call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function first()  -- of those who are alive
    while true do
        local place = redis.call('LINDEX', KEYS[1], 0)
        if not place then return false end
        if tonumber(redis.call('HGET', KEYS[2], place) or '0') > now() then return place end
        redis.call('LPOP', KEYS[1])
        redis.call('HDEL', KEYS[2], place)
    end
end
"""
ASK = f"""{FIRST}
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then
    redis.call('RPUSH', KEYS[1], ARGV[1])  -- new, or Redis was started again and has forgotten
end
redis.call('HSET', KEYS[2], ARGV[1], now() + ARGV[2])
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[2])
return first() == ARGV[1] and 1 or 0
"""
LEAVE = f"""{FIRST}
redis.call('LREM', KEYS[1], 0, ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[1] .. ARGV[1])
local next = first()
if next then
    redis.call('RPUSH', KEYS[1] .. next, 1)
    redis.call('PEXPIRE', KEYS[1] .. next, ARGV[2])
end
"""


class _Place:
    """The place of one message in the queue of its conversation."""

    def __init__(self, link: Link, conversation: str, renew: float) -> None:
        self._link = link
        self._renew = renew
        self._id = uuid.uuid4().hex
        queue = key("order", conversation)
        self._keys = (queue, f"{queue}leases")
        self._bell = f"{queue}{self._id}"
        self._ask = link.client.register_script(ASK)
        self._leave = link.client.register_script(LEAVE)
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_served = False

    async def ask(self) -> bool:
        """Take the place, or keep it; whether it is the first. Raises Down."""
        step = lambda: self._ask(self._keys, (self._id, LEASE))  # noqa: E731
        return bool(await self._link.do(step))

    async def wait(self) -> None:
        """Until it is woken, or some time has passed. Raises Down."""
        await self._link.do(lambda: self._link.waiting.blpop([self._bell], BLOCK))

    async def stay(self) -> None:
        """Show that it is alive, until it is left.

        It is never cancelled: the Redis client takes a cancellation that comes in the wrong moment
        for a timeout of its own, and goes on.
        """
        while not await self._is_left_within(self._renew):
            with suppress(Down):
                was_served = self.is_served
                if not await self.ask() and was_served:
                    logger.warning("a turn lost its place in Redis: another may run beside it")

    async def leave(self, staying: asyncio.Task[None] | None) -> None:
        """Give the place up, and wake the next."""
        self._left.set_result(None)
        if staying:
            await asyncio.wait((staying,))  # a sign of life on its way would take the place again
        with suppress(Down):  # the lease ends by itself
            await self._link.do(lambda: self._leave(self._keys, (self._id, LEASE)))

    async def _is_left_within(self, seconds: float) -> bool:
        await asyncio.wait((self._left,), timeout=seconds)
        return self._left.done()


class InOrderEverywhere(LockStore):
    """A lock for each conversation, shared by all servers that use one Redis."""

    def __init__(self, link: Link, renew: float = RENEW) -> None:
        """`link` leads to that Redis."""
        self._link = link
        self._renew = renew
        self._asking = InOrder()
        self._here = InOrder()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncIterator[Any]:
        """Wait until all who asked before are done. The times are Rasa's, and not needed here."""
        place = _Place(self._link, conversation_id, self._renew)
        staying: asyncio.Task[None] | None = None
        try:
            with suppress(Down):  # the link has said so; the order of this server has to do
                async with self._asking.lock(conversation_id):  # places are in the order of arrival
                    is_first = await place.ask()
                staying = asyncio.create_task(place.stay())
                while not is_first:
                    await place.wait()
                    is_first = await place.ask()
            async with self._here.lock(conversation_id) as mine:
                place.is_served = True
                yield mine
        finally:
            await place.leave(staying)
