"""Turns per second with many conversations at once, over REST and Socket.IO, beside stock Rasa.

    uv run python benchmarks/load.py [--seconds 30] [--at 1 8 32 128] [--picture FILE]

Locust makes the load, in an environment of its own, on the same machine: it takes a share of the
cores from both sides alike. Nobody sends more when the seconds are over; the turns per second are
those until the last answer, without those that failed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from rich.progress import track
from sides import OURS, REPORTS, THEIRS, Side, failed, side
from telling import COLOURS, STOCK, canvas, log_scale, messages, report, save, share

LOCUST = ("locust==2.32.4", "python-socketio[client]==5.11.4")
USERS = Path(__file__).with_name("load_users.py")
WAYS = {"Rest": "REST", "Socket": "Socket.IO"}  # users of load_users.py
PLENTY = 60_000  # messages
PATIENCE = 90  # seconds, longer than those of load_users.py
SHARES = {"median": 0.5, "p95": 0.95, "p99": 0.99}
COLUMNS = {"turns_s": "turns/s", **{name: name for name in SHARES}, "failures": "failed"}
Level = dict[str, dict[str, float]]  # by side


def measured(
    one: Side, way: str, people: int, seconds: int, first: int, also: tuple[Side, ...] = ()
) -> dict[str, float]:
    """Turns per second, times in milliseconds, failures; `first`: message to begin with.

    People are shared out between `one` and `also`.
    """
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    command = [uv, "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    for package in LOCUST:
        command += ["--with", package]
    command += ["locust", "--locustfile", str(USERS), way, "--headless", "--only-summary"]
    command += ["--users", str(people), "--spawn-rate", str(people), "--host", one.url]
    command += ["--run-time", f"{seconds + 2 * PATIENCE}s", "--stop-timeout", str(PATIENCE)]
    out = one.folder / f"{way}-{people}.json"
    settings = {
        "urls": [each.url for each in (one, *also)],
        "side": "ours" if one.name == OURS else "stock",
        "messages": str(texts_of(one)),
        "first": first,
        "failed": failed(),
        "people": people,
        "seconds": seconds,
        "found": str(out),
    }
    env = {**os.environ, "LOAD": json.dumps(settings)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if not out.exists():
        raise SystemExit(f"Locust did not run:\n{done.stderr[-2000:]}")
    return summary(json.loads(out.read_text(encoding="utf-8")), f"{one.name}, {way}, {people}")


def texts_of(one: Side) -> Path:
    """The file of messages for Locust, written once."""
    file = one.folder / "messages.txt"
    if not file.exists():
        file.write_text("\n".join(messages(PLENTY)), encoding="utf-8")
    return file


def summary(found: dict[str, Any], name: str) -> dict[str, float]:
    """One side at one level; why turns failed is printed."""
    turns = found["turns"]
    for problem, times in Counter(one["problem"] for one in turns if one["problem"]).items():
        print(f"{name}: failed {times} times: {problem}", flush=True)
    good = [one["ms"] / 1000 for one in turns if not one["problem"]]
    return {
        "turns": len(turns),
        "turns_s": len(good) / (max(one["end"] for one in turns) - found["began"]),
        **{what: share(good or [math.nan], part) for what, part in SHARES.items()},
        "failures": len(turns) - len(good),
    }


def draw(found: dict[str, Level], at: list[int], file: Path) -> None:
    figure, every = canvas(2, 9)
    for axes, (key, label) in zip(
        every, {"turns_s": "turns per second", "p99": "99th percentile, ms"}.items(), strict=True
    ):
        for name, colour in COLOURS.items():
            for way, line in zip(WAYS, ("-", "--"), strict=True):
                values = [found[f"{way} {people}"][name][key] for people in at]
                axes.plot(at, values, line, marker="o", color=colour, label=f"{name}, {WAYS[way]}")
        axes.set_xscale("log", base=2)
        axes.set_xticks(at, [str(people) for people in at])
        axes.set_xlabel("conversations at once")
        axes.set_ylabel(label)
    log_scale(every[1])
    every[0].legend(fontsize=7)
    save(figure, file)


def row(name: str, level: Level) -> list[str]:
    ours, theirs = level[OURS], level[THEIRS]
    both = [f"{ours[key]:.0f} / {theirs[key]:.0f}" for key in COLUMNS]
    both[0] = f"{ours['turns_s']:.1f} / {theirs['turns_s']:.1f}"
    return [name, *both, f"{ratio(level):.2f}"]


def ratio(level: Level) -> float:
    """Of the turns per second, ours to stock."""
    theirs = level[THEIRS]["turns_s"]
    return level[OURS]["turns_s"] / theirs if theirs else float("inf")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30, help="of each (%(default)s)")
    parser.add_argument(
        "--at", type=int, nargs="+", default=[1, 8, 32, 128], metavar="PEOPLE",
        help="conversations at once (default: 1 8 32 128)",
    )  # fmt: skip
    parser.add_argument(
        "--picture", type=Path, default=REPORTS / "load.png", help="(default: reports/load.png)"
    )
    options = parser.parse_args()
    if not (os.environ.get("UV") or shutil.which("uv")):
        raise SystemExit("uv is needed to run Locust: pip install uv")
    found: dict[str, Level] = {}
    said = 0
    levels = [(people, way) for people in options.at for way in WAYS]
    with side(OURS) as ours, side(THEIRS) as theirs:
        ours.start()
        theirs.start()
        for people, way in track(levels, "Many at once"):
            found[f"{way} {people}"] = both = {
                one.name: measured(one, way, people, options.seconds, said)
                for one in (ours, theirs)
            }
            said += int(max(one["turns"] for one in both.values()))
    rows = [row(name, level) for name, level in found.items()]
    data = {name: {**level, "ratio": ratio(level)} for name, level in found.items()}
    columns = ["", *COLUMNS.values(), "ratio"]
    report("load", "Conversations at once: ours / stock, ms", columns, rows, data, STOCK)
    draw(found, options.at, options.picture)


if __name__ == "__main__":
    main()
