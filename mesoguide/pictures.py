"""The pictures of `mesoguide evaluate`, `mesoguide calibrate` and `mesoguide review`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from mesoguide.core.scoring import NOT_ANSWERED, Judged, Parsed, Threshold  # noqa: E402
from mesoguide.likeness import Variety  # noqa: E402

COLOURS = {"right": "#2f7d5b", "offered": "#8fbf9f", "missed": "#c9c9c9", "wrong": "#b3452f"}
BINS = 10


def draw_intents(report: dict[str, Any], file: Path) -> None:
    """One bar per intent, the least understood on top."""
    per_intent = report["per_intent"]
    names = sorted(per_intent, key=lambda name: _share_right(per_intent[name]), reverse=True)
    figure, axes = pyplot.subplots(figsize=(9, 0.22 * len(names) + 1.5))
    left = dict.fromkeys(names, 0.0)
    for outcome, colour in COLOURS.items():
        widths = [per_intent[name][outcome] / sum(per_intent[name].values()) for name in names]
        axes.barh(names, widths, left=list(left.values()), color=colour, label=outcome)
        for name, width in zip(names, widths, strict=True):
            left[name] += width
    inside, outside = report["in_scope"], report["out_of_scope"]
    title = (
        f"In scope: {inside['right']:.1%} right, {inside['wrong']:.1%} wrong.  "
        f"Out of scope: {outside['wrong']:.1%} answered."
    )
    axes.set_title(title, fontsize=10)
    axes.set_xlim(0, 1)
    axes.tick_params(axis="y", labelsize=7)
    axes.margins(y=0.005)
    axes.set_xlabel("share of the messages of each intent")
    axes.legend(loc="lower left", ncol=4, fontsize=8)
    _save(figure, file)


def draw_confusion(judged: list[Judged], file: Path) -> None:
    """Which intent was taken for which: expected down, answered across; only where some erred."""
    pairs = Counter((one.row.expected, one.predicted) for one in judged if one.outcome != "right")
    expected = sorted({pair[0] for pair in pairs})
    predicted = sorted({pair[1] for pair in pairs})
    table = np.array([[pairs[one, other] for other in predicted] for one in expected] or [[0]])
    size = (0.26 * len(predicted) + 4, 0.2 * len(expected) + 3)
    figure, axes = pyplot.subplots(figsize=size)
    axes.imshow(table, cmap="OrRd", aspect="auto")
    axes.set_xticks(range(len(predicted)), predicted, rotation=90, fontsize=7)
    axes.set_yticks(range(len(expected)), expected, fontsize=7)
    for row, column in np.argwhere(table > 0):
        axes.text(column, row, table[row, column], ha="center", va="center", fontsize=7)
    axes.set_xlabel("what the assistant took it for (nlu_fallback: it asked)")
    axes.set_ylabel("what was meant")
    axes.set_title("Messages that were not understood right away", fontsize=10)
    _save(figure, file)


def draw_reliability(parsed: list[Parsed], found: list[Threshold], now: float, file: Path) -> None:
    """Left: how often each confidence is right. Right: the shares at every threshold."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2))
    confidence = np.array([one.ranked[0][1] for one in parsed])
    hit = np.array([_hit(one) for one in parsed])
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.digitize(confidence, edges) - 1, 0, BINS - 1)
    for number in range(BINS):
        here = hit[place == number]
        if len(here):
            left.bar(edges[number], here.mean(), 1 / BINS, align="edge", color="#8fbf9f", ec="w")
            left.text(edges[number] + 0.5 / BINS, 0.02, len(here), ha="center", fontsize=7)
    left.plot([0, 1], [0, 1], "--", color="#777777", linewidth=1)
    left.set(xlabel="confidence", ylabel="share whose first choice was right", ylim=(0, 1))
    left.set_title("Reliability (numbers: messages)", fontsize=10)
    _lines(right, found, now, f"now {now:.2f}")
    _save(figure, file)


def draw_thresholds(found: list[Threshold], chosen: Threshold, file: Path) -> None:
    """The shares at every threshold, and the chosen one."""
    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    _lines(axes, found, chosen.value, f"chosen {chosen.value:.2f}")
    _save(figure, file)


def draw_variety(
    varieties: dict[str, Variety], twice: Counter[str], once: Counter[str], file: Path
) -> None:
    """Left: how alike the examples of each intent are. Right: how many of them are doubtful.

    Args:
        varieties: by intent, the least varied first; it comes on top.
        twice: doubtful examples by intent that both methods doubt; `once`: that one doubts.
    """
    names = list(varieties)[::-1]
    size = (11, 0.22 * len(names) + 1.6)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=size, sharey=True)
    place = np.arange(len(names))
    left.barh(place + 0.2, [varieties[name].alike for name in names], 0.4, color="#44618a")
    left.barh(place - 0.2, [varieties[name].share for name in names], 0.4, color="#b9c7dd")
    left.set_yticks(place, names, fontsize=7)
    left.legend(
        ["mean likeness of two examples", "share of the commonest opening"],
        fontsize=7,
        loc="lower right",
    )
    left.set_title("Sameness inside each intent (long: little variety)", fontsize=10)
    widths = [twice[name] for name in names]
    right.barh(place, widths, color=COLOURS["wrong"], label="both methods doubt them")
    right.barh(
        place, [once[name] for name in names], left=widths, color="#c9c9c9", label="one does"
    )
    right.tick_params(axis="y", labelleft=False)
    right.legend(fontsize=7, loc="upper right")
    right.set_title("Doubtful examples, in numbers", fontsize=10)
    left.margins(y=0.005)
    _save(figure, file)


def _lines(axes: Any, found: list[Threshold], mark: float, label: str) -> None:
    """Right answers on the left-hand scale, the two kinds of mistake on the right-hand one."""
    values = [one.value for one in found]
    mistakes = axes.twinx()
    lines = [
        *axes.plot(values, [one.right for one in found], color=COLOURS["right"], label="right"),
        *mistakes.plot(
            values,
            [one.wrong for one in found],
            color=COLOURS["wrong"],
            label="wrong (scale right)",
        ),
        *mistakes.plot(
            values,
            [one.answered_outside for one in found],
            color="#44618a",
            label="out of scope, answered (scale right)",
        ),
        axes.axvline(mark, color="#333333", linestyle="--", linewidth=1, label=label),
    ]
    axes.set(xlabel="threshold", ylabel="share of the messages in scope", ylim=(0, 1))
    mistakes.set(ylabel="share of mistakes", ylim=(0, 0.1))
    axes.set_title("What each threshold would do", fontsize=10)
    axes.legend(
        lines,
        [line.get_label() for line in lines],
        fontsize=8,
        loc="lower right",
        bbox_to_anchor=(1, 0.06),
    )


def _hit(one: Parsed) -> bool:
    name = one.ranked[0][0]
    return name in one.row.accepted or (one.row.expected in NOT_ANSWERED and name in NOT_ANSWERED)


def _share_right(counts: dict[str, int]) -> float:
    return counts["right"] / sum(counts.values())


def _save(figure: Any, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)
