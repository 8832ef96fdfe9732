"""Turns per second with many conversations at once, over REST and Socket.IO, beside stock Rasa.

    uv run python benchmarks/load.py [--seconds 30] [--at 1 8 32 128]

Locust makes the load, in an environment of its own, on the same machine: it takes a share of the
cores from both sides alike.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from sides import OURS, REPORTS, THEIRS, Side, messages, report, side  # noqa: E402

LOCUST = ("locust==2.32.4", "python-socketio[client]==5.11.4")
USERS = Path(__file__).with_name("load_users.py")
WAYS = ("Rest", "Socket")
COLOURS = {THEIRS: "#b3452f", OURS: "#2f7d5b"}


def measured(one: Side, way: str, people: int, seconds: int) -> dict[str, float]:
    """Turns per second, median and p99 in milliseconds, failures."""
    texts = one.folder / "messages.txt"
    texts.write_text("\n".join(" ".join(text.split()) for text in messages()), encoding="utf-8")
    command = ["uv", "run", "--quiet", "--no-project", "--isolated"]
    for package in LOCUST:
        command += ["--with", package]
    command += ["locust", "--locustfile", str(USERS), way, "--headless", "--json", "--only-summary"]
    command += ["--users", str(people), "--spawn-rate", str(max(8, people)), "--host", one.url]
    command += ["--run-time", f"{seconds}s", "--stop-timeout", "60"]
    who = "ours" if one.name == OURS else "stock"
    env = {**os.environ, "MESSAGES": str(texts), "SIDE": who}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    try:
        (found,) = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"Locust did not run:\n{done.stderr[-2000:]}") from None
    return _summary(found)


def _summary(found: dict[str, Any]) -> dict[str, float]:
    times = sorted(
        float(time) for time, times in found["response_times"].items() for _ in range(times)
    )
    spent = found["last_request_timestamp"] - found["start_time"]
    return {
        "turns_s": found["num_requests"] / spent,
        "median": times[len(times) // 2],
        "p99": times[int(0.99 * len(times))],
        "failures": found["num_failures"],
    }


def draw(found: dict[str, dict[str, dict[str, float]]], at: list[int], file: Path) -> None:
    figure, every = pyplot.subplots(1, 2, figsize=(9, 3.4))
    for axes, (key, label) in zip(
        every, {"turns_s": "turns per second", "p99": "99th percentile, ms"}.items(), strict=True
    ):
        for name, colour in COLOURS.items():
            for way, line in zip(WAYS, ("-", "--"), strict=True):
                values = [found[f"{way} {people}"][name][key] for people in at]
                axes.plot(at, values, line, marker="o", color=colour, label=f"{name}, {way}")
        axes.set_xscale("log", base=2)
        axes.set_xticks(at, [str(people) for people in at])
        axes.set_xlabel("conversations at once")
        axes.set_ylabel(label)
    every[1].set_yscale("log")
    every[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    print(f"Drawn: {file}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=30, help="of each (%(default)s)")
    parser.add_argument("--at", type=int, nargs="+", default=[1, 8, 32, 128], metavar="PEOPLE")
    parser.add_argument("--picture", type=Path, default=REPORTS / "load.png")
    options = parser.parse_args()
    if shutil.which("uv") is None:
        raise SystemExit("uv is needed to run Locust: pip install uv")
    found: dict[str, dict[str, dict[str, float]]] = {}
    rows = []
    with side(OURS) as ours, side(THEIRS) as theirs:
        ours.start()
        theirs.start()
        for people in options.at:
            for way in WAYS:
                both = {
                    one.name: measured(one, way, people, options.seconds) for one in (ours, theirs)
                }
                found[f"{way} {people}"] = both
                mine, stock = both[OURS], both[THEIRS]
                row = [f"{way}, {people}"]
                for key in ("turns_s", "median", "p99", "failures"):
                    row += [f"{mine[key]:.0f}", f"{stock[key]:.0f}"]
                rows.append([*row, f"{mine['turns_s'] / stock['turns_s']:.1f}"])
                print(" ".join(rows[-1]), flush=True)
    of_each = ("turns/s", "median, ms", "p99, ms", "failures")
    columns = ["", *(f"{what}, {who}" for what in of_each for who in ("ours", "stock")), "ratio"]
    report("load", "Conversations at once", columns, rows, found)
    draw(found, options.at, options.picture)


if __name__ == "__main__":
    main()
