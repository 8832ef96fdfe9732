"""The two sides of the speed benchmarks: `mesoguide serve`, and stock Rasa with its own defaults.

Stock Rasa is `rasa run` and `rasa run actions`, its default pipeline and policies, our domain,
rules, stories and examples. It is trained once, into reports/stock/, with one epoch: epochs make
it cleverer, not faster. Both sides have a database of their own in a temporary folder.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
STOCK = REPORTS / "stock"
BIN = Path(sys.executable).parent
LIMIT = 240  # seconds to start
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
UNLIMITED = {"MESOGUIDE_MESSAGES_PER_MINUTE": "1000000"}  # it is the server that is measured
OURS, THEIRS = "mesoguide serve", "stock Rasa"


@dataclass
class Side:
    """One server, and how to start it."""

    name: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: free_port())
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / f"{self.name.split()[0]}.db"

    def start(self) -> float:
        """Start it; the seconds until its first answer."""
        started = time.perf_counter()
        for command, place in self._commands():
            log = (self.folder / f"{self.name.split()[0]}.log").open("ab")
            env = {**os.environ, **QUIET, **UNLIMITED, **self.environment}
            env["MESOGUIDE_DB"] = str(self.database)
            process = subprocess.Popen(command, cwd=place, env=env, stdout=log, stderr=log)
            self.processes.append(process)
        while time.perf_counter() - started < LIMIT:
            with suppress(OSError, http.client.HTTPException, AssertionError):
                self.ask("someone-who-asks-first", "what does stage 4 mean")
                return time.perf_counter() - started
            self._connection = None
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.05)
        raise SystemExit(f"{self.name} did not start:\n{self._log()[-2000:]}")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.processes.clear()

    def ask(self, sender: str, text: str) -> float:
        """Send one message over a connection that is kept; the seconds until its answer."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps({"sender": sender, "message": text})
        started = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/webhooks/rest/webhook", body, headers)
        answer = self._connection.getresponse()
        said = json.loads(answer.read())
        spent = time.perf_counter() - started
        assert answer.status == 200
        assert said, f"{self.name} said nothing"
        return spent

    def count(self, metric: str) -> float:
        """A counter of our server's /metrics."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        return sum(float(one.split()[-1]) for one in lines if one.startswith(metric))

    def memory(self) -> float:
        """Resident memory of all its processes, in MB."""
        statuses = [Path(f"/proc/{one.pid}/status").read_text() for one in self.processes]
        return sum(int(one.split("VmRSS:")[1].split()[0]) for one in statuses) / 1024

    def _commands(self) -> Iterator[tuple[list[str], Path]]:
        if self.name == OURS:
            yield [str(BIN / "mesoguide"), "serve", "--port", str(self.port)], ROOT
            return
        actions = free_port()
        endpoints = self.folder / "endpoints.yml"
        store = {"type": "SQL", "dialect": "sqlite", "db": str(self.database)}
        action = {"url": f"http://127.0.0.1:{actions}/webhook"}
        endpoints.write_text(yaml.safe_dump({"action_endpoint": action, "tracker_store": store}))
        yield [str(BIN / "rasa"), "run", "actions", "--port", str(actions)], ROOT
        run = [str(BIN / "rasa"), "run", "--port", str(self.port), "--endpoints", str(endpoints)]
        yield run, STOCK

    def _log(self) -> str:
        return "\n".join(one.read_text() for one in sorted(self.folder.glob("*.log")))


@contextmanager
def side(name: str, **environment: str) -> Iterator[Side]:
    """One side, not started yet; stopped whatever happens."""
    if name == THEIRS:
        train_stock()
    else:
        subprocess.run([BIN / "mesoguide", "train"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        one = Side(name, Path(folder), environment)
        try:
            yield one
        finally:
            one.stop()


def train_stock() -> None:
    """Stock Rasa's model in reports/stock/, unless what it is made of has not changed."""
    shared = ["domain.yml", "data/nlu.yml", "data/rules.yml", "data/stories.yml"]
    default = files("rasa.engine.recipes.config_files") / "default_config.yml"
    config = yaml.safe_load(default.read_text(encoding="utf-8"))
    config["assistant_id"] = "stock"
    for part in (*config["pipeline"], *config["policies"]):
        part |= {"epochs": 1} if "epochs" in part else {}
    made_of = [json.dumps(config), *((ROOT / file).read_text("utf-8") for file in shared)]
    digest = hashlib.sha256("".join(made_of).encode()).hexdigest()
    mark = STOCK / "made_of"
    if mark.exists() and mark.read_text() == digest:
        return
    print("Training stock Rasa, one epoch: several minutes, once.", flush=True)
    shutil.rmtree(STOCK, ignore_errors=True)
    (STOCK / "data").mkdir(parents=True)
    for file in shared:
        shutil.copy(ROOT / file, STOCK / file)
    (STOCK / "config.yml").write_text(yaml.safe_dump(config))
    (STOCK / "credentials.yml").write_text("rest:\nsocketio:\n  session_persistence: false\n")
    env = {**os.environ, **QUIET}
    subprocess.run([BIN / "rasa", "train"], cwd=STOCK, env=env, check=True)
    mark.write_text(digest)


def messages() -> list[str]:
    """Messages of the held-out set, of all lengths, in a fixed mixed order."""
    rows = (ROOT / "tests" / "heldout.tsv").read_text(encoding="utf-8").splitlines()[1:]
    texts = [row.split("\t")[2] for row in rows]
    random.Random(0).shuffle(texts)
    return texts


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def share(times: list[float], quantile: float) -> float:
    """A quantile of times in seconds, in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]


def machine() -> dict[str, Any]:
    """What it ran on."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in info.splitlines() if "model name" in line]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def report(name: str, title: str, columns: list[str], rows: list[list[str]], data: Any) -> None:
    """Print a table, and write reports/NAME.json."""
    table = Table(title=title)
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
    REPORTS.mkdir(exist_ok=True)
    file = REPORTS / f"{name}.json"
    file.write_text(json.dumps({"machine": machine(), name: data}, indent=2), encoding="utf-8")
    print(f"Written: {file.relative_to(ROOT)}")
