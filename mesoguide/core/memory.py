"""What is remembered of a conversation from one turn to the next."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
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
    offer: str | None = None  # what a "yes" would accept: "numbers" or "delete"
    alarm: str | None = None  # the safety reply that a "yes", "no" or "more" would follow
    misses: int = 0  # messages in a row that were not understood
    questions: list[str] = field(default_factory=list)  # phrase ids, in the order they came up
    last: dict[str, Any] | None = None  # the last reply, for "say that again"

    @classmethod
    def from_dict(cls, data: object) -> Memory:
        """Read a stored memory; anything unknown or malformed starts afresh."""
        if not isinstance(data, dict):
            return cls()
        known = {item.name for item in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})

    def to_dict(self) -> dict[str, Any]:
        """The form that is stored: JSON types only."""
        return asdict(self)
