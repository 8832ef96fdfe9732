"""Conversations that nobody goes on with are deleted, those that somebody goes on with are not."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.brokers.sql import SQLEventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.events import SlotSet, UserUttered

from mesoguide.paths import BadSetting
from mesoguide.storage import retention
from mesoguide.storage.bounded import STATES, BoundedTrackerStore
from mesoguide.storage.erasing import AT_ONCE, NotDeletedYet
from mesoguide.storage.retention import SETTING, delete_what_is_old, keep_hours
from tests.storage.test_bounded import (
    DOMAIN,
    Database,
    a_database,
    a_session,
    add,
    asked,
    go_on,
    history,
    locked,
    read,
    server,
    talk,
)

DAY = 24 * 3600.0
OLD, NEW = 1_000_000.0, 2_000_000.0
BETWEEN = 1_500_000.0
SECRET = "a sentence that must be gone"


@pytest.fixture(params=["file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with a_database(request.param, tmp_path, server(request)) as database:
        yield database


def at(timestamp: float, text: str = "hello") -> list[Any]:
    events = asked(text)
    for event in events:
        event.timestamp = timestamp
    return events


def states(store: BoundedTrackerStore) -> list[str]:
    with store.engine.connect() as connection:
        return sorted({row.sender_id for row in connection.execute(sa.select(STATES))})


async def senders(store: BoundedTrackerStore) -> list[str]:
    return sorted(await store.keys())


async def test_what_is_old_goes_with_its_states(database: Database) -> None:
    store = database.ours()
    await talk(store, [at(OLD)] * 3, "old")
    await talk(store, [at(OLD), at(NEW)], "gone on with")
    await talk(store, [at(NEW)], "new")
    assert states(store) == ["gone on with", "new", "old"]
    assert await store.delete_older(BETWEEN) == 1
    assert await senders(store) == states(store) == ["gone on with", "new"]
    assert len(await history(store, "gone on with")) == 2 * len(at(OLD))
    assert await store.delete_older(BETWEEN) == 0


async def test_the_limit_itself_is_kept(database: Database) -> None:
    store = database.ours()
    await add(store, at(OLD))
    assert await store.delete_older(OLD) == 0
    assert await store.delete_older(OLD + 1) == 1


async def test_a_state_of_no_conversation_goes(database: Database) -> None:
    store = database.ours()
    row = {"event_id": 7, "state": "{}"}
    with store.engine.begin() as connection:
        for name, timestamp in (("old", OLD), ("new", NEW)):
            one = {"sender_id": name, "timestamp": timestamp, **row}
            connection.execute(STATES.insert(), one)
    assert await store.delete_older(BETWEEN) == 0
    assert states(store) == ["new"]


async def test_more_than_are_deleted_at_once(database: Database) -> None:
    store = database.ours()
    event = {"type_name": "user", "timestamp": OLD, "data": "{}"}
    rows = [{"sender_id": f"s{number}", **event} for number in range(2 * AT_ONCE + 1)]
    with store.engine.begin() as connection:
        connection.execute(store.SQLEvent.__table__.insert(), rows)
    assert await store.delete_older(BETWEEN) == 2 * AT_ONCE + 1
    assert await senders(store) == []


async def test_several_servers_delete_each_conversation_once(database: Database) -> None:
    stores = [database.ours() for _ in range(3)]
    for number in range(20):
        await add(stores[0], at(OLD), f"s{number}")
    deleted = await asyncio.gather(*(store.delete_older(BETWEEN) for store in stores))
    assert sum(deleted) == 20
    assert await senders(stores[0]) == []


async def test_a_message_that_is_being_answered_is_not_torn(database: Database) -> None:
    """Its person came back at the very end: the old goes, the new is whole."""
    store, other = database.ours(), database.ours()
    await talk(store, [at(OLD)] * 3)
    tracker = await read(store)
    assert await other.delete_older(BETWEEN) == 1
    now = [*a_session(), SlotSet("topic", "kept"), *asked("I am back")]
    await go_on(store, tracker, now)
    assert len(await history(store)) == len(now)
    assert (await read(store)).get_slot("topic") == "kept"


async def test_messages_and_deletion_at_the_same_time(database: Database) -> None:
    store, other = database.ours(), database.ours()
    await talk(store, [at(OLD)] * 2, "old")

    async def chat() -> None:
        for _ in range(20):
            await add(store, asked("hello"), "new")

    async def delete() -> None:
        for _ in range(20):
            await other.delete_older(BETWEEN)

    await asyncio.gather(chat(), delete())
    assert await senders(store) == ["new"]
    assert len(await history(store, "new")) == 20 * len(asked("hello"))


async def test_nothing_is_left_in_the_files(tmp_path: Path) -> None:
    with a_database("file", tmp_path) as database:
        store = database.ours()
        await add(store, at(OLD, SECRET), "old")
        assert SECRET.encode() in _written(tmp_path)
        await store.delete_older(BETWEEN)
        assert SECRET.encode() not in _written(tmp_path)


def _written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_it_need_not_look_at_every_row(tmp_path: Path) -> None:
    with a_database("file", tmp_path) as database:
        store = database.ours()
        seen: list[str] = []
        plan = "EXPLAIN QUERY PLAN "

        def explain(conn: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
            if "events" in statement and not statement.startswith((plan, "PRAGMA")):
                rows = conn.connection.cursor().execute(plan + statement, values).fetchall()
                seen.extend(row[3] for row in rows)

        await add(store, at(OLD), "old")
        sa.event.listen(store.engine, "before_cursor_execute", explain)
        await store.delete_older(BETWEEN)
        of_events = [line for line in seen if "events" in line or "newer" in line]
        assert of_events
        assert all("SEARCH" in line and "INDEX" in line for line in of_events), of_events


async def test_a_forgotten_conversation_is_deleted_instead_of_saved(database: Database) -> None:
    store = database.ours()
    await talk(store, [at(NEW)] * 3)
    await add(store, [*asked("yes"), SlotSet("memory", {"forgotten": True})])
    assert await store.retrieve_full_tracker("someone") is None
    assert states(store) == []
    await add(store, asked("hello"))
    assert len(await history(store)) == len(asked("hello"))


async def test_one_that_cannot_be_deleted_says_so_and_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mesoguide.storage import bounded, erasing

    monkeypatch.setattr(bounded, "SQLITE", bounded.SQLITE.replace(str(erasing.WAIT), "100"))
    monkeypatch.setattr(erasing, "WAIT", 100)
    store = database.ours()
    await add(store, at(NEW))
    tracker = await read(store)
    tracker.update(SlotSet("memory", {"forgotten": True}), DOMAIN)
    with locked(database), pytest.raises(NotDeletedYet):
        await store.save(tracker)
    assert len(await history(store)) == len(at(NEW))


async def test_a_broker_hears_no_names(database: Database, tmp_path: Path) -> None:
    broker = SQLEventBroker(db=str(tmp_path / "broker.db"))
    store = database.ours()
    store.event_broker = broker
    await add(store, [UserUttered("I'm Roger", message_id="07700 900123")])
    with broker.session_scope() as session:
        (row,) = session.query(broker.SQLBrokerEvent).all()
        heard = row.data
    assert '"I\'m <name>"' in heard
    assert "Roger" not in heard
    assert (await read(store)).events[-1].text == "I'm <name>"
    assert (await read(store)).events[-1].message_id == "07700 900123"


@pytest.mark.parametrize("hours", ["0", "0.5", "-1", "a day", "nan", "inf", ""])
def test_a_setting_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, hours: str) -> None:
    monkeypatch.setenv(SETTING, hours)
    with pytest.raises(BadSetting, match=SETTING):
        keep_hours()


@pytest.mark.parametrize(("written", "hours"), [(None, 24), ("1", 1), ("1.5", 1.5), ("720", 720)])
def test_a_setting(monkeypatch: pytest.MonkeyPatch, written: str | None, hours: float) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    if written:
        monkeypatch.setenv(SETTING, written)
    assert keep_hours() == hours


async def test_the_server_looks_again_and_again_and_says_how_many(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    store = database.ours()
    now = time.time()
    await add(store, at(now - DAY - 60, SECRET), "old")
    await add(store, at(now - DAY + 600), "new")
    with caplog.at_level(logging.INFO, "mesoguide"):
        task = asyncio.create_task(delete_what_is_old(store, every=0.05))
        await _until(lambda: "1 conversations" in caplog.text)
        assert await senders(store) == ["new"]
        await add(store, at(now - DAY - 60), "old again")
        await _until(lambda: caplog.text.count("1 conversations") == 2)
        await _stop(task, store)
    assert await senders(store) == ["new"]
    assert SECRET not in caplog.text


async def test_a_database_that_is_locked_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mesoguide.storage import bounded, erasing

    monkeypatch.setattr(bounded, "SQLITE", bounded.SQLITE.replace(str(erasing.WAIT), "50"))
    with a_database("file", tmp_path) as database:
        store = database.ours()
        await add(store, at(OLD))
        caplog.set_level(logging.INFO, "mesoguide")
        with locked(database):
            task = asyncio.create_task(delete_what_is_old(store, every=0.05))
            await _until(lambda: "could not be deleted: OperationalError" in caplog.text)
        await _until(lambda: "1 conversations" in caplog.text)
        await _stop(task, store)
        assert await senders(store) == states(store) == []


async def _stop(task: asyncio.Task[None], store: BoundedTrackerStore) -> None:
    task.cancel()
    await store.keys()  # after what the store's thread was at


async def test_another_kind_of_store_is_said_not_to_be_emptied(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await asyncio.wait_for(delete_what_is_old(InMemoryTrackerStore(DOMAIN)), 5)
    assert "nothing is deleted by itself" in caplog.text
    assert retention.EVERY <= 600


async def _until(is_so: Any) -> None:
    for _ in range(200):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never happened")
