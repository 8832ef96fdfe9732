"""`mesoguide evaluate`: a file of labelled messages against the trained model."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.model import get_latest_model  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from mesoguide import paths  # noqa: E402
from mesoguide.core.scoring import (  # noqa: E402
    OUTCOMES,
    BadFile,
    Judged,
    judge,
    read_rows,
    summary,
)
from mesoguide.server import quiet_logs  # noqa: E402

WORST = 30
COLOURS = {"right": "#2f7d5b", "offered": "#8fbf9f", "missed": "#c9c9c9", "wrong": "#b3452f"}


def evaluate_file(file: Path, out: Path) -> int:
    """Judge every message of `file`; print, and write JSON and a picture into `out`."""
    try:
        rows = read_rows(file)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 1
    quiet_logs()
    agent = Agent.load(get_latest_model(str(paths.models())))
    judged = []
    for row in track(rows, description="Evaluating"):
        parsed = asyncio.run(agent.parse_message(row.text))
        ranked = [one["name"] for one in parsed["intent_ranking"]]
        intent = parsed["intent"]
        judged.append(judge(row, intent["name"], float(intent["confidence"]), ranked))
    report = summary(judged)
    report["errors"] = [_as_dict(one) for one in _worst(judged)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    _picture(report, out / "evaluation.png")
    _print(report, judged, out)
    return 0


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


def _print(report: dict[str, Any], judged: list[Judged], out: Path) -> None:
    console = Console()
    table = Table(title="Understanding, per intent (number of messages)")
    table.add_column("intent")
    for name in OUTCOMES:
        table.add_column(name, justify="right")
    for intent, counts in report["per_intent"].items():
        table.add_row(intent, *(str(counts[name] or "") for name in OUTCOMES))
    console.print(table)
    console.print(f"The {WORST} worst errors")
    for item in _worst(judged)[:WORST]:
        found = f"{item.row.expected} -> {item.predicted} ({item.confidence:.2f})"
        console.print(f"  {found}: {item.row.text[:90]}", markup=False, highlight=False)
    for scope in ("in_scope", "out_of_scope"):
        shares = report[scope]
        line = "  ".join(f"{name} {shares[name]:.1%}" for name in OUTCOMES)
        console.print(f"{scope:13} {shares['messages']:5} messages  {line}", highlight=False)
    console.print(f"Written: {out / 'evaluation.json'} and {out / 'evaluation.png'}")


def _picture(report: dict[str, Any], file: Path) -> None:
    """One bar per intent, the least understood on top."""
    per_intent = report["per_intent"]
    names = sorted(per_intent, key=lambda name: _share_right(per_intent[name]), reverse=True)
    figure, axes = pyplot.subplots(figsize=(9, 0.22 * len(names) + 1.5))
    left = dict.fromkeys(names, 0.0)
    for outcome in ("right", "offered", "missed", "wrong"):
        widths = [per_intent[name][outcome] / sum(per_intent[name].values()) for name in names]
        axes.barh(
            names,
            widths,
            left=[left[name] for name in names],
            color=COLOURS[outcome],
            label=outcome,
        )
        for name, width in zip(names, widths, strict=False):
            left[name] += width
    inside, outside = report["in_scope"], report["out_of_scope"]
    axes.set_title(
        f"In scope: {inside['right']:.1%} right, {inside['wrong']:.1%} wrong.  "
        f"Out of scope: {outside['wrong']:.1%} answered.",
        fontsize=10,
    )
    axes.set_xlim(0, 1)
    axes.tick_params(axis="y", labelsize=7)
    axes.margins(y=0.005)
    axes.set_xlabel("share of the messages of each intent")
    axes.legend(loc="lower left", ncol=4, fontsize=8)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _share_right(counts: dict[str, int]) -> float:
    return counts["right"] / sum(counts.values())
