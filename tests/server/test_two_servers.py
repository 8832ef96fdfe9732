"""Two servers that share a PostgreSQL and a Redis act as one, also when a part of it fails."""

from __future__ import annotations

import json
import secrets
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mesoguide.core.knowledge import Knowledge
from tests.channels.test_socket import Widget
from tests.conftest import Heard, Server, start_server
from tests.server.conftest import Fleet

QUESTIONS = (
    "what does stage 4 mean?",
    "which side effects can immunotherapy have?",
    "what is a second opinion?",
    "is it catching?",
    "what is a clinical trial?",
    "how is it treated?",
    "what is a biopsy?",
    "what is asbestos?",
)
SOON = 10.0  # seconds in which everything is as before
SAME_MOMENT = 0.02  # seconds; half a turn


def ask(server: Server, sender: str, text: str, id_: str = "") -> Heard:
    """What is answered to one message, which has an id."""
    said = {"sender": sender, "message": text, "message_id": id_ or secrets.token_hex(16)}
    request = urllib.request.Request(
        f"{server.url}/webhooks/rest/webhook",
        json.dumps(said).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return Heard(json.load(answer), answer.status)


def ask_either(fleet: Fleet, sender: str, text: str, first: int) -> Heard:
    """The same, as a client that sends again to the other server what nobody acknowledged."""
    id_ = secrets.token_hex(16)
    for attempt in range(2 * int(SOON)):
        try:
            return ask(fleet.servers[(first + attempt) % 2], sender, text, id_)
        except OSError:  # refused, or cut off in the middle
            time.sleep(0.2)
    raise AssertionError("nobody answers")


def stored(fleet: Fleet, sender: str) -> list[dict[str, Any]]:
    """The conversation's events, in their order."""
    mine = sa.text("SELECT data FROM events WHERE sender_id = :mine ORDER BY id")
    engine = sa.create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        found = [json.loads(data) for (data,) in connection.execute(mine, {"mine": sender})]
    engine.dispose()
    return found


def said(events: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in events if one["event"] == "user"]


def is_whole(heard: Heard, knowledge: Knowledge) -> bool:
    """Whether it is the answer, stored, and not the sentence that says it failed."""
    excuses = [knowledge.text(name) for name in ("failed", "not_stored")]
    return not any(one in text for one in excuses for text in heard.texts)


def by_websocket(widget: Widget) -> None:
    """Connect as the widget does."""
    widget.client.on("bot_uttered", widget.heard.append)
    widget.client.connect(widget.url, transports=["websocket"])
    widget.client.call("session_request", {"session_id": widget.session}, timeout=SOON)


def until(is_so: Any) -> None:
    end = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)


def health(server: Server) -> tuple[int, dict[str, Any]]:
    status, _, body = server.get("/health")
    return status, json.loads(body)


def is_healthy(fleet: Fleet) -> bool:
    return all(health(one)[1].get("redis") == "ok" for one in fleet.servers)


@pytest.mark.parametrize(("rounds", "many"), [(30, 4), (4, 8)])
def test_quick_messages_on_both_are_answered_one_after_the_other(
    fleet: Fleet, rounds: int, many: int
) -> None:
    for _ in range(rounds):
        sender = secrets.token_hex(16)
        acknowledged: list[tuple[float, str]] = []

        def send(number: int, sender: str = sender, into: Any = acknowledged) -> Heard:
            heard = ask(fleet.servers[number % 2], sender, QUESTIONS[number])
            into.append((time.monotonic(), QUESTIONS[number]))
            return heard

        with ThreadPoolExecutor(many) as people:
            heard = list(people.map(send, range(many)))
        events = stored(fleet, sender)
        order = said(events)
        assert sorted(order) == sorted(QUESTIONS[:many])  # none lost, none doubled
        assert sum(one.data["intro"] != [] for one in heard) == 1  # each knew of the one before
        assert sum(one["event"] == "session_started" for one in events) == 1
        times = {text: when for when, text in acknowledged}
        gaps = [times[after] - times[one] for one, after in zip(order, order[1:], strict=False)]
        assert min(gaps) > -SAME_MOMENT, gaps


def test_a_message_that_both_get_at_the_same_time_is_heard_once(fleet: Fleet) -> None:
    for _ in range(10):
        sender, id_ = secrets.token_hex(16), secrets.token_hex(16)

        def send(at: int, sender: str = sender, id_: str = id_) -> Heard:
            return ask(fleet.servers[at], sender, QUESTIONS[0], id_)

        with ThreadPoolExecutor(2) as people:
            one, other = people.map(send, (0, 1))
        assert one.messages == other.messages
        assert said(stored(fleet, sender)) == [QUESTIONS[0]]


