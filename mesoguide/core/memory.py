"""What is remembered of a conversation from one turn to the next."""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import Any

from mesoguide.core.models import Subject


@dataclass
class Memory:
    """One conversation's memory; kept in the Rasa slot `memory` as a plain dict."""

    introduced: bool = False
    subject: Subject | None = None
    subject_asked: bool = False
    numbers: bool | None = None  # may survival figures be said? None: not asked yet
    topic: str | None = None  # the last topic with an answer of its own
    said: list[str] = field(default_factory=list)  # ids already said on that topic
    offer: str | None = None  # what a "yes" accepts: "numbers", "delete" or a topic
    alarm: str | None = None  # the safety intent that the next turns stay aware of
    alarm_turns: int = 0  # turns since then
    misses: int = 0  # messages in a row that were not understood
    questions: list[str] = field(default_factory=list)  # phrase ids, in the order they came up
    forgotten: bool = False  # the store deletes the conversation after this turn; never read back
    last: dict[str, Any] | None = None  # the last reply, for "say that again"

    @classmethod
    def from_dict(cls, data: object) -> Memory:
        """Read a stored memory; what is unknown or malformed starts afresh."""
        if not isinstance(data, dict):
            return cls()
        usable = {name: value for name, value in data.items() if _is_usable(name, value)}
        return cls(**copy.deepcopy(usable))

    def to_dict(self) -> dict[str, Any]:
        """The form that is stored: JSON types only."""
        return asdict(self)


def _is_usable(name: str, value: object) -> bool:
    if name in ("introduced", "subject_asked"):
        return isinstance(value, bool)
    if name == "subject":
        return value in (None, "self", "other")
    if name == "numbers":
        return value is None or isinstance(value, bool)
    if name in ("topic", "offer", "alarm"):
        return value is None or isinstance(value, str)
    if name in ("said", "questions"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if name in ("misses", "alarm_turns"):
        return isinstance(value, int)
    return name == "last" and (
        value is None or isinstance(value, dict) and set(value) >= {"type", "topic", "say"}
    )
