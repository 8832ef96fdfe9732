"""One server and two, on one PostgreSQL and one Redis, as behind a proxy; beside one on SQLite.

    uv run python benchmarks/machines.py [--seconds 20] [--at 8 32]

All share the cores of this machine with those who make the load: two servers on two cores say what
sharing costs, not what more cores bring. Needs PostgreSQL and Redis (apt-get install postgresql
redis-server), and counts what they are asked for each turn.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis as client
import sqlalchemy as sa
from load import COLUMNS, WAYS, measured
from rich.progress import track
from sides import OURS, ROOT, Side, family, train_ours
from telling import report

sys.path.insert(0, str(ROOT))
from tests.engines import Postgres, Redis  # noqa: E402

ONE, ALONE, TWO = "one, SQLite", "one, PostgreSQL and Redis", "two, PostgreSQL and Redis"
WROTE = "SELECT xact_commit, tup_inserted, tup_deleted FROM pg_stat_database WHERE datname = "


@contextmanager
def engines() -> Iterator[tuple[Postgres, Redis]]:
    postgres, redis = Postgres(), Redis()
    try:
        yield postgres.start(), redis.start()
    finally:
        redis.stop()
        postgres.remove()


@contextmanager
def server(**settings: str) -> Iterator[Side]:
    with tempfile.TemporaryDirectory() as folder:
        one = Side(OURS, Path(folder), settings=settings)
        try:
            one.start()
            yield one
        finally:
            one.stop()


def processor(*servers: Side) -> float:
    """Seconds of a core that they have used so far."""
    tick = os.sysconf("SC_CLK_TCK")
    everyone = [pid for one in servers for pid in family(one.processes[-1].pid)]
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in everyone]
    return sum(int(one[11]) + int(one[12]) for one in stats) / tick


def asked(postgres: Postgres, redis: Redis) -> dict[str, float]:
    """What both have done so far."""
    engine = sa.create_engine(postgres.url)
    with engine.connect() as connection:
        commits, inserted, deleted = connection.execute(sa.text(f"{WROTE}'postgres'")).one()
    engine.dispose()
    with client.Redis.from_url(redis.url) as look:
        stats, network = look.info("commandstats"), look.info("stats")
    return {
        "transactions": commits,
        "rows written": inserted,
        "rows deleted": deleted,
        "Redis commands": sum(one["calls"] for one in stats.values()),
        "Redis bytes": network["total_net_input_bytes"] + network["total_net_output_bytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=20, help="of each (%(default)s)")
    parser.add_argument(
        "--at", type=int, nargs="+", default=[8, 32], metavar="PEOPLE",
        help="conversations at once (default: 8 32)",
    )  # fmt: skip
    options = parser.parse_args()
    train_ours()
    found: dict[str, dict[str, dict[str, float]]] = {}
    said, turns = 0, 0.0
    with engines() as (postgres, redis), ExitStack() as stack:
        shared = {"MESOGUIDE_DB": postgres.url, "MESOGUIDE_REDIS": redis.url}
        sqlite = stack.enter_context(server())
        first, second = (stack.enter_context(server(**shared)) for _ in range(2))
        sides = {ONE: (sqlite,), ALONE: (first,), TWO: (first, second)}
        before = asked(postgres, redis)
        levels = [(people, way) for people in options.at for way in WAYS]
        for people, way in track(levels, "Many at once"):
            level: dict[str, dict[str, float]] = {}
            for name, (one, *also) in sides.items():
                busy = processor(one, *also)
                level[name] = measured(one, way, people, options.seconds, said, tuple(also))
                busy = processor(one, *also) - busy
                level[name]["core_ms"] = 1000 * busy / level[name]["turns"]
                said += int(level[name]["turns"])
                turns += level[name]["turns"] if name != ONE else 0
            found[f"{WAYS[way]} {people}"] = level
        spent = {name: now - before[name] for name, now in asked(postgres, redis).items()}
        memory = second.memory()
    show(found, {name: value / turns for name, value in spent.items()}, memory)


def show(found: dict[str, Any], each: dict[str, float], memory: float) -> None:
    rows = [
        [f"{level}: {name}", *(f"{one[key]:.1f}" for key in (*COLUMNS, "core_ms")),
         f"{one['turns_s'] / sides[ONE]['turns_s']:.2f}"]
        for level, sides in found.items() for name, one in sides.items()
    ]  # fmt: skip
    per_turn = ", ".join(f"{name} {value:.1f}" for name, value in each.items())
    remarks = (f"For each turn: {per_turn}.", f"Memory of one server: {memory:.0f} MB.")
    data = {"levels": found, "each_turn": each, "memory": memory}
    columns = ["", *COLUMNS.values(), "core ms/turn", "to one, SQLite"]
    report("machines", "Servers side by side", columns, rows, data, *remarks)


if __name__ == "__main__":
    main()
