"""What was understood of one message, in plain Python."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

SHORT = 6  # words: a message this short leans on what was said before


@dataclass(frozen=True)
class Turn:
    """One message as understood.

    Attributes:
        intent: name from intents.yml, or "nlu_fallback".
        text: what was typed; empty when a button was pressed. Used for matching, never echoed.
        entities: values by entity name, in the order found.
        nearest: intent names by falling confidence.
        close: whether the first of them was nearly sure enough to be answered.
        also: intents of other questions in the same message, the surest first.
        sign: name of the sign of danger that alarmed, if the safety gate named one.
        watch: level of a sign that was mentioned and did not alarm, if it is worth a line.
    """

    intent: str
    text: str = ""
    entities: dict[str, list[str]] = field(default_factory=dict)
    nearest: tuple[str, ...] = ()
    close: bool = False
    also: tuple[str, ...] = ()
    sign: str | None = None
    watch: str | None = None

    def value(self, entity: str) -> str | None:
        """The first value of an entity, or None."""
        values = self.entities.get(entity)
        return values[0] if values else None

    def mentions(self, words: Iterable[str]) -> bool:
        """Whether the text holds one of `words`; "smok*" stands for every word that starts so."""
        return mentions(self.text, words)


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether `text` holds one of `words`, or its plural; see Turn.mentions."""
    plain = text.lower().replace("’", "'")
    return any(_pattern(word).search(plain) for word in words)


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    end = r"" if word.endswith("*") else r"(?:e?s)?(?!\w)"
    return re.compile(rf"(?<!\w){re.escape(word.lower().rstrip('*'))}{end}")
