"""One conversation of 2,000 turns: what a turn costs in time and in rows read from the database.

    uv run python benchmarks/long.py [--turns 2000] [--stock-turns 500] [--picture FILE]

Stock Rasa reads and sends the whole conversation at each turn, so it is stopped earlier.
"""

from __future__ import annotations

import argparse
import sqlite3
import uuid
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from rich.progress import track  # noqa: E402
from sides import OURS, REPORTS, THEIRS, Side, report, share, side  # noqa: E402

AT = (10, 100, 300, 500, 1000, 2000)
WINDOW = 20  # turns whose median stands for one
# The same few in turn, so that a late turn has the same messages as an early one.
MESSAGES = ["what does stage 4 mean", "does opdivo help", "tell me more", "side effects of chemo?"]


def talk(one: Side, turns: int) -> tuple[list[float], list[float]]:
    """Seconds and rows of each turn of one conversation."""
    one.start()
    sender = uuid.uuid4().hex
    times, rows = [], []
    for turn in track(range(turns), description=one.name):
        before = rows_read(one, sender)
        times.append(one.ask(sender, MESSAGES[turn % len(MESSAGES)]))
        rows.append(before if one.name == THEIRS else rows_read(one, sender) - before)
    return times, rows


def rows_read(one: Side, sender: str) -> float:
    """Ours counts them; stock Rasa reads all that it has of a conversation."""
    if one.name == OURS:
        return one.count("mesoguide_rows_read_total")
    with sqlite3.connect(one.database) as database:
        query = "SELECT COUNT(*) FROM events WHERE sender_id = ?"
        return float(database.execute(query, (sender,)).fetchone()[0])


def around(values: list[float], turn: int) -> list[float]:
    """The values of the turns that stand for one."""
    start = max(0, min(turn, len(values) - WINDOW))
    return values[start : start + WINDOW]


def draw(times: dict[str, list[float]], file: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    for name, colour in ((THEIRS, "#b3452f"), (OURS, "#2f7d5b")):
        points = range(0, len(times[name]) - WINDOW + 1, WINDOW)
        medians = [share(times[name][start : start + WINDOW], 0.5) for start in points]
        axes.plot(list(points), medians, color=colour, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("turn of one conversation")
    axes.set_ylabel("milliseconds (log scale)")
    axes.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    print(f"Drawn: {file}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=2000, help="of ours (%(default)s)")
    parser.add_argument("--stock-turns", type=int, default=500, help="of stock (%(default)s)")
    parser.add_argument("--picture", type=Path, default=REPORTS / "long.png")
    options = parser.parse_args()
    times: dict[str, list[float]] = {}
    read: dict[str, list[float]] = {}
    for name, turns in ((OURS, options.turns), (THEIRS, options.stock_turns)):
        with side(name) as one:
            times[name], read[name] = talk(one, turns)
    rows, found = [], {}
    for turn in AT:
        row = [str(turn)]
        for name in (OURS, THEIRS):
            if turn > len(times[name]):
                row += ["", "", ""]
                continue
            cost, first = (share(around(times[name], at), 0.5) for at in (turn, AT[0]))
            some = around(read[name], turn)
            found[f"{name}, turn {turn}"] = {"ms": cost, "rows": sum(some) / len(some)}
            row += [f"{cost:.1f}", f"{cost / first:.2f}", f"{sum(some) / len(some):.0f}"]
        rows.append(row)
    of_each = [f"{what}, {name}" for name in ("ours", "stock") for what in ("ms", "ratio", "rows")]
    report("long", "One conversation, by turn", ["turn", *of_each], rows, found)
    REPORTS.mkdir(exist_ok=True)
    draw(times, options.picture)


if __name__ == "__main__":
    main()
