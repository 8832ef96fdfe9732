"""`mesoguide evaluate`: a file of labelled messages against the trained model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from mesoguide import paths
from mesoguide.core.files import Document
from mesoguide.core.scoring import OUTCOMES, Judged, Row, summary, thresholds
from mesoguide.parsing import parse_rows
from mesoguide.pictures import draw_confusion, draw_intents, draw_reliability

WORST = 30


def evaluate(rows: list[Row], out: Path, before: dict[str, Any] | None = None) -> None:
    """Judge every message of `rows`; print, and write JSON and pictures into `out`.

    `before`: an earlier evaluation; what changed since is printed.
    """
    parsed = parse_rows(rows, "Evaluating")
    threshold = current_threshold()
    judged = [one.judged(threshold) for one in parsed]
    report = summary(judged)
    report["threshold"] = threshold
    report["errors"] = [_as_dict(one) for one in _worst(judged)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    draw_intents(report, out / "evaluation.png")
    draw_confusion(judged, out / "confusion.png")
    draw_reliability(parsed, thresholds(parsed), threshold, out / "reliability.png")
    _print(report, judged)
    if before:
        _compare(before, report)
    print(f"Written to {out}: evaluation.json, evaluation.png, confusion.png, reliability.png")


def current_threshold() -> float:
    """The confidence that config.yml asks for before a topic is answered."""
    pipeline = Document(paths.ROOT / "config.yml").data["pipeline"]
    return next(float(one["threshold"]) for one in pipeline if "threshold" in one)


def _worst(judged: list[Judged]) -> list[Judged]:
    wrong = [one for one in judged if one.outcome in ("wrong", "missed")]
    return sorted(wrong, key=lambda one: (one.outcome != "wrong", -one.confidence))


def _as_dict(one: Judged) -> dict[str, Any]:
    return {
        "expected": one.row.expected,
        "predicted": one.predicted,
        "confidence": round(one.confidence, 3),
        "outcome": one.outcome,
        "text": one.row.text,
    }


def _print(report: dict[str, Any], judged: list[Judged]) -> None:
    console = Console()
    table = Table(title="Understanding, per intent (number of messages)")
    table.add_column("intent")
    for name in (*OUTCOMES, "recall"):
        table.add_column(name, justify="right")
    for intent, counts in report["per_intent"].items():
        recall = f"{_recall(counts):.0%}"
        table.add_row(intent, *(str(counts[name] or "") for name in OUTCOMES), recall)
    console.print(table)
    console.print(f"The {WORST} worst errors")
    for item in _worst(judged)[:WORST]:
        found = f"{item.row.expected} -> {item.predicted} ({item.confidence:.2f})"
        print(f"  {found}: {item.row.text[:90]}")
    for scope in _scopes(report):
        shares = report[scope]
        line = "  ".join(f"{name} {shares[name]:.1%}" for name in OUTCOMES)
        print(f"{scope:17} {shares['messages']:5} messages  {line}")


def _scopes(report: dict[str, Any]) -> list[str]:
    return [name for name in report if name.startswith(("in_scope", "out_of_scope"))]


def _compare(before: dict[str, Any], report: dict[str, Any]) -> None:
    print("Since the earlier evaluation, in points:")
    for scope in _scopes(report):
        if scope in before:
            then, now = before[scope], report[scope]
            line = "  ".join(f"{name} {100 * (now[name] - then[name]):+.1f}" for name in OUTCOMES)
            print(f"{scope:17} {line}")
    for intent, counts in report["per_intent"].items():
        then = before["per_intent"].get(intent)
        change = _recall(counts) - _recall(then) if then else 0.0
        if change:
            print(f"  {intent}: recall {100 * change:+.0f}")


def _recall(counts: dict[str, int]) -> float:
    return counts["right"] / sum(counts.values())