def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(fleet: Fleet) -> None:
    people = [secrets.token_hex(16) for _ in range(6)]
    slowest = dict.fromkeys(people, 0.0)
    is_killed = threading.Event()

    def talk(person: str) -> list[Heard]:
        heard = []
        for number, text in enumerate(QUESTIONS):
            started = time.monotonic()
            heard.append(ask_either(fleet, person, text, number))
            slowest[person] = max(slowest[person], time.monotonic() - started)
            if number == 2 and person == people[0]:
                is_killed.set()
        return heard

    with ThreadPoolExecutor(len(people)) as pool:
        talks = [pool.submit(talk, person) for person in people]
        assert is_killed.wait(60)
        fleet.processes[0].kill()
        every = [one.result() for one in talks]
    fleet.processes[0].wait()
    for person, heard in zip(people, every, strict=True):
        assert said(stored(fleet, person)) == list(QUESTIONS)
        assert all(one.data["type"] == "answer" for one in heard)
    assert max(slowest.values()) < SOON
    fleet.start(0)
    assert ask(fleet.servers[0], people[0], "and how is it treated?").data["intro"] == []


@contextmanager
def without_redis(fleet: Fleet) -> Iterator[None]:
    fleet.redis.stop()
    try:
        yield
    finally:
        fleet.redis.start()


def test_without_redis_people_are_answered_and_the_operator_is_told(fleet: Fleet) -> None:
    sender = secrets.token_hex(16)
    ask(fleet.servers[0], sender, QUESTIONS[0])
    widget = Widget(fleet.servers[0].url).connect()
    with without_redis(fleet):
        for number, text in enumerate(QUESTIONS[1:5]):
            assert ask(fleet.servers[number % 2], sender, text).data["type"] == "answer"
        assert widget.say(QUESTIONS[0])
        for one in fleet.servers:
            status, answer = health(one)
            assert (status, answer["status"], answer["redis"]) == (200, "ok", "down")
    until(lambda: is_healthy(fleet))
    assert ask(fleet.servers[1], sender, QUESTIONS[5]).data["intro"] == []
    assert said(stored(fleet, sender)) == list(QUESTIONS[:6])
    assert widget.say(QUESTIONS[1])
    widget.client.disconnect()
    for log in fleet.logs():
        assert "Redis cannot be reached" in log
        assert "Redis is back" in log
        assert "Traceback" not in log


def test_without_postgres_people_hear_so_and_nothing_said_before_is_lost(
    fleet: Fleet, knowledge: Knowledge
) -> None:
    sender = secrets.token_hex(16)
    ask(fleet.servers[0], sender, QUESTIONS[0])
    ask(fleet.servers[1], sender, QUESTIONS[1])
    fleet.postgres.stop()
    try:
        heard = ask(fleet.servers[0], sender, QUESTIONS[2])
        assert knowledge.text("failed") in heard.texts[0]
    finally:
        fleet.postgres.start()
    for at in (0, 1):  # the second did not notice that its connections are dead
        server = Server(fleet.servers[at].url, fleet.servers[at].log, sender)
        assert server.say(QUESTIONS[3 + at]).data["type"] == "answer"
    kept = said(stored(fleet, sender))
    assert [text for text in kept if text != QUESTIONS[2]] == [*QUESTIONS[:2], *QUESTIONS[3:5]]
    assert all(health(one)[0] == 200 for one in fleet.servers)
    assert "the turn failed: OperationalError" in fleet.logs()[0]
    assert not any(text in log for text in QUESTIONS for log in fleet.logs())


