"""People talking at once, for Locust; benchmarks/load.py runs it in an environment of its own.

All begin at once, when everybody is connected. Each user is one conversation and sends its next
message when the last answer is whole. An answer that is missing or not whole, somebody else's, to
another message, or the excuse for a failure is a failure; so is a connection that is refused or
lost. The turns are written down here: Locust rounds times, and its clock starts with the first
answer, which makes slow servers look fast.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from itertools import count, cycle
from pathlib import Path
from typing import Any

import gevent
import socketio
from gevent.event import Event
from gevent.queue import Empty, Queue
from locust import FastHttpUser, User, constant, events, task
from locust.env import Environment
from locust.exception import StopUser

SETTINGS = json.loads(os.environ["LOAD"])  # what benchmarks/load.py says
MESSAGES = Path(SETTINGS["messages"]).read_text(encoding="utf-8").splitlines()
PLACES = count(SETTINGS["first"])  # both sides get the same messages, and none of them again
OURS = SETTINGS["side"] == "ours"
PATIENCE = 60  # seconds
HERE = count(1)
URLS = cycle(SETTINGS["urls"])  # people are shared out between them
ALL_HERE = Event()
FOUND: dict[str, Any] = {"began": 0.0, "turns": []}


def begin(environment: Environment) -> None:
    """Wait for everybody; the last one starts the clock."""
    if next(HERE) == SETTINGS["people"]:
        FOUND["began"] = time.time()
        gevent.spawn_later(SETTINGS["seconds"], environment.runner.quit)
        ALL_HERE.set()
    ALL_HERE.wait()


@events.request.add_listener
def write_down(response_time: float, exception: Exception | None, **_: Any) -> None:
    problem = str(exception) if exception else None
    FOUND["turns"].append({"end": time.time(), "ms": response_time, "problem": problem})


@events.quitting.add_listener
def hand_over(**_: Any) -> None:
    Path(SETTINGS["found"]).write_text(json.dumps(FOUND), encoding="utf-8")


def next_message() -> str:
    return MESSAGES[next(PLACES) % len(MESSAGES)]


def is_excuse(said: list[dict[str, Any]]) -> bool:
    return SETTINGS["failed"] in json.dumps(said, ensure_ascii=False)


class Rest(FastHttpUser):
    """Over REST."""

    wait_time = constant(0)
    network_timeout = connection_timeout = PATIENCE

    def on_start(self) -> None:
        self.sender, self.url = uuid.uuid4().hex, next(URLS)
        begin(self.environment)

    @task
    def say(self) -> None:
        body = {"sender": self.sender, "message": next_message()}
        path = f"{self.url}/webhooks/rest/webhook"
        with self.client.post(path, json=body, catch_response=True) as answer:
            said = answer.json() if answer.status_code == 200 else None
            if not said:
                answer.failure(f"no answer, status {answer.status_code}")
            elif {one["recipient_id"] for one in said} != {self.sender}:
                answer.failure("somebody else's answer")
            elif sum("custom" in one for one in said) != 1 or "custom" not in said[-1]:
                answer.failure("an answer that is not whole, or two")
            elif is_excuse(said):
                answer.failure("an excuse for a failure")


class Socket(User):
    """Over Socket.IO."""

    wait_time = constant(0)

    def on_start(self) -> None:
        self.session = uuid.uuid4().hex
        self.heard: Queue[Any] = Queue()  # what is said, and False or True for the end of it
        self.client = socketio.Client(reconnection=False, request_timeout=PATIENCE)
        self.client.on("bot_uttered", self.heard.put)
        try:
            self.client.connect(next(URLS), transports=["websocket"], wait_timeout=PATIENCE)
            if OURS:
                data = {"session_id": self.session}
                self.client.call("session_request", data, timeout=PATIENCE)
        except socketio.exceptions.SocketIOError as error:
            self._report(0.0, f"no connection: {error}")
            begin(self.environment)
            raise StopUser from None
        begin(self.environment)

    def on_stop(self) -> None:
        self.client.disconnect()

    @task
    def say(self) -> None:
        id_ = uuid.uuid4().hex
        data = {"session_id": self.session, "message_id": id_, "message": next_message()}
        started = time.perf_counter()
        try:
            self.client.emit("user_uttered", data, callback=self.heard.put if OURS else None)
        except socketio.exceptions.SocketIOError as error:
            self._report(time.perf_counter() - started, f"connection lost: {error}")
            raise StopUser from None
        problem = self._problem(id_)
        self._report(time.perf_counter() - started, problem)

    def _problem(self, id_: str) -> str | None:
        """What is wrong with the answer to one message; None when all is well."""
        said: list[dict[str, Any]] = []
        while True:
            try:
                heard = self.heard.get(timeout=PATIENCE)
            except Empty:
                return "no answer"
            if isinstance(heard, bool):  # our acknowledgement, which comes after the last one
                break
            if OURS and heard.get("reply_to") != id_:
                return "an answer to another message"
            said.append(heard)
            if "type" in heard and not OURS:  # stock acknowledges nothing: it ends with the data
                break
        if sum("type" in one for one in said) != 1 or "type" not in said[-1]:
            return "an answer that is not whole, or two"
        return "an excuse for a failure" if is_excuse(said) else None

    def _report(self, seconds: float, problem: str | None) -> None:
        self.environment.events.request.fire(
            request_type="Socket.IO",
            name="user_uttered",
            response_time=1000 * seconds,
            response_length=0,
            exception=AssertionError(problem) if problem else None,
            context={},
        )
