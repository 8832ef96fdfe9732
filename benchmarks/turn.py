"""How long a turn takes over REST, `mesoguide serve` beside stock Rasa, message by message.

    uv run python benchmarks/turn.py [--turns 300]

Both get the same messages in turn, of all lengths, in conversations of ten. Stock Rasa has its
default pipeline and policies, and an action server; ours has the sentence encoder and the gate.
"""

from __future__ import annotations

import argparse
import uuid

from rich.progress import track
from sides import OURS, THEIRS, messages, report, share, side

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
        texts = messages()
        sender = ""
        for turn in track(range(WARM + turns), description="Talking with both"):
            sender = sender if turn % LENGTH else uuid.uuid4().hex
            for one in (ours, theirs):
                spent = one.ask(sender, texts[turn % len(texts)])
                if turn >= WARM:
                    times[one.name].append(spent)
    found = {
        name: {"median": share(all_, 0.5), "p95": share(all_, 0.95), "p99": share(all_, 0.99)}
        for name, all_ in times.items()
    }
    rows = [
        [
            f"{what}, ms",
            *(f"{found[one][what]:.1f}" for one in (OURS, THEIRS)),
            f"{found[THEIRS][what] / found[OURS][what]:.2f}",
        ]
        for what in ("median", "p95", "p99")
    ]
    spread = [f"{found[one]['p99'] / found[one]['median']:.2f}" for one in (OURS, THEIRS)]
    rows.append(["p99 / median", *spread, ""])
    report("turn", f"One turn, {turns} of each", ["", OURS, THEIRS, "ratio"], rows, found)


if __name__ == "__main__":
    main()
