"""What the speed benchmarks say to both sides, and how they show what they found."""

from __future__ import annotations

import json
import os
import platform
import random
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sides import OURS, REPORTS, ROOT, THEIRS, Side

COLOURS = {THEIRS: "#b3452f", OURS: "#2f7d5b"}  # those of mesoguide/pictures.py
STOCK = "Stock Rasa has its default pipeline, trained for one epoch: a turn costs the same."


def messages(count: int) -> list[str]:
    """Held-out messages of all lengths in a fixed mixed order, hardly any of them twice.

    Our encoder remembers texts, and understands one that comes again in under half the time. People
    seldom repeat themselves: when all have been said, they come with two words changed round.
    """
    rows = (ROOT / "tests" / "heldout.tsv").read_text(encoding="utf-8").splitlines()[1:]
    texts = [" ".join(row.split("\t")[2].split()) for row in rows]
    random.Random(0).shuffle(texts)
    return [varied(texts[turn % len(texts)], turn // len(texts)) for turn in range(count)]


def varied(text: str, number: int) -> str:
    """The same words in another order; number 0 is the text itself."""
    words = text.split()
    if number and len(words) > 1:
        one, other = random.Random(f"{number} {text}").sample(range(len(words)), 2)
        words[one], words[other] = words[other], words[one]
    return " ".join(words)


def share(times: list[float], quantile: float) -> float:
    """A quantile of times in seconds, in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


def unanswered(*sides: Side) -> str:
    """The line that says how many turns went wrong."""
    counts = ", ".join(f"{one.name} {one.unanswered}" for one in sides)
    return f"Turns without an answer: {counts}."


def machine() -> dict[str, Any]:
    """What it ran on."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in info.splitlines() if "model name" in line]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "rasa": version("rasa"),
        "date": time.strftime("%Y-%m-%d"),
    }


def report(
    name: str, title: str, columns: list[str], rows: list[list[str]], data: Any, *remarks: str
) -> None:
    """Print a table and what there is to know of it, and write both to reports/NAME.json."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    for remark in remarks:
        print(remark)
    REPORTS.mkdir(exist_ok=True)
    file = REPORTS / f"{name}.json"
    whole = {"machine": machine(), "remarks": remarks, name: data}
    file.write_text(json.dumps(whole, indent=2), encoding="utf-8")
    print(f"Written: {file.relative_to(ROOT)}")


def canvas(columns: int, width: float) -> tuple[Any, Any]:
    """An empty figure, and its axes from left to right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, columns, figsize=(width, 3.5), squeeze=False)
    return figure, axes[0]


def log_scale(axes: Any) -> None:
    """A logarithmic scale upwards, in plain numbers."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_minor_formatter("{x:,.0f}")
    axes.tick_params(axis="y", which="minor", labelsize=7)


def save(figure: Any, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    print(f"Drawn: {file}")
