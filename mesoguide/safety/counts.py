"""What the operator can count: every alarm and every near miss, by sign and channel, never text."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter

from mesoguide.core import ways_in
from mesoguide.counts import REGISTRY

logger = logging.getLogger(__name__)
ALARMS = Counter(
    "mesoguide_safety_alarms",
    "Messages answered with a number to call.",
    ("level", "sign", "channel"),
    registry=REGISTRY,
)
NEAR_MISSES = Counter(
    "mesoguide_safety_near_misses",
    "Signs of danger that were mentioned in messages and did not alarm.",
    ("level", "sign", "why", "channel"),
    registry=REGISTRY,
)


def count(found: Mapping[str, Any], channel: str) -> None:
    """Count what the safety gate found in one message, and log a line for each.

    Args:
        found: `alarm` (level, sign) or None, and `near_misses` (level, sign, why).
    """
    channel = ways_in.known(channel)
    alarm = found.get("alarm")
    if alarm:
        level, sign = str(alarm["level"]), str(alarm["sign"])
        ALARMS.labels(level, sign, channel).inc()
        logger.info("safety alarm level=%s sign=%r channel=%s", level, sign, channel)
    for one in found.get("near_misses") or ():
        level, sign, why = str(one["level"]), str(one["sign"]), str(one["why"])
        NEAR_MISSES.labels(level, sign, why, channel).inc()
        logger.info(
            "safety near miss level=%s sign=%r why=%r channel=%s", level, sign, why, channel
        )
