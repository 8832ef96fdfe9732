"""A vendor's HTTP API on loopback: what all of them share. Each vendor's own is beside it."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.conftest import free_port

LIMIT = 20.0  # seconds for a message to arrive


@dataclass(frozen=True)
class Call:
    """One request that the assistant made."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in small letters
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def fields(self) -> dict[str, Any]:
        """The body's fields, whether it is JSON or a form."""
        if self.headers.get("content-type", "").startswith("application/json"):
            return dict(json.loads(self.body or b"{}"))
        form = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[-1] for name, values in form.items()}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before it is given

    @classmethod
    def of(cls, data: Any, status: int = 200, **headers: str) -> Answer:
        return cls(
            status, json.dumps(data).encode(), {"Content-Type": "application/json", **headers}
        )


class Vendor:
    """Answers like the vendor, keeps what it was asked, and fails when told to."""

    def __init__(self) -> None:
        self.port = free_port()
        self.calls: list[Call] = []  # all requests, failed ones too
        self.faults: deque[Answer] = deque()  # given to the next requests instead of an answer
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, call: Call) -> Answer:
        """What the vendor answers; also keeps what was sent to people."""
        raise NotImplementedError

    def may_fail(self, call: Call) -> bool:
        """Whether `faults` are for this call: those that send something to a person."""
        return True

    def start(self) -> None:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                if vendor._server is None:  # down: a connection that was kept open ends too
                    self.close_connection = True
                    return
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, headers, self.rfile.read(length))
                vendor.calls.append(call)
                fails = vendor.faults and vendor.may_fail(call)
                answer = vendor.faults.popleft() if fails else vendor.answer(call)
                time.sleep(answer.delay)
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": len(answer.body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, *_: Any) -> None:
                pass  # the assistant went away before the answer

        self._server = Quiet(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens for a while."""
        self.stop()
        yield
        self.start()


def until(there: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait until something is so; fails when it is not within `limit` seconds."""
    end = time.monotonic() + limit
    while not there():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """What a vendor's webhook call is answered: status and body."""
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
