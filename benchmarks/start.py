"""Cold start to the first answer, and the memory after it, `mesoguide serve` beside stock Rasa.

uv run python benchmarks/start.py [--times 3]
"""

from __future__ import annotations

import argparse
import statistics

from rich.progress import track
from sides import OURS, THEIRS, report, side


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3, help="starts of each (%(default)s)")
    times = parser.parse_args().times
    seconds: dict[str, list[float]] = {OURS: [], THEIRS: []}
    memory: dict[str, list[float]] = {OURS: [], THEIRS: []}
    alone: list[float] = []  # rasa run without its action server
    for _ in track(range(times), description="Starting each"):
        for name in (OURS, THEIRS):
            with side(name) as one:
                seconds[name].append(one.start())
                memory[name].append(one.memory())
                if name == THEIRS:
                    one.processes.pop(0).terminate()
                    alone.append(one.memory())
    found = {
        name: {
            "first_answer_s": statistics.median(seconds[name]),
            "memory_mb": statistics.median(memory[name]),
        }
        for name in (OURS, THEIRS)
    }
    ours, theirs = found[OURS], found[THEIRS]
    rows = [
        [
            what,
            f"{ours[key]:.1f}",
            f"{theirs[key]:.1f}",
            f"{ours[key] / theirs[key]:.2f}",
        ]
        for key, what in (("first_answer_s", "first answer, s"), ("memory_mb", "memory, MB"))
    ]
    of_server = statistics.median(alone)
    row = ["memory, stock without its action server, MB", f"{ours['memory_mb']:.1f}"]
    rows.append([*row, f"{of_server:.1f}", f"{ours['memory_mb'] / of_server:.2f}"])
    report("start", f"Cold start, {times} of each", ["", OURS, THEIRS, "ours / stock"], rows, found)


if __name__ == "__main__":
    main()
