"""How well messages were understood: right, offered, wrong or missed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mesoguide.core.languages import TOPIC as FOREIGN

Outcome = Literal["right", "offered", "wrong", "missed"]
OUTCOMES: tuple[Outcome, ...] = ("right", "offered", "wrong", "missed")
OUT = "out_of_scope"
NOT_ANSWERED = ("nlu_fallback", OUT)
COLUMNS = ["expected", "also_ok", "text"]
KIND = "kind"  # a fourth column that may be there: near or far, of out_of_scope


class BadFile(Exception):
    """An evaluation file that cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class Row:
    """One message of an evaluation file. `accepted` holds `expected` and the `also_ok`."""

    expected: str
    accepted: frozenset[str]
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Judged:
    """A row and what became of it."""

    row: Row
    predicted: str
    confidence: float
    outcome: Outcome


@dataclass(frozen=True)
class Parsed:
    """A row and what the model made of it.

    Attributes:
        ranked: (intent, confidence) by falling confidence, without nlu_fallback.
        fixed: the intent that a guard (danger, language) set whatever the confidence, or None.
        offers: the topics that a fallback would offer.
    """

    row: Row
    ranked: tuple[tuple[str, float], ...]
    fixed: str | None = None
    offers: tuple[str, ...] = ()

    def predicted(self, threshold: float) -> str:
        """The intent that is acted on when this much confidence is asked for."""
        name, confidence = self.ranked[0]
        return self.fixed or (name if confidence >= threshold else NOT_ANSWERED[0])

    def judged(self, threshold: float) -> Judged:
        """What becomes of the message at this threshold."""
        return judge(self.row, self.predicted(threshold), self.ranked[0][1], self.offers)


@dataclass(frozen=True)
class Threshold:
    """A threshold and the shares it gives, each 0 to 1."""

    value: float
    right: float
    wrong: float
    answered_outside: float


def thresholds(parsed: list[Parsed]) -> list[Threshold]:
    """The shares at each threshold from 0.01 to 0.60."""
    found = []
    for step in range(1, 61):
        figures = summary([one.judged(step / 100) for one in parsed])
        inside, outside = figures["in_scope"], figures["out_of_scope"]
        shares = (inside["right"], inside["wrong"], outside["wrong"])
        found.append(Threshold(step / 100, *shares))
    return found


def choose(found: list[Threshold], most_wrong: float, most_outside: float) -> Threshold:
    """The lowest threshold that keeps both promises, or the one that breaks them least."""

    def broken(one: Threshold) -> float:
        return max(one.wrong - most_wrong, 0) + max(one.answered_outside - most_outside, 0)

    return min(found, key=lambda one: (round(broken(one), 4), one.value))


def read_rows(file: Path) -> list[Row]:
    """The rows of a TSV with the columns expected, also_ok, text, perhaps kind. Raises BadFile."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{file} cannot be read: {error}.") from None
    width = columns_of(lines[0]) if lines else 0
    if not width:
        raise BadFile(f"{file}:1: the first line must be: {', '.join(COLUMNS)}, with tabs.")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != width or not cells[0] or not cells[2]:
            raise BadFile(f"{file}:{number}: write {width} columns separated by tabs.")
        also = (name.strip() for name in cells[1].split(","))
        accepted = frozenset({cells[0], *filter(None, also)})
        rows.append(Row(cells[0], accepted, cells[2], cells[3] if width > len(COLUMNS) else ""))
    if not rows:
        raise BadFile(f"{file}: there is no message in it.")
    return rows


def read_report(file: Path) -> dict[str, Any]:
    """An evaluation.json that evaluate wrote. Raises BadFile."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile(f"{file} cannot be read: {error}.") from None
    if not isinstance(report, dict) or not {"in_scope", "per_intent"} <= set(report):
        raise BadFile(f"{file} is not an evaluation.json: give one that evaluate has written.")
    return report


def columns_of(header: str) -> int:
    """How many columns a file with this first line has; 0 when they are not the right ones."""
    cells = header.split("\t")
    return len(cells) if cells in (COLUMNS, [*COLUMNS, KIND]) else 0


def judge(row: Row, predicted: str, confidence: float, offers: Iterable[str]) -> Judged:
    """What became of a message.

    Args:
        predicted: the intent that was acted on, or nlu_fallback.
        offers: the topics that a fallback would offer.
    """
    return Judged(row, predicted, confidence, _outcome(row, predicted, offers))


def _outcome(row: Row, predicted: str, offers: Iterable[str]) -> Outcome:
    if predicted in row.accepted:
        return "right"
    if row.expected == OUT:  # "I only read English" answers no topic either
        return "right" if predicted in (*NOT_ANSWERED, FOREIGN) else "wrong"
    if predicted not in NOT_ANSWERED:
        return "wrong"
    offered = predicted != OUT and any(name in row.accepted for name in offers)
    return "offered" if offered else "missed"


def summary(judged: list[Judged]) -> dict[str, Any]:
    """Shares in scope and out of scope, and counts per intent. JSON types only."""
    inside = [one for one in judged if one.row.expected != OUT]
    outside = [one for one in judged if one.row.expected == OUT]
    per_intent: dict[str, dict[str, int]] = {}
    for one in judged:
        counts = per_intent.setdefault(one.row.expected, dict.fromkeys(OUTCOMES, 0))
        counts[one.outcome] += 1
    kinds = sorted({one.row.kind for one in outside} - {""})
    by_kind = {kind: _shares([one for one in outside if one.row.kind == kind]) for kind in kinds}
    return {
        "in_scope": _shares(inside),
        "out_of_scope": _shares(outside),
        **{f"out_of_scope_{kind}": shares for kind, shares in by_kind.items()},
        "per_intent": dict(sorted(per_intent.items())),
    }


def _shares(judged: list[Judged]) -> dict[str, Any]:
    counts = Counter(one.outcome for one in judged)
    total = len(judged)
    shares: dict[str, Any] = {"messages": total}
    for name in OUTCOMES:
        shares[name] = round(counts[name] / total, 4) if total else 0.0
    return shares
