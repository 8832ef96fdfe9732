"""How much is still understood when most of what is out of scope is turned away.

It makes models comparable whose confidences are not: each gets the threshold of its own that
turns away the same share.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, nextafter

from mesoguide.core.scoring import OUT, Parsed

NOTHING = ("", 0.0)  # the first choice of a message whose ranking is empty
SLIP = 9  # decimals: 0.07 * 100 is a little more than 7


@dataclass(frozen=True)
class AtRejection:
    """What one threshold does.

    Attributes:
        threshold: the lowest confidence with which an intent is acted on.
        rejected: share of the out-of-scope messages that are turned away, 0 to 1.
        accuracy: share of the in-scope messages that are acted on rightly, 0 to 1.
    """

    threshold: float
    rejected: float
    accuracy: float


def at_rejection(parsed: list[Parsed], share: float, out_of_scope: str = OUT) -> AtRejection:
    """What becomes of the messages when at least `share` of the out-of-scope ones is rejected.

    A message is rejected when its first choice is `out_of_scope` itself or has less confidence
    than the threshold, which is the lowest that will do. Intents set by guards do not count.
    Where there is no message of a scope, its share is 0.

    Args:
        parsed: messages, those expected to be `out_of_scope` among them; a ranking may be empty.
        share: 0 to 1; 0 asks for no threshold, which gives the plain accuracy.
        out_of_scope: name of the intent for everything else, taught or not.
    """
    outside = [_first(one) for one in parsed if one.row.expected == out_of_scope]
    inside = [one for one in parsed if one.row.expected != out_of_scope]
    threshold = _lowest(outside, share, out_of_scope)
    rejected = [name == out_of_scope or confidence < threshold for name, confidence in outside]
    right = [_is_right(one, threshold) for one in inside]
    return AtRejection(threshold, _share(rejected), _share(right))


def _lowest(outside: list[tuple[str, float]], share: float, out_of_scope: str) -> float:
    """The lowest threshold that rejects at least `share` of these (intent, confidence)."""
    taken = sorted(confidence for name, confidence in outside if name != out_of_scope)
    needed = ceil(round(share * len(outside), SLIP)) - (len(outside) - len(taken))
    return nextafter(taken[needed - 1], inf) if needed > 0 else 0.0


def _is_right(one: Parsed, threshold: float) -> bool:
    name, confidence = _first(one)
    return name in one.row.accepted and confidence >= threshold


def _first(one: Parsed) -> tuple[str, float]:
    return one.ranked[0] if one.ranked else NOTHING


def _share(true: list[bool]) -> float:
    return sum(true) / len(true) if true else 0.0
