"""Resident memory of `mesoguide serve`: after the start, after many turns, after many senders.

uv run python benchmarks/memory.py [--turns 10000] [--senders 10000]
"""

from __future__ import annotations

import argparse
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import local

from rich.progress import track
from sides import OURS, Side, messages, report, side

AT_ONCE = 4
FEW = 100  # senders


def ask_all(one: Side, senders: list[str], description: str) -> None:
    """One message of each of `senders`, a few at a time."""
    texts, mine = messages(), local()

    def ask(place: int) -> None:
        if not hasattr(mine, "side"):
            mine.side = Side(one.name, one.folder, port=one.port)
        mine.side.ask(senders[place], texts[place % len(texts)])

    with ThreadPoolExecutor(AT_ONCE) as workers:
        places = range(len(senders))
        for _ in track(workers.map(ask, places), description=description, total=len(senders)):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=10_000, help="(%(default)s)")
    parser.add_argument("--senders", type=int, default=10_000, help="(%(default)s)")
    options = parser.parse_args()
    found: dict[str, float] = {}
    with side(OURS) as one:
        one.start()
        found["after the start"] = one.memory()
        ask_all(one, [uuid.uuid4().hex for _ in range(FEW)], f"{FEW} senders")
        found[f"after {FEW} senders"] = few = one.memory()
        ten = [uuid.uuid4().hex for _ in range(10)]
        ask_all(one, [ten[turn % 10] for turn in range(options.turns)], f"{options.turns} turns")
        found[f"after {options.turns} turns of ten"] = one.memory()
        ask_all(one, [uuid.uuid4().hex for _ in range(options.senders)], "many senders")
        found[f"after {options.senders} senders more"] = one.memory()
    rows = [[name, f"{size:.0f}", f"{size / few:.2f}"] for name, size in found.items()]
    report("memory", "Resident memory", ["", "MB", f"to {FEW} senders"], rows, found)


if __name__ == "__main__":
    main()
