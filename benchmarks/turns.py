"""How long a turn takes: `mesoguide serve` beside stock Rasa (two processes), in one run.

    uv run python benchmarks/turns.py [--turns 40]

Both use the same model, the same messages in turn, and a database of their own. Ratios hold
better than absolute times: a machine's speed drifts.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MESSAGES = ["what does stage 4 mean", "does opdivo help", "tell me more", "side effects of chemo?"]
LIMIT = 240  # seconds to start


def main() -> None:
    """Start both, talk with both in turn, print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=40, help="turns with each (%(default)s)")
    turns = parser.parse_args().turns
    subprocess.run([BIN / "mesoguide", "train"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        processes: list[subprocess.Popen[bytes]] = []
        try:
            ours, our_start = _start(processes, Path(folder), stock=False)
            theirs, their_start = _start(processes, Path(folder), stock=True)
            sender = uuid.uuid4().hex
            times: dict[str, list[float]] = {ours: [], theirs: []}
            for turn in range(turns):
                for url, list_ in times.items():
                    list_.append(_turn(url, sender, MESSAGES[turn % len(MESSAGES)]))
        finally:
            for process in processes:
                process.terminate()
                process.wait()
    mine, stock = (1000 * statistics.median(times[url]) for url in (ours, theirs))
    print(f"{'':24}{'mesoguide serve':>18}{'stock Rasa':>14}{'ratio':>8}")
    rows = {"median turn, ms": (mine, stock), "start to healthy, s": (our_start, their_start)}
    for name, (one, other) in rows.items():
        print(f"{name:24}{one:18.1f}{other:14.1f}{other / one:8.2f}")


def _start(
    processes: list[subprocess.Popen[bytes]], folder: Path, stock: bool
) -> tuple[str, float]:
    port, actions = _free_port(), _free_port()
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    if stock:
        endpoints = folder / "endpoints.yml"
        store = {"type": "SQL", "dialect": "sqlite", "db": str(folder / "stock.db")}
        action = {"url": f"http://localhost:{actions}/webhook"}
        endpoints.write_text(yaml.safe_dump({"action_endpoint": action, "tracker_store": store}))
        commands = [
            [BIN / "rasa", "run", "actions", "--port", str(actions)],
            [BIN / "rasa", "run", "--port", str(port), "--endpoints", str(endpoints)],
        ]
    else:
        env["MESOGUIDE_DB"] = str(folder / "ours.db")
        commands = [[BIN / "mesoguide", "serve", "--port", str(port)]]
    started = time.monotonic()
    for command in commands:
        quiet = subprocess.DEVNULL
        processes.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet))
    url = f"http://127.0.0.1:{port}"
    while time.monotonic() - started < LIMIT:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=30):
                return url, time.monotonic() - started
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{commands[-1]} did not start within {LIMIT} s.")


def _turn(url: str, sender: str, message: str) -> float:
    body = json.dumps({"sender": sender, "message": message}).encode()
    request = urllib.request.Request(
        f"{url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
    )
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - started


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
