"""What was planted in sentences to be taken out: planted.tsv, a third of it kept aside.

The sentences kept aside were written before the first line of the code, by the same hand, and never
looked at while it was mended. Their recall is what docs/privacy.md says.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("planted.tsv")


@dataclass(frozen=True)
class Planted:
    """One sentence, and the pieces of it that must not be stored."""

    part: str  # "tuned" or "aside"
    kind: str
    pieces: tuple[str, ...]
    text: str

    def left_in(self, text: str) -> list[str]:
        return [piece for piece in self.pieces if piece in text]


def planted(part: str | None = None) -> list[Planted]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    all_ = [Planted(r["part"], r["kind"], tuple(r["planted"].split("|")), r["text"]) for r in rows]
    return [one for one in all_ if part in (None, one.part)]
