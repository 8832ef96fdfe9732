"""How much one connection may send."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from mesoguide.paths import BadSetting

LONGEST = 2000  # characters of a message
SETTING = "MESOGUIDE_MESSAGES_PER_MINUTE"
USUAL = 60.0


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
    """The setting. Raises BadSetting when it is no number of at least one."""
    written = os.environ.get(SETTING, str(USUAL))
    try:
        wanted = float(written)
    except ValueError:
        wanted = 0.0
    if not wanted >= 1:
        raise BadSetting(f"{SETTING} is '{written}': use a number of 1 or more, such as 60.")
    return wanted


def allowance(rate: float) -> Allowance:
    """A new connection's: a third of a minute's messages may come at once, but at least ten."""
    return Allowance(rate, max(10.0, rate / 3))
