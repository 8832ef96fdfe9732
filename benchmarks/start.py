"""Cold start to the first answer, and the memory after it, `mesoguide serve` beside stock Rasa.

    uv run python benchmarks/start.py [--times 3]

The first answer is the first over REST that says something: stock says nothing until its action
server, started at the same time, is there too. Both are started in turn.
"""

from __future__ import annotations

import argparse
import statistics

from rich.progress import track
from sides import OURS, THEIRS, side
from telling import STOCK, report

WHAT = {
    "first_answer_s": "first answer, s",
    "memory_mb": "memory, MB",
    "server_alone_mb": "memory without the action server, MB",
}


def started(name: str) -> dict[str, float]:
    """One cold start."""
    with side(name) as one:
        return {
            "first_answer_s": one.start(),
            "memory_mb": one.memory(),
            "server_alone_mb": one.memory(whole=False),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3, help="starts of each (%(default)s)")
    times = parser.parse_args().times
    starts: dict[str, list[dict[str, float]]] = {OURS: [], THEIRS: []}
    for _ in track(range(times), "Starting each"):
        for name, all_ in starts.items():
            all_.append(started(name))
    found = {
        name: {key: statistics.median(one[key] for one in all_) for key in WHAT}
        for name, all_ in starts.items()
    }
    ours, theirs = found[OURS], found[THEIRS]
    ratio = {key: ours[key] / theirs[key] for key in WHAT}
    rows = [
        [what, f"{ours[key]:.1f}", f"{theirs[key]:.1f}", f"{ratio[key]:.2f}"]
        for key, what in WHAT.items()
    ]
    columns = ["", OURS, THEIRS, "ours / stock"]
    data = {**found, "ratio": ratio, "each": starts}
    report("start", f"Cold start, median of {times}", columns, rows, data, STOCK)


if __name__ == "__main__":
    main()
