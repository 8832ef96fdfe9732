"""Limits and headers, at the real server."""

from __future__ import annotations

import http.client
import json
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mesoguide import paths
from mesoguide.channels.guard import ADDRESS_SETTING, HEADERS
from mesoguide.core.knowledge import Knowledge
from tests.conftest import Server, start_server

PATH = "/webhooks/rest/webhook"
FAR = {"X-Forwarded-For": "203.0.113.7"}  # as the proxy on this machine says


@pytest.fixture(scope="module")
def strict(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {ADDRESS_SETTING: "30", "MESOGUIDE_MESSAGES_PER_MINUTE": "12"}
    process, server = start_server(tmp_path_factory.mktemp("strict"), **settings)
    yield server
    process.terminate()
    process.wait(timeout=30)


def ask(
    server: Server, body: bytes, method: str = "POST", path: str = PATH, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    host = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def message(text: str, sender: str = "") -> bytes:
    return json.dumps({"sender": sender or uuid.uuid4().hex, "message": text}).encode()


@pytest.mark.parametrize("size", [100_000, 1_000_000, 5_000_000, 12_000_000])
def test_a_body_that_is_too_big_is_refused_with_a_sentence(
    server: Server, knowledge: Knowledge, size: int
) -> None:
    started = time.monotonic()
    try:
        status, _, body = ask(server, message("a" * size))
    except (ConnectionError, BrokenPipeError):
        assert size > 10_000_000  # this much is not even read
    else:
        assert status == 413
        said = json.loads(body)
        assert knowledge.text("too_long") in said[0]["text"]
        assert "911" in said[0]["text"]
        assert said[1]["custom"]["data"]["type"] == "meta"
    assert time.monotonic() - started < 5
    assert server.say("what does stage 4 mean?").data["topic"] == "stage_4_meaning"


def test_a_message_that_is_too_long_gets_a_sentence(server: Server, knowledge: Knowledge) -> None:
    heard = server.say("word " * 10_000)
    assert knowledge.text("too_long") in heard.texts[0]
    assert {one["recipient_id"] for one in heard.messages} == {server.sender}


def test_one_conversation_from_elsewhere_is_slowed_down(
    strict: Server, knowledge: Knowledge
) -> None:
    sender = uuid.uuid4().hex
    far = {"X-Forwarded-For": "203.0.113.9"}
    statuses = [ask(strict, message("thanks", sender), **far)[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    status, headers, body = ask(strict, message("thanks", sender), **far)
    assert (status, headers["retry-after"]) == (429, "5")
    assert knowledge.text("too_many") in json.loads(body)[0]["text"]
    assert "911" in json.loads(body)[0]["text"]
    assert ask(strict, message("thanks"), **far)[0] == 200  # somebody else, same address
    here = [ask(strict, message("thanks", sender))[0] for _ in range(12)]
    assert here == [200] * 12  # the operator's own machine


def test_one_address_is_slowed_down_whatever_it_calls_itself(strict: Server) -> None:
    statuses = [ask(strict, message("thanks"), **FAR)[0] for _ in range(32)]
    assert statuses[:30] == [200] * 30
    assert 429 in statuses[30:]
    # what the person's own client claims to be stands before what the proxy adds
    claims = {"X-Forwarded-For": f"198.51.100.1, {FAR['X-Forwarded-For']}"}
    assert ask(strict, message("thanks"), **claims)[0] == 429
    assert ask(strict, message("thanks"), **{"X-Forwarded-For": "203.0.113.8"})[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("null", 403),
        ("own", 200),
        ("http://[", 403),
        ("http://[::1", 403),
        ("http://\u00b5", 403),
    ],
)
def test_only_allowed_sites_may_use_rest(server: Server, origin: str, status: int) -> None:
    origin = server.url if origin == "own" else origin
    for kind in ("application/json", "text/plain"):  # a plain form needs no leave of the browser
        headers = {"Origin": origin, "Content-Type": kind}
        assert ask(server, message("thanks"), **headers)[0] == status


@pytest.mark.parametrize(
    "path", ["/", "/about", "/health", "/safety", "/mesoguide.js", "/nowhere", PATH, "/metrics"]
)
def test_every_answer_has_the_security_headers(server: Server, path: str) -> None:
    _, headers, _ = ask(server, b"", method="GET", path=path)
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("accept", ["x", "/", "a/b;q=much", "a/b;q=7", "a/b;value=1", "\u00b5"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/health", 405), ("GET", "/health", 200)],
)
def test_an_accept_that_cannot_be_read_counts_as_none(
    server: Server, method: str, path: str, status: int, accept: str
) -> None:
    assert ask(server, b"", method=method, path=path, Accept=accept)[0] == status


@pytest.mark.parametrize(
    "path",
    ["/model/parse", "/conversations/a/tracker", "/status", "/version", "/domain", "/model"],
)
def test_rasas_own_api_is_closed(server: Server, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert ask(server, b"{}", method=method, path=path)[0] in (404, 405)


def test_rasas_own_api_opens_with_its_token_only(model: Path, tmp_path: Path) -> None:
    token = "a-token-of-the-tests"
    process, server = start_server(tmp_path, MESOGUIDE_API_TOKEN=token)
    try:
        server.say("what does stage 4 mean?")
        path = f"/conversations/{server.sender}/tracker"
        assert ask(server, b"", method="GET", path=path)[0] == 401
        assert ask(server, b"", method="GET", path=f"{path}?token=guessed")[0] == 401
        status, headers, body = ask(server, b"", method="GET", path=f"{path}?token={token}")
        assert (status, json.loads(body)["sender_id"]) == (200, server.sender)
        assert "access-control-allow-origin" not in headers
        assert b"<meso-guide" in ask(server, b"", method="GET", path="/")[2]
        assert server.say("is it catching?").data["topic"]
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert token not in server.log.read_text()


def test_a_token_that_could_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUIDE_API_TOKEN", "secret")
    with pytest.raises(paths.BadSetting, match="MESOGUIDE_API_TOKEN is too short") as raised:
        paths.token("MESOGUIDE_API_TOKEN")
    assert "secret" not in str(raised.value)


def test_idle_and_slow_connections_hold_up_nobody(server: Server) -> None:
    host = urlsplit(server.url)
    where = (str(host.hostname), host.port)
    idle = [socket.create_connection(where) for _ in range(200)]
    slow = socket.create_connection(where)
    slow.sendall(f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n".encode())
    try:
        for place in range(5):
            slow.sendall(b" ")
            started = time.monotonic()
            assert server.say("is it catching?").data["topic"], place
            assert time.monotonic() - started < 3
    finally:
        for one in (*idle, slow):
            one.close()
    assert server.get("/health")[0] == 200


def test_the_server_listens_on_this_machine_only(server: Server) -> None:
    port = urlsplit(server.url).port
    listening = Path("/proc/net/tcp").read_text().splitlines()
    mine = [line.split()[1] for line in listening if f":{port:04X} " in line and " 0A " in line]
    assert mine == [f"0100007F:{port:04X}"]
