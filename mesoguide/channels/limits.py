"""How much one person, connection or address may send."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field

from mesoguide.paths import number

LONGEST = 2000  # characters of a message
SETTING = "MESOGUIDE_MESSAGES_PER_MINUTE"
USUAL = 60.0
REMEMBERED = 10_000  # keys of Allowances


@dataclass
class Allowance:
    """A token bucket: `burst` messages at once, refilled at `per_minute`."""

    per_minute: float
    burst: float
    left: float = field(init=False)
    at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.left = self.burst

    def take(self) -> bool:
        """Whether one more message is allowed now."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.per_minute / 60)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def per_minute() -> float:
    """The setting for one conversation. Raises BadSetting."""
    return number(SETTING, USUAL)


def allowance(per_minute: float) -> Allowance:
    """A new connection's: a third of a minute's messages may come at once, but at least ten."""
    return Allowance(per_minute, max(10.0, per_minute / 3))


class Allowances:
    """An allowance for each key, such as a conversation or an address; the oldest are forgotten."""

    def __init__(self, per_minute: float, burst: float) -> None:
        self.per_minute = per_minute
        self.burst = burst
        self._left: OrderedDict[str, Allowance] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether one more message is allowed now."""
        left = self._left.setdefault(key, Allowance(self.per_minute, self.burst))
        self._left.move_to_end(key)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left.take()

    @property
    def seconds(self) -> float:
        """Until one more is allowed, at most."""
        return 60 / self.per_minute


def conversations() -> Allowances:
    """One for each conversation. Raises BadSetting."""
    one = allowance(per_minute())
    return Allowances(one.per_minute, one.burst)
