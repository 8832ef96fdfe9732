"""Resident memory of `mesoguide serve`: after the start, after many turns, after many senders.

    uv run python benchmarks/memory.py [--turns 10000] [--senders 10000] [--stock]

With --stock also that of stock Rasa and its action server, which takes several times as long.
"""

from __future__ import annotations

import argparse
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import local

from rich.progress import track
from sides import OURS, THEIRS, Side, side
from telling import STOCK, messages, report, unanswered

AT_ONCE = 8
FEW = 100  # senders
SAME = 10  # conversations that have all the turns


def ids(count: int) -> list[str]:
    return [uuid.uuid4().hex for _ in range(count)]


def ask_all(one: Side, senders: list[str], texts: list[str], what: str) -> None:
    """One message of each of `senders`, a few at a time, each over a connection of its own."""
    mine = local()

    def ask(sender: str, text: str) -> int:
        if not hasattr(mine, "side"):
            mine.side = Side(one.name, one.folder, port=one.port)
        mine.side.unanswered = 0
        mine.side.ask(sender, text)
        return int(mine.side.unanswered)

    with ThreadPoolExecutor(AT_ONCE) as workers:
        answers = workers.map(ask, senders, texts)
        one.unanswered += sum(track(answers, f"{one.name}, {what}", total=len(senders)))


def grown(one: Side, turns: int, senders: int) -> dict[str, float]:
    """MB after each of the four."""
    texts = messages(FEW + turns + senders)
    one.start()
    found = {"the start": one.memory()}
    same = ids(SAME)
    for what, who in (
        (f"{FEW} senders", ids(FEW)),
        (f"{turns:,} turns of {SAME} senders", [same[turn % SAME] for turn in range(turns)]),
        (f"{senders:,} senders more", ids(senders)),
    ):
        ask_all(one, who, texts[: len(who)], what)
        del texts[: len(who)]
        found[what] = one.memory()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=10_000, help="of ten senders (%(default)s)")
    parser.add_argument("--senders", type=int, default=10_000, help="one turn each (%(default)s)")
    parser.add_argument("--stock", action="store_true", help="stock Rasa beside it (slow)")
    options = parser.parse_args()
    found, remarks = {}, []
    for name in (OURS, THEIRS) if options.stock else (OURS,):
        with side(name) as one:
            mb = grown(one, options.turns, options.senders)
            few = mb[f"{FEW} senders"]
            found[name] = {what: {"mb": size, "ratio": size / few} for what, size in mb.items()}
            remarks.append(unanswered(one))
    rows = [[f"after {what}"] for what in found[OURS]]
    for of_one in found.values():
        for row, cell in zip(rows, of_one.values(), strict=True):
            row += [f"{cell['mb']:.0f}", f"{cell['ratio']:.2f}"]
    columns = ["", *(head for name in found for head in (f"{name}, MB", f"to {FEW} senders"))]
    report("memory", "Resident memory", columns, rows, found, *remarks, *[STOCK][: len(found) - 1])


if __name__ == "__main__":
    main()
