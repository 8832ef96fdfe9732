"""How much one person may send, to all servers together."""

from __future__ import annotations

from mesoguide.channels.limits import Allowances
from mesoguide.storage.redis_link import Down, Link, key, link

TAKE = """
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local rate, burst = tonumber(ARGV[1]) / 60, tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(known[1] or burst) + (now - tonumber(known[2] or now)) * rate
left = math.min(burst, left)
local is_allowed = left >= 1
if is_allowed then left = left - 1 end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)  -- by then it is full again
return is_allowed and 1 or 0
"""


class SharedAllowances:
    """The token buckets of `Allowances`, kept in Redis.

    While there is none, or it cannot be reached, those of this process count.
    """

    def __init__(self, kind: str, here: Allowances, redis: Link | None) -> None:
        """`kind` tells one sort of keys from another."""
        self._kind = kind
        self._here = here
        self._redis = redis
        self._take = redis.client.register_script(TAKE) if redis else None

    @property
    def seconds(self) -> float:
        """Until one more is allowed, at most."""
        return self._here.seconds

    async def take(self, name: str) -> bool:
        """Whether one more message is allowed now."""
        if self._redis is None or self._take is None:
            return self._here.take(name)
        keys, bucket = (key(self._kind, name),), (self._here.per_minute, self._here.burst)
        take = self._take
        try:
            return bool(await self._redis.do(lambda: take(keys, bucket)))
        except Down:
            return self._here.take(name)


def shared(kind: str, here: Allowances) -> SharedAllowances:
    """`here` for all servers, when they share a Redis. Raises BadSetting."""
    return SharedAllowances(kind, here, link())