def test_postgres_that_stops_in_the_middle_of_turns_silences_nobody(
    fleet: Fleet, knowledge: Knowledge
) -> None:
    people = [secrets.token_hex(16) for _ in range(6)]
    is_talking, is_over = threading.Event(), threading.Event()

    def talk(at: int) -> list[tuple[str, Heard]]:
        heard = []
        while not is_over.is_set():
            text = QUESTIONS[len(heard) % len(QUESTIONS)]
            heard.append((text, ask(fleet.servers[at % 2], people[at], text)))
            if len(heard) == 3:
                is_talking.set()
        return heard

    with ThreadPoolExecutor(len(people)) as pool:
        talks = [pool.submit(talk, at) for at in range(len(people))]
        assert is_talking.wait(60)
        fleet.postgres.stop()
        time.sleep(1)
        fleet.postgres.start()
        time.sleep(1)
        is_over.set()
        every = [one.result() for one in talks]
    for person, heard in zip(people, every, strict=True):
        assert all(one.texts for _, one in heard)
        acknowledged = [text for text, one in heard if is_whole(one, knowledge)]
        kept = iter(said(stored(fleet, person)))
        assert all(text in kept for text in acknowledged)  # in their order
    assert any(not is_whole(one, knowledge) for heard in every for _, one in heard)
    for at in (0, 1):
        assert ask(fleet.servers[at], people[at], QUESTIONS[0]).data["type"] == "answer"
    assert all(health(one)[0] == 200 for one in fleet.servers)


LOCKED = "LOCK TABLE events IN ACCESS EXCLUSIVE MODE"
FULL = "ALTER SYSTEM SET default_transaction_read_only = on"  # as hosts do when a disk is full
FULL_NO_MORE = "ALTER SYSTEM RESET default_transaction_read_only"


@contextmanager
def trouble(fleet: Fleet, kind: str) -> Iterator[None]:
    engine = sa.create_engine(fleet.postgres.url)
    free = engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as locking, free.connect() as connection:
        if kind == "locked":
            locking.execute(sa.text(LOCKED))
        else:
            connection.execute(sa.text(FULL))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
            time.sleep(0.5)
        yield
        if kind == "full":
            connection.execute(sa.text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
            connection.execute(sa.text(FULL_NO_MORE))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
            time.sleep(0.5)
    engine.dispose()


@pytest.mark.parametrize("kind", ["locked", "full"])
def test_a_postgres_that_takes_nothing_is_said_and_nothing_said_before_is_lost(
    fleet: Fleet, knowledge: Knowledge, kind: str
) -> None:
    sender = secrets.token_hex(16)
    ask(fleet.servers[0], sender, QUESTIONS[0])
    with trouble(fleet, kind):
        started = time.monotonic()
        heard = ask(fleet.servers[1], sender, QUESTIONS[1])
        assert heard.texts
        assert not is_whole(heard, knowledge)
        assert time.monotonic() - started < SOON
        danger = ask(fleet.servers[0], secrets.token_hex(16), "I cant breathe")
        assert "911" in danger.texts[0]
    assert ask(fleet.servers[0], sender, QUESTIONS[2]).data["intro"] == []
    kept = said(stored(fleet, sender))
    assert [text for text in kept if text != QUESTIONS[1]] == [QUESTIONS[0], QUESTIONS[2]]
    assert all(health(one)[0] == 200 for one in fleet.servers)
    assert not any("Traceback" in log for log in fleet.logs())


def test_an_answer_reaches_the_widget_wherever_it_is_connected(fleet: Fleet) -> None:
    here, there = (Widget(one.url) for one in fleet.servers)
    there.session = here.session
    for widget in (here, there):
        by_websocket(widget)
    elsewhere = Widget(fleet.servers[0].url).connect()
    replies = there.say(QUESTIONS[0])  # heard by the second server
    until(lambda: here.heard)
    assert here.heard == there.heard
    assert [one for one in here.heard if "type" in one] == replies
    here.say(QUESTIONS[1])
    until(lambda: len(there.heard) == len(here.heard))
    time.sleep(0.5)  # nothing comes a second time
    assert here.heard == there.heard
    assert elsewhere.heard == []
    for widget in (here, there, elsewhere):
        widget.client.disconnect()


def test_both_may_start_at_once_on_an_empty_database(fleet: Fleet, tmp_path: Path) -> None:
    engine = sa.create_engine(fleet.postgres.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE empty"))
    engine.dispose()
    url = fleet.postgres.url.rpartition("/")[0] + "/empty"

    def start(name: str) -> tuple[subprocess.Popen[bytes], Server]:
        (tmp_path / name).mkdir()
        return start_server(tmp_path / name, MESOGUIDE_DB=url, MESOGUIDE_REDIS=fleet.redis.url)

    with ThreadPoolExecutor(2) as starting:
        both = list(starting.map(start, ("one", "other")))
    try:
        for _, server in both:
            assert server.say(QUESTIONS[0]).data["type"] == "answer"
    finally:
        for process, _ in both:
            process.terminate()
        for process, _ in both:
            process.wait(timeout=30)
