"""The two sides of the speed benchmarks: `mesoguide serve`, and stock Rasa with its own defaults.

Stock Rasa is `rasa run` and `rasa run actions`, its default pipeline and policies, our domain,
rules, stories and examples. It is trained once, into reports/stock/, with one epoch: epochs make
it cleverer, not faster. Both sides have a database of their own in a temporary folder.

Nothing of mesoguide is imported here: it sets OPENBLAS_NUM_THREADS, which stock would inherit.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from rich.console import Console

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
STOCK = REPORTS / "stock"
RASA = str(Path(sys.executable).parent / "rasa")
MESOGUIDE = [sys.executable, "-m", "mesoguide"]
CURRENT = "import sys; from mesoguide.server import model_is_current as it; sys.exit(not it())"
LIMIT = 240  # seconds to start
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
UNLIMITED = {"MESOGUIDE_MESSAGES_PER_MINUTE": "1000000"}  # it is the server that is measured
OURS, THEIRS = "mesoguide serve", "stock Rasa"


@dataclass
class Side:
    """One server, and how to start it.

    Attributes:
        processes: the server is the last of them.
        settings: environment variables of its own.
        unanswered: turns without an answer, or with the excuse for a failure.
    """

    name: str
    folder: Path
    port: int = field(default_factory=lambda: free_port())
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    unanswered: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "conversations.db"

    def start(self) -> float:
        """Start it; the seconds until its first answer."""
        started = time.perf_counter()
        env = {**os.environ, **QUIET, **UNLIMITED, "MESOGUIDE_DB": str(self.database)}
        env |= self.settings
        for number, (command, place) in enumerate(self._commands()):
            with (self.folder / f"{number}.log").open("ab") as log:
                one = subprocess.Popen(command, cwd=place, env=env, stdout=log, stderr=log)
            self.processes.append(one)
        while time.perf_counter() - started < LIMIT:
            with suppress(OSError, http.client.HTTPException):
                self.ask("someone-who-asks-first", "what does stage 4 mean")
                if not self.unanswered:  # stock says nothing until its action server is there
                    return time.perf_counter() - started
            self.unanswered = 0
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.05)
        raise SystemExit(f"{self.name} did not start:\n{self._log()}")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def ask(self, sender: str, text: str) -> float:
        """Send one message over a connection that is kept; the seconds until its answer."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        body = json.dumps({"sender": sender, "message": text})
        headers = {"Content-Type": "application/json"}
        started = time.perf_counter()
        try:
            self._connection.request("POST", "/webhooks/rest/webhook", body, headers)
            answer = self._connection.getresponse()
            read = answer.read()
        except BaseException:
            self.hang_up()  # another answer may be on its way over this one
            raise
        spent = time.perf_counter() - started
        said = json.loads(read) if answer.status == 200 else []
        texts = [one["text"] for one in said if one["recipient_id"] == sender and "text" in one]
        self.unanswered += not texts or any(failed() in one for one in texts)
        return spent

    def hang_up(self) -> None:
        """Close the connection that is kept, which the server ends after some idle minutes."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def count(self, metric: str) -> float | None:
        """A counter of our server's /metrics; None when it is not counted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        found = [float(one.split()[-1]) for one in lines if one.startswith(metric)]
        return sum(found) if found else None

    def memory(self, whole: bool = True) -> float:
        """Resident memory of all its processes, or of the server alone, in MB. Linux only."""
        own = self.processes if whole else self.processes[-1:]
        everyone = [pid for process in own for pid in family(process.pid)]
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in everyone]
        return sum(int(one.split("VmRSS:")[1].split()[0]) for one in statuses) / 1024

    def _commands(self) -> Iterator[tuple[list[str], Path]]:
        if self.name == OURS:
            yield [*MESOGUIDE, "serve", "--port", str(self.port)], ROOT
            return
        actions = free_port()
        endpoints = self.folder / "endpoints.yml"
        store = {"type": "SQL", "dialect": "sqlite", "db": str(self.database)}
        action = {"url": f"http://127.0.0.1:{actions}/webhook"}
        endpoints.write_text(yaml.safe_dump({"action_endpoint": action, "tracker_store": store}))
        yield [RASA, "run", "actions", "--port", str(actions)], ROOT
        yield [RASA, "run", "--port", str(self.port), "--endpoints", str(endpoints)], STOCK

    def _log(self) -> str:
        ends = [file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log"))]
        return "\n".join(end[-2000:] for end in ends)


@contextmanager
def side(name: str) -> Iterator[Side]:
    """One side, trained and not started yet; stopped whatever happens."""
    train_ours() if name == OURS else train_stock()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it stops then too
    with tempfile.TemporaryDirectory() as folder:
        one = Side(name, Path(folder))
        try:
            yield one
        finally:
            one.stop()


@cache
def train_ours() -> None:
    """Our model, unless it is newer than all that it is made of."""
    env = {**os.environ, **QUIET}
    check = [sys.executable, "-W", "ignore", "-c", CURRENT]
    if subprocess.run(check, cwd=ROOT, env=env, capture_output=True, check=False).returncode:
        with Console().status("Training mesoguide"):
            train([*MESOGUIDE, "train"], ROOT)


@cache
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
    shutil.rmtree(STOCK, ignore_errors=True)
    (STOCK / "data").mkdir(parents=True)
    for file in shared:
        shutil.copy(ROOT / file, STOCK / file)
    (STOCK / "config.yml").write_text(yaml.safe_dump(config))
    # when sessions persist, it delivers nothing with this python-socketio
    (STOCK / "credentials.yml").write_text("rest:\nsocketio:\n  session_persistence: false\n")
    with Console().status("Training stock Rasa, one epoch: a quarter of an hour, once"):
        train([RASA, "train"], STOCK)
    mark.write_text(digest)


def train(command: list[str], place: Path, **environment: str) -> float:
    """Seconds of one training; when it fails, what it said is shown."""
    env = {**os.environ, **QUIET, **environment}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise SystemExit(f"{' '.join(command)} failed:\n{said[-2000:]}")
    return time.perf_counter() - started


@cache
def failed() -> str:
    """What our actions say when they have failed, on both sides."""
    phrases = yaml.safe_load((ROOT / "knowledge" / "phrases.yml").read_text(encoding="utf-8"))
    return str(phrases["phrases"]["failed"])


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    lists = [one.read_text().split() for one in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(one for ids in lists for child in ids for one in family(int(child)))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
