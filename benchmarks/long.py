"""One conversation of 2,000 turns: what a turn costs in time and in rows read from the database.

    uv run python benchmarks/long.py [--turns 2000] [--stock-turns 500] [--picture FILE]

Stock Rasa reads and sends the whole conversation at each turn, so it is stopped earlier. A turn
stands for the twenty that begin with it, or for the last twenty.
"""

from __future__ import annotations

import argparse
import sqlite3
import uuid
from pathlib import Path

from rich.progress import track
from sides import OURS, REPORTS, THEIRS, Side, side
from telling import (
    COLOURS,
    STOCK,
    canvas,
    log_scale,
    messages,
    report,
    save,
    share,
    unanswered,
    varied,
)

AT = (10, 100, 300, 500, 1000, 2000)
WINDOW = 20  # turns whose median stands for one
Cost = dict[str, float | None]


def talk(one: Side, turns: int) -> tuple[list[float], list[float | None]]:
    """Seconds and rows read of each turn of one conversation."""
    one.start()
    sender, times, rows = uuid.uuid4().hex, [], []
    few = messages(WINDOW)  # every window has the same messages, with words changed round
    for turn in track(range(turns), one.name):
        before = rows_read(one, sender)
        times.append(one.ask(sender, varied(few[turn % WINDOW], turn // WINDOW)))
        after = rows_read(one, sender)
        ours = None if before is None or after is None else after - before
        rows.append(ours if one.name == OURS else before)
    return times, rows


def rows_read(one: Side, sender: str) -> float | None:
    """Ours counts them; stock Rasa reads all that it has of a conversation."""
    if one.name == OURS:
        return one.count("mesoguide_rows_read_total")
    with sqlite3.connect(one.database) as database:
        query = "SELECT COUNT(*) FROM events WHERE sender_id = ?"
        return float(database.execute(query, (sender,)).fetchone()[0])


def cost(times: list[float], rows: list[float | None], turn: int) -> Cost | None:
    """Milliseconds, and rows read, of the turns that stand for one; None when there are none."""
    if turn > len(times):
        return None
    start = max(0, min(turn - 1, len(times) - WINDOW))
    read = [one for one in rows[start : start + WINDOW] if one is not None]
    return {
        "ms": share(times[start : start + WINDOW], 0.5),
        "rows": sum(read) / len(read) if read else None,
    }


def cells(now: Cost | None, first: Cost | None) -> list[str]:
    """Time and rows, each with its ratio to the first."""
    found = []
    for key in ("ms", "rows"):
        value, before = (one[key] if one else None for one in (now, first))
        if now is None:
            found += ["", ""]
        elif value is None or not before:
            found += ["unknown", ""]
        else:
            found += [f"{value:.1f}", f"{value / before:.2f}"]
    return found


def draw(times: dict[str, list[float]], file: Path) -> None:
    figure, (axes,) = canvas(1, 7)
    for name, colour in COLOURS.items():
        points = range(0, len(times[name]) - WINDOW + 1, WINDOW)
        medians = [share(times[name][start : start + WINDOW], 0.5) for start in points]
        axes.plot([start + 1 for start in points], medians, color=colour, label=name)
    log_scale(axes)
    axes.set_xlabel("turn of one conversation")
    axes.set_ylabel("milliseconds (log scale)")
    axes.legend()
    save(figure, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=2000, help="of ours (%(default)s)")
    parser.add_argument("--stock-turns", type=int, default=500, help="of stock (%(default)s)")
    parser.add_argument(
        "--picture", type=Path, default=REPORTS / "long.png", help="(default: reports/long.png)"
    )
    options = parser.parse_args()
    times: dict[str, list[float]] = {}
    found: dict[str, dict[int, Cost | None]] = {}
    wrong = []
    for name, turns in ((OURS, options.turns), (THEIRS, options.stock_turns)):
        with side(name) as one:
            times[name], rows = talk(one, turns)
            found[name] = {turn: cost(times[name], rows, turn) for turn in AT}
            wrong.append(unanswered(one))
    table = [
        [str(turn), *(cell for one in found.values() for cell in cells(one[turn], one[AT[0]]))]
        for turn in AT
    ]
    heads = [f"{what}, {who}" for who in ("ours", "stock") for what in ("ms", "rows")]
    columns = ["turn", *(head for one in heads for head in (one, f"to turn {AT[0]}"))]
    data = {**found, "ms_of_each_turn": {name: share_all(all_) for name, all_ in times.items()}}
    report("long", "One conversation, by turn", columns, table, data, STOCK, *wrong)
    draw(times, options.picture)


def share_all(times: list[float]) -> list[float]:
    return [round(1000 * one, 1) for one in times]


if __name__ == "__main__":
    main()
