"""Actions in the server's process, and in a server of their own: the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mesoguide import paths
from mesoguide.action_server import ActionServer
from mesoguide.in_process import DEADLINE
from tests.calls import action_call
from tests.conftest import Server, free_port, start_server
from tests.test_dialogues import CONVERSATIONS

LIMIT = 120  # seconds


@contextmanager
def answering(answer: bytes | None, after: float = 0) -> Iterator[str]:
    """A server that says `answer` to everything, `after` seconds; None: nobody is there."""
    if answer is None:
        yield f"http://127.0.0.1:{free_port()}/"
        return

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            time.sleep(after)
            with suppress(OSError):  # whoever asked has gone
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the test reads the product's own lines."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def action_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of Rasa's own action server."""
    port = free_port()
    command = [Path(sys.executable).parent / "rasa", "run", "actions", "--port", str(port)]
    log = tmp_path_factory.mktemp("actions") / "actions.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=paths.ROOT, stdout=output, stderr=output)
    until = time.monotonic() + LIMIT
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                break
        except OSError:
            time.sleep(0.2)
    assert process.poll() is None, log.read_text()
    yield f"http://127.0.0.1:{port}/webhook"
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture(scope="module")
def elsewhere(
    model: Path, action_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose actions run in the action server."""
    folder = tmp_path_factory.mktemp("elsewhere")
    process, server = start_server(folder, MESOGUIDE_ACTIONS=action_server)
    yield server
    process.terminate()
    process.wait(timeout=30)


def said(server: Server, sender: str, text: str) -> bytes:
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(
        f"{server.url}/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def test_every_conversation_is_answered_with_the_same_bytes(
    running: Server, elsewhere: Server
) -> None:
    for conversation in CONVERSATIONS:
        sender = uuid.uuid4().hex
        for turn in conversation["turns"]:
            here = said(running, sender, turn["says"])
            assert len(here) > 2
            assert said(elsewhere, sender, turn["says"]) == here, turn["says"]


@pytest.mark.parametrize(
    "answer",
    [b"not json", b"[]", b"{}", b'{"error": "x"}', b'{"responses": [1], "events": []}', None],
    ids=["text", "list", "empty", "other", "malformed", "down"],
)
async def test_an_action_server_that_fails_hides_no_number_to_call(
    answer: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    call = action_call("action_safety", "emergency", "my secret")
    with answering(answer) as url:
        found = await ActionServer(url).request(json=call)
    assert found["responses"][0]["text"].startswith("Call for help now: 911")
    assert "failed" in caplog.text
    assert "my secret" not in caplog.text


async def test_an_action_server_that_is_slow_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mesoguide.action_server.DEADLINE", 0.2)
    started = time.monotonic()
    with answering(b"{}", after=5) as url:
        found = await ActionServer(url).request(json=action_call("action_topic", "greet"))
    assert found["responses"]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("answer", "after"), [(b"rubbish", 0), (b"{}", DEADLINE + 5), (None, 0)],
    ids=["rubbish", "slow", "down"],
)  # fmt: skip
def test_people_are_answered_when_the_action_server_fails(
    model: Path, tmp_path: Path, answer: bytes | None, after: float
) -> None:
    with answering(answer, after) as url:
        process, server = start_server(tmp_path, MESOGUIDE_ACTIONS=url)
        try:
            heard = server.say("I cant breathe and my chest hurts")
            assert "911" in heard.texts[0].split("\n")[0]
            assert server.get("/health")[0] == 200
        finally:
            process.terminate()
            process.wait(timeout=30)
    log = server.log.read_text()
    assert "The action server at" in log
    assert "Traceback" not in log
    assert "my chest" not in log
