"""People talking at once, for Locust; benchmarks/load.py runs it in an environment of its own.

Each user is one conversation and sends its next message when the last answer is whole. An answer
that is missing, somebody else's, or to another message is a failure.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from typing import Any

import socketio
from gevent.queue import Empty, Queue
from locust import FastHttpUser, User, constant, task

MESSAGES = open(os.environ["MESSAGES"], encoding="utf-8").read().splitlines()  # noqa: SIM115, PTH123
OURS = os.environ["SIDE"] == "ours"
PATIENCE = 60  # seconds


class Rest(FastHttpUser):
    """Over REST."""

    wait_time = constant(0)
    network_timeout = connection_timeout = PATIENCE

    def on_start(self) -> None:
        self.sender = uuid.uuid4().hex

    @task
    def say(self) -> None:
        body = {"sender": self.sender, "message": random.choice(MESSAGES)}
        path = "/webhooks/rest/webhook"
        with self.client.post(path, json=body, catch_response=True) as answer:
            said = answer.json() if answer.status_code == 200 else None
            if not said:
                answer.failure(f"no answer, status {answer.status_code}")
            elif {one["recipient_id"] for one in said} != {self.sender}:
                answer.failure("somebody else's answer")


class Socket(User):
    """Over Socket.IO."""

    wait_time = constant(0)

    def on_start(self) -> None:
        self.session = uuid.uuid4().hex
        self.heard: Queue[dict[str, Any]] = Queue()
        self.client = socketio.Client(reconnection=False)
        self.client.on("bot_uttered", self.heard.put)
        self.client.connect(self.host, transports=["websocket"])
        if OURS:
            self.client.call("session_request", {"session_id": self.session})

    def on_stop(self) -> None:
        self.client.disconnect()

    @task
    def say(self) -> None:
        id_ = uuid.uuid4().hex
        data = {"session_id": self.session, "message_id": id_, "message": random.choice(MESSAGES)}
        started = time.perf_counter()
        problem = self._problem(id_, data)
        self.environment.events.request.fire(
            request_type="Socket.IO",
            name="user_uttered",
            response_time=1000 * (time.perf_counter() - started),
            response_length=0,
            exception=AssertionError(problem) if problem else None,
            context={},
        )

    def _problem(self, id_: str, data: dict[str, str]) -> str | None:
        """What is wrong with the answer to one message; None when all is well."""
        self.client.emit("user_uttered", data)
        while True:
            try:
                heard = self.heard.get(timeout=PATIENCE)
            except Empty:
                return "no answer"
            if OURS and heard.get("reply_to") != id_:
                return "an answer to another message"
            if "type" in heard:  # the reply as data is the last message of a turn
                return None
