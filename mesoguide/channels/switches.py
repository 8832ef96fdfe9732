"""Which messaging channels are on: each is, once its environment variables are set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from mesoguide.paths import BadSetting

PUBLIC_URL = "MESOGUIDE_PUBLIC_URL"


@dataclass(frozen=True)
class Switch:
    """The variables of a channel.

    Attributes:
        title: what people call it.
        own: the variables that switch it on; set one and all are needed.
        also: needed once it is on, and shared with other channels.
        may: have a usual value.
    """

    title: str
    own: tuple[str, ...]
    also: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    def read(self) -> dict[str, str] | None:
        """The values of the variables that are set; None when the channel is off.

        Raises BadSetting when some are set and others are missing.
        """
        missing = self.missing()
        if missing is None:
            return None
        if missing:
            raise BadSetting(
                f"{self.title} is not complete: also set {' and '.join(missing)}, or unset "
                f"{' and '.join(name for name in self.own if _is_set(name))} to switch it off."
            )
        names = (*self.own, *self.also, *self.may)
        return {name: os.environ[name].strip() for name in names if _is_set(name)}

    def missing(self) -> list[str] | None:
        """The variables that are still needed; None when the channel is off."""
        if not any(_is_set(name) for name in self.own):
            return None
        return [name for name in (*self.own, *self.also) if not _is_set(name)]


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


TELEGRAM = Switch(
    "Telegram",
    own=("MESOGUIDE_TELEGRAM_TOKEN",),
    also=(PUBLIC_URL,),
    may=("MESOGUIDE_TELEGRAM_API",),
)
TWILIO = Switch(
    "WhatsApp and SMS (Twilio)",
    own=("MESOGUIDE_TWILIO_ACCOUNT_SID", "MESOGUIDE_TWILIO_AUTH_TOKEN"),
    also=(PUBLIC_URL,),
    may=("MESOGUIDE_TWILIO_API",),
)
SLACK = Switch(
    "Slack",
    own=("MESOGUIDE_SLACK_TOKEN", "MESOGUIDE_SLACK_SIGNING_SECRET"),
    may=("MESOGUIDE_SLACK_API",),
)
MATRIX = Switch(
    "Matrix (mesoguide matrix)",
    own=("MESOGUIDE_MATRIX_SERVER", "MESOGUIDE_MATRIX_USER", "MESOGUIDE_MATRIX_PASSWORD"),
    may=("MESOGUIDE_MATRIX_ASSISTANT", "MESOGUIDE_MATRIX_STATE"),
)
SWITCHES = (TELEGRAM, TWILIO, SLACK, MATRIX)


def state_of_channels() -> Iterator[tuple[str, bool]]:
    """One line for each channel, and whether it is as it should be: on or off, but not half."""
    for switch in SWITCHES:
        missing = switch.missing()
        if missing is None:
            needs = " and ".join((*switch.own, *switch.also))
            yield f"{switch.title}: off (to switch it on, set {needs})", True
        elif missing:
            yield f"{switch.title}: not complete, also set {' and '.join(missing)}", False
        else:
            yield f"{switch.title}: on", True
