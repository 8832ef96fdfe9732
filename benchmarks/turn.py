"""How long a turn takes over REST, `mesoguide serve` beside stock Rasa, message by message.

    uv run python benchmarks/turn.py [--turns 300]

Both get the same messages in turn, of all lengths, in conversations of ten. Stock Rasa has its
default pipeline and policies, and an action server; ours has the sentence encoder and the gate.
"""

from __future__ import annotations

import argparse
import uuid

from rich.progress import track
from sides import OURS, THEIRS, side
from telling import STOCK, messages, report, share, unanswered

WARM = 10  # turns that are not counted
LENGTH = 10  # turns of a conversation


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=300, help="with each (%(default)s)")
    turns = parser.parse_args().turns
    times: dict[str, list[float]] = {OURS: [], THEIRS: []}
    with side(OURS) as ours, side(THEIRS) as theirs:
        ours.start()
        theirs.start()
        sender = ""
        for turn, text in enumerate(track(messages(WARM + turns), "Talking with both")):
            sender = sender if turn % LENGTH else uuid.uuid4().hex
            for one in (ours, theirs):
                spent = one.ask(sender, text)
                if turn >= WARM:
                    times[one.name].append(spent)
        wrong = unanswered(ours, theirs)
    show(times, turns, wrong)


def show(times: dict[str, list[float]], turns: int, wrong: str) -> None:
    found = {
        name: {"median": share(all_, 0.5), "p95": share(all_, 0.95), "p99": share(all_, 0.99)}
        for name, all_ in times.items()
    }
    ours, theirs = found[OURS], found[THEIRS]
    ratio = {what: theirs[what] / ours[what] for what in ours}
    rows = [
        [f"{what}, ms", f"{ours[what]:.1f}", f"{theirs[what]:.1f}", f"{ratio[what]:.2f}"]
        for what in ours
    ]
    spread = [f"{one['p99'] / one['median']:.2f}" for one in (ours, theirs)]
    rows.append(["p99 / median", *spread, ""])
    columns = ["", OURS, THEIRS, "stock / ours"]
    data = {**found, "ratio": ratio}
    report("turn", f"One turn, {turns} of each", columns, rows, data, STOCK, wrong)


if __name__ == "__main__":
    main()
