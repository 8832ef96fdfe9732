"""The real parts that tests share: one trained model, one running server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from filelock import FileLock

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge, load

if TYPE_CHECKING:
    from tests.core.walk import Said
    from tests.reading import Reader

START_LIMIT = 180  # seconds


def or_skip(reason: str) -> NoReturn:
    """Skip for a missing part; on CI it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Tests of one file run in one process; so do files that share what takes long to make."""
    shared: dict[Path, str] = {}
    for item in items:
        for name in ("reader", "every_reply"):
            if name in item.fixturenames:
                shared[item.path] = name
    for item in items:
        item.add_marker(pytest.mark.xdist_group(shared.get(item.path, item.path.name)))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load(paths.knowledge())


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model; trained now when it is older than its inputs."""
    from mesoguide.server import model_is_current

    paths.models().mkdir(exist_ok=True)
    with FileLock(paths.models() / "train.lock"):  # tests run in several processes
        if not model_is_current():
            command = [sys.executable, "-m", "mesoguide", "train"]
            # counting which lines run would make the training three times as long
            env = {name: value for name, value in os.environ.items() if "COV_CORE" not in name}
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=600, check=False, env=env
            )
            assert done.returncode == 0, done.stdout + done.stderr
    return paths.models()


@pytest.fixture(scope="session")
def every_reply(knowledge: Knowledge) -> list[Said]:
    """Every reply that can be produced; the walk takes some seconds, so it is made once."""
    from mesoguide.core.conversation import Guide
    from tests.core.walk import Walk

    return Walk(Guide(knowledge)).everything()


@dataclass(frozen=True)
class Heard:
    """What came back for one message: the REST reply, and its data."""

    messages: list[dict[str, Any]]
    status: int = 200

    @property
    def data(self) -> dict[str, Any]:
        found = [one["custom"]["data"] for one in self.messages if "custom" in one]
        assert len(found) == 1, self.messages
        return dict(found[0])

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.messages if "text" in one]


@dataclass
class Server:
    """A running `mesoguide serve`, and one conversation with it."""

    url: str
    log: Path
    sender: str = field(default_factory=lambda: uuid.uuid4().hex)

    def someone_else(self) -> Server:
        return Server(self.url, self.log)

    def say(self, text: str) -> Heard:
        body = json.dumps({"sender": self.sender, "message": text}).encode()
        request = urllib.request.Request(
            f"{self.url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Heard(json.load(answer), answer.status)

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=60) as answer:
                return answer.status, _lower(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), error.read()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


OTHER_PORT = free_port()
OTHER_SITE = f"http://127.0.0.1:{OTHER_PORT}"  # of a page that embeds the widget


def start_server(
    folder: Path, port: int | None = None, **environment: str
) -> tuple[subprocess.Popen[bytes], Server]:
    """Start `mesoguide serve` with its own database; returns once it is healthy."""
    port, log = port or free_port(), folder / "serve.log"
    env = {**os.environ, "MESOGUIDE_DB": str(folder / "conversations.db"), **environment}
    command = [sys.executable, "-m", "mesoguide", "serve", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=env)
    server = Server(f"http://127.0.0.1:{port}", log)
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        try:
            if server.get("/health")[0] == 200:
                return process, server
        except OSError:
            time.sleep(0.2)
    process.kill()
    process.wait()
    raise AssertionError(f"The server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def running(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    process, server = start_server(folder, MESOGUIDE_ORIGINS=OTHER_SITE)
    yield server
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def server(running: Server) -> Server:
    """A new conversation with the running server."""
    return running.someone_else()


@pytest.fixture(scope="session")
def reader(model: Path, knowledge: Knowledge) -> Reader:
    """The trained model, which reads each message once."""
    from rasa.core.agent import Agent
    from rasa.model import get_latest_model

    from mesoguide.core.conversation import Guide
    from tests.core.walk import responses
    from tests.reading import Reader

    return Reader(Agent.load(get_latest_model(str(model))), responses(Guide(knowledge)))
