"""The store of conversations: what Rasa's own store does, and that a turn reads only the end.

The same tests run on a real PostgreSQL server, each in a schema of its own; see conftest.py.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sqlite3
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.brokers.sql import SQLEventBroker
from rasa.core.exporter import Exporter
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core import events as rasas_events
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AgentUttered,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    FollowupAction,
    LegacyForm,
    LegacyFormValidation,
    LoopInterrupted,
    ReminderCancelled,
    ReminderScheduled,
    Restarted,
    SessionStarted,
    SlotSet,
    StoryExported,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config

from mesoguide import paths
from mesoguide.counts import REGISTRY
from mesoguide.rasa_inside import remember_event_types
from mesoguide.storage import bounded, erasing
from mesoguide.storage.bounded import ORDER, STATES, TURNS, BoundedTrackerStore

LONG = 6  # seconds; nothing here should take them
SENDER = "someone"
SECRET = "what was typed concerns nobody else"  # without quotes, which are written in many ways
DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [greet, tell]
    entities: [day]
    slots:
      topic: {type: text, influence_conversation: true, mappings: [{type: custom}]}
      known: {type: bool, initial_value: true, mappings: [{type: custom}]}
      list: {type: list, mappings: [{type: custom}]}
      memory: {type: any, mappings: [{type: custom}]}
      day: {type: text, mappings: [{type: from_entity, entity: day}]}
      requested_slot: {type: any, influence_conversation: false, mappings: [{type: custom}]}
    forms:
      day_form: {required_slots: [day]}
    responses:
      utter_hello: [{text: Hello}]
    """
)
Turn = list[Event]


@dataclass
class Database:
    """One database, and the stores that were opened on it."""

    settings: dict[str, Any]
    opened: list[SQLTrackerStore] = field(default_factory=list)

    def ours(self, **more: Any) -> BoundedTrackerStore:
        store = BoundedTrackerStore(DOMAIN, **self.settings, **more)
        self.opened.append(store)
        return store

    def rasas(self) -> SQLTrackerStore:
        store = SQLTrackerStore(DOMAIN, **self.settings)
        self.opened.append(store)
        return store


@contextmanager
def a_database(kind: str, folder: Path, server: str = "") -> Iterator[Database]:
    """A new one: a file, memory (of one store only), or a schema on the Postgres server."""
    if kind == "postgres":
        with a_schema(server) as url:
            yield from _closed(Database({"host": url}))
    else:
        yield from _closed(Database({"db": str(folder / "c.db") if kind == "file" else ""}))


def _closed(database: Database) -> Iterator[Database]:
    yield database
    for store in database.opened:
        store.engine.dispose()


@contextmanager
def a_schema(server: str) -> Iterator[str]:
    name, engine = f"test_{uuid.uuid4().hex}", sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def server(request: pytest.FixtureRequest) -> str:
    """The URL of the Postgres server, where that is what is asked for."""
    is_needed = request.param == "postgres"
    return str(request.getfixturevalue("postgres_url")) if is_needed else ""


@pytest.fixture(scope="module", autouse=True)
def _quick_types() -> Iterator[None]:
    """As `mesoguide serve` has it; a fifth of the time goes to finding classes otherwise."""
    with pytest.MonkeyPatch.context() as undo:
        undo.setattr(Event, "resolve_by_type", Event.__dict__["resolve_by_type"])
        remember_event_types()
        yield


@pytest.fixture(params=["file", "memory", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoundedTrackerStore]:
    with a_database(request.param, tmp_path, server(request)) as database:
        yield database.ours()


@pytest.fixture(params=["memory", "postgres"])
def quick(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoundedTrackerStore]:
    """One of each SQL, for what is tried many times."""
    with a_database(request.param, tmp_path, server(request)) as database:
        yield database.ours()


@pytest.fixture(params=["file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """One that several stores can be opened on."""
    with a_database(request.param, tmp_path, server(request)) as database:
        yield database


@pytest.fixture
def stock() -> Iterator[SQLTrackerStore]:
    """Rasa's own store, in memory."""
    store = SQLTrackerStore(DOMAIN, db="")
    yield store
    store.engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    with a_database("file", tmp_path) as database:
        yield database


def a_session() -> Turn:
    return [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
    ]


def asked(text: str, *meanwhile: Event) -> Turn:
    """A message, and what came of it."""
    return [
        UserUttered(text, {"name": "greet", "confidence": 1.0}),
        ActionExecuted("utter_hello"),
        BotUttered("Hello"),
        *meanwhile,
        ActionExecuted("action_listen"),
    ]


def chat(turns: int, first: int = 0) -> list[Turn]:
    return [asked(f"message {number}") for number in range(first, first + turns)]


def dated(turns: Iterable[Turn]) -> list[Turn]:
    """Copies whose times are in order: Rasa's own store tells sessions apart by them."""
    copies = deepcopy(list(turns), {})
    for number, turn in enumerate(copies):
        for place, event in enumerate(turn):
            event.timestamp = 1000.0 + number + place / 100
    return copies


async def a_tracker(store: TrackerStore, sender: str = SENDER) -> DialogueStateTracker:
    return await store.get_or_create_tracker(sender, append_action_listen=False)


async def go_on(store: TrackerStore, tracker: DialogueStateTracker, turn: Iterable[Event]) -> None:
    for event in turn:
        tracker.update(deepcopy(event), DOMAIN)
    await store.save(tracker)


async def add(store: TrackerStore, turn: Iterable[Event], sender: str = SENDER) -> None:
    """What Rasa does for a message: read the conversation, go on with it, save it."""
    await go_on(store, await a_tracker(store, sender), turn)


async def talk(store: TrackerStore, turns: Iterable[Turn], sender: str = SENDER) -> None:
    for turn in turns:
        await add(store, turn, sender)


async def read(store: TrackerStore, sender: str = SENDER) -> DialogueStateTracker:
    tracker = await store.retrieve(sender)
    assert tracker is not None
    return tracker


async def history(store: TrackerStore, sender: str = SENDER) -> list[dict[str, Any]]:
    """All events of all sessions."""
    tracker = await store.retrieve_full_tracker(sender)
    return as_dicts(tracker.events) if tracker else []


def as_dicts(events: Iterable[Event]) -> list[dict[str, Any]]:
    return [event.as_dict() for event in events]


def flat(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    return as_dicts(event for turn in turns for event in turn)


def texts(tracker: DialogueStateTracker) -> list[str | None]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def state(tracker: DialogueStateTracker, states: int = 3) -> dict[str, Any]:
    """What the next turn goes by, and the last states that policies see."""
    known = tracker.current_state()
    return {
        **{name: known[name] for name in known if name != "events"},
        "were_set": {name: slot.has_been_set for name, slot in tracker.slots.items()},
        "last_states": tracker.past_states(DOMAIN)[-states:],
    }


def rows_read() -> float:
    return REGISTRY.get_sample_value("mesoguide_rows_read_total") or 0.0


async def rows_of_one_read(store: BoundedTrackerStore, sender: str = SENDER) -> float:
    before = rows_read()
    await read(store, sender)
    return rows_read() - before


def rows(store: SQLTrackerStore, table: str, sender: str = SENDER) -> int:
    query = f"SELECT count(*) FROM {table} WHERE sender_id = :sender"
    with store.session_scope() as session:
        return int(session.execute(sa.text(query), {"sender": sender}).scalar())


class TestAsRasasOwn:
    """What whoever uses a store of Rasa's relies on."""

    async def test_an_unknown_conversation_is_none(self, store: BoundedTrackerStore) -> None:
        assert await store.retrieve(SENDER) is None
        assert await store.retrieve_full_tracker(SENDER) is None
        assert not await store.exists(SENDER)
        assert list(await store.keys()) == []

    async def test_a_conversation_is_made_once(self, store: BoundedTrackerStore) -> None:
        made = await store.get_or_create_tracker(SENDER)
        made.update(SlotSet("topic", "staging"))
        await store.save(made)
        again = await store.get_or_create_tracker(SENDER)
        assert again.get_slot("topic") == "staging"
        assert as_dicts(again.events) == as_dicts(made.events)
        assert again.events[0] == ActionExecuted("action_listen")

    async def test_a_full_conversation_is_made_once(self, store: BoundedTrackerStore) -> None:
        made = await store.get_or_create_full_tracker(SENDER)
        again = await store.get_or_create_full_tracker(SENDER)
        assert as_dicts(again.events) == as_dicts(made.events) != []

    async def test_an_empty_conversation_leaves_nothing(self, store: BoundedTrackerStore) -> None:
        await store.get_or_create_tracker(SENDER, append_action_listen=False)
        assert not await store.exists(SENDER)

    async def test_every_conversation_is_known_by_its_id(self, store: BoundedTrackerStore) -> None:
        for sender in ("one", "two", "three"):
            await talk(store, chat(2), sender)
        assert sorted(await store.keys()) == ["one", "three", "two"]
        assert await store.exists("two")
        assert not await store.exists("four")

    async def test_conversations_do_not_mix(self, store: BoundedTrackerStore) -> None:
        for turn in range(8):
            await add(store, asked(f"mine {turn}", SlotSet("topic", "mine")), "mine")
            await add(store, asked(f"yours {turn}", SlotSet("topic", "yours")), "yours")
        mine = await read(store, "mine")
        assert mine.get_slot("topic") == "mine"
        assert all(text and text.startswith("mine") for text in texts(mine))

    async def test_conversations_at_the_same_time(self, store: BoundedTrackerStore) -> None:
        turns = {f"sender {number}": chat(4, first=number) for number in range(12)}
        await asyncio.gather(*(talk(store, chat, sender) for sender, chat in turns.items()))
        for sender, said in turns.items():
            assert await history(store, sender) == flat(said)

    async def test_any_character_comes_back(self, store: BoundedTrackerStore) -> None:
        text = "naïve 👩‍⚕️ \u202e \x00 ' \" \\ % :name ? -- ş 中 \ud800"
        await add(store, asked(text, SlotSet("memory", {"said": [text, 1.5, None, True]})))
        tracker = await read(store)
        assert texts(tracker) == [text]
        assert tracker.get_slot("memory") == {"said": [text, 1.5, None, True]}

    async def test_the_latest_restart_is_where_it_was(self, store: BoundedTrackerStore) -> None:
        tracker = await store.get_or_create_tracker(SENDER)
        for event in (*asked("hello"), Restarted()):
            tracker.update(event)
        await store.save(tracker)
        again = await read(store)
        assert again.idx_after_latest_restart() == tracker.idx_after_latest_restart() > 0
        assert again.followup_action == "action_session_start"

    async def test_rasa_makes_it_from_its_settings(self, tmp_path: Path) -> None:
        settings = {"dialect": "sqlite", "db": str(tmp_path / "c.db"), "turns": 2}
        kind = f"{BoundedTrackerStore.__module__}.{BoundedTrackerStore.__name__}"
        store = TrackerStore.create(EndpointConfig(type=kind, **settings), DOMAIN)
        assert isinstance(store, BoundedTrackerStore)  # itself: Rasa wraps what is not async
        await talk(store, chat(9))
        assert texts(await read(store)) == ["message 7", "message 8"]

    async def test_it_is_what_the_products_settings_name(self) -> None:
        file = str(paths.ROOT / "endpoints.yml")
        named = read_endpoint_config(file, "tracker_store").type
        assert named == f"{BoundedTrackerStore.__module__}.{BoundedTrackerStore.__name__}"


def every_event() -> list[Event]:
    """One of each type, with all that it can hold."""
    of = {"timestamp": 1234.5, "metadata": {"key": ["väl", {"deep": None}]}}
    entity = {"entity": "day", "value": "monday", "start": 0, "end": 6, "confidence": 0.5}
    parsed = {"intent": {"name": "tell", "confidence": 0.9}, "entities": [entity], "text": "monday"}
    return [
        UserUttered(
            "monday", parsed["intent"], [entity], parsed, 1.0, "rest", "id 1", {"about": "x"}
        ),
        DefinePrevUserUtteredFeaturization(False, **of),
        EntitiesAdded([entity], **of),
        BotUttered("Hello", {"custom": {"data": {"a": [1]}}}, of["metadata"], 1234.5),
        SlotSet("memory", {"nested": [1, "zwei", None]}, **of),
        AllSlotsReset(**of),
        UserUtteranceReverted(**of),
        ActionReverted(**of),
        Restarted(**of),
        ReminderScheduled(
            "greet",
            datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
            [entity],
            "a reminder",
            False,
            **of,
        ),
        ReminderCancelled("a reminder", "greet", [entity], **of),
        StoryExported(**of),  # with a path it writes there
        FollowupAction("utter_hello", **of),
        ConversationPaused(**of),
        ConversationResumed(**of),
        ActionExecuted("utter_hello", "RulePolicy", 0.75, hide_rule_turn=True, **of),
        AgentUttered("an agent", {"data": 1}, **of),
        ActiveLoop("day_form", **of),
        LegacyForm("day_form", **of),
        LoopInterrupted(True, **of),
        LegacyFormValidation(True, **of),
        ActionExecutionRejected("day_form", "RulePolicy", 0.5, **of),
        SessionStarted(**of),
    ]


class TestEvents:
    def test_no_type_of_rasas_is_left_out(self) -> None:
        types = {
            kind.type_name
            for _, kind in inspect.getmembers(rasas_events, inspect.isclass)
            if issubclass(kind, Event) and not inspect.isabstract(kind)
        }
        assert {event.type_name for event in every_event()} == types

    @pytest.mark.parametrize("event", every_event(), ids=lambda event: event.type_name)
    async def test_each_comes_back_as_rasa_brings_it_back(
        self, quick: BoundedTrackerStore, stock: SQLTrackerStore, event: Event
    ) -> None:
        for one in (quick, stock):
            tracker = DialogueStateTracker.from_events(SENDER, [deepcopy(event)], DOMAIN.slots)
            await one.save(tracker)
        assert await history(quick) == [event.as_dict()] == await history(stock)
        assert state(await read(quick)) == state(await read(stock))

    async def test_all_stay_in_order_whatever_their_time(self, store: BoundedTrackerStore) -> None:
        turns = chat(3)
        for turn, timestamp in zip(turns, (3.0, 1.0, 1.0), strict=True):
            for event in turn:
                event.timestamp = timestamp
        await talk(store, turns)
        assert await history(store) == flat(turns) == as_dicts((await read(store)).events)

    async def test_each_is_written_once(self, store: BoundedTrackerStore) -> None:
        turns = chat(3)
        made = DialogueStateTracker.from_events(SENDER, deepcopy(turns[0]), DOMAIN.slots)
        await store.save(made)
        await store.save(made)
        assert await history(store) == flat(turns[:1])
        for event in turns[1]:
            made.update(event)
        await store.save(made)
        await store.save(made)
        assert await history(store) == flat(turns[:2])
        again = await read(store)
        await store.save(again)
        for event in turns[2]:
            again.update(event)
        await store.save(again)
        await store.save(again)
        assert await history(store) == flat(turns)

    async def test_a_conversation_that_goes_on_from_elsewhere(
        self, store: BoundedTrackerStore
    ) -> None:
        """Such as one that Rasa's own server gets whole: only what is more is new."""
        turns = [a_session(), *chat(7)]
        await talk(store, turns[:6])
        events = [deepcopy(event) for turn in turns for event in turn]
        whole = DialogueStateTracker.from_events(SENDER, events[1:], DOMAIN.slots)
        await store.save(whole)
        assert await history(store) == flat(turns)
        await store.save(whole)
        assert await history(store) == flat(turns)

    async def test_a_conversation_can_be_saved_as_another(self, store: BoundedTrackerStore) -> None:
        await talk(store, chat(2))
        tracker = await read(store)
        tracker.sender_id = "copy"
        await store.save(tracker)
        assert await history(store, "copy") == await history(store) != []

    async def test_a_conversation_can_be_saved_in_another_database(
        self, store: BoundedTrackerStore, tmp_path: Path
    ) -> None:
        await talk(store, chat(2))
        with a_database("memory", tmp_path) as other:
            copy = other.ours()
            await copy.save(await read(store))
            assert await history(copy) == await history(store) != []

    async def test_events_that_could_not_be_saved_are_saved_later(self, file: Database) -> None:
        store = file.ours()
        await talk(store, chat(2))
        tracker = await read(store)
        tracker.update_with_events(asked("not yet"), DOMAIN)
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE conversation_states RENAME TO elsewhere"))
        with pytest.raises(sa.exc.OperationalError):
            await store.save(tracker)
        assert "not yet" not in texts(await _whole(store))  # all or nothing
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO conversation_states"))
        await store.save(tracker)
        assert texts(await _whole(store)) == ["message 0", "message 1", "not yet"]


async def _whole(store: TrackerStore) -> DialogueStateTracker:
    tracker = await store.retrieve_full_tracker(SENDER)
    assert tracker is not None
    return tracker


class TestSessions:
    async def test_only_the_latest_is_read_for_a_turn(
        self, store: BoundedTrackerStore, stock: SQLTrackerStore
    ) -> None:
        turns = [a_session(), *chat(3), a_session(), *chat(2, first=3)]
        for one in (store, stock):
            await talk(one, turns)
        assert texts(await read(store)) == ["message 3", "message 4"]
        assert as_dicts((await read(store)).events) == as_dicts((await read(stock)).events)
        assert state(await read(store)) == state(await read(stock))

    async def test_all_are_there_for_an_export(self, store: BoundedTrackerStore) -> None:
        turns = [a_session(), *chat(9), a_session(), *chat(9, first=9)]
        await talk(store, turns)
        assert await history(store) == flat(turns)

    async def test_a_session_longer_than_what_is_read(
        self, store: BoundedTrackerStore, stock: SQLTrackerStore
    ) -> None:
        carried = [a_session()[0], SessionStarted(), SlotSet("topic", "old"), a_session()[2]]
        turns = [a_session(), asked("a", SlotSet("list", [1])), carried, *chat(TURNS + 3)]
        for turn in dated(turns):
            for one in (store, stock):
                await add(one, turn)
            assert state(await read(store)) == state(await read(stock))
        assert (await read(store)).get_slot("list") is None

    async def test_a_clock_that_went_back_loses_nothing(self, store: BoundedTrackerStore) -> None:
        turns = [a_session(), *chat(2)]
        for event in (event for turn in turns[1:] for event in turn):
            event.timestamp = 1.0
        await talk(store, turns)
        assert texts(await read(store)) == ["message 0", "message 1"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SQLEventBroker]:
    broker = SQLEventBroker(db=str(tmp_path / "broker.db"))
    yield broker
    broker.engine.dispose()


def published(broker: SQLEventBroker) -> list[dict[str, Any]]:
    with broker.session_scope() as session:
        table = broker.SQLBrokerEvent
        found = [json.loads(row.data) for row in session.query(table).order_by(table.id)]
    return [{name: one[name] for name in one if name != "sender_id"} for one in found]


class TestEventBroker:
    async def test_it_gets_the_new_events_once(
        self, database: Database, broker: SQLEventBroker
    ) -> None:
        store, turns = database.ours(event_broker=broker), [a_session(), *chat(TURNS + 4)]
        for number, turn in enumerate(turns, 1):
            await add(store, turn)
            assert published(broker) == flat(turns[:number])
        await store.save(await read(store))
        assert published(broker) == flat(turns)

    async def test_it_gets_nothing_that_was_not_stored(
        self, file: Database, broker: SQLEventBroker
    ) -> None:
        store = file.ours(event_broker=broker)
        with store.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE events"))
        tracker = DialogueStateTracker.from_events(SENDER, asked("hello"), DOMAIN.slots)
        with pytest.raises(sa.exc.OperationalError):
            await store.save(tracker)
        assert published(broker) == []

    async def test_rasa_export(self, database: Database, broker: SQLEventBroker) -> None:
        store, turns = database.ours(), [a_session(), *chat(TURNS + 2), a_session(), *chat(2)]
        await talk(store, turns)
        await talk(store, chat(1), "another")
        number = await Exporter(store, broker, "endpoints.yml").publish_events()
        assert number == len(flat(turns)) + len(flat(chat(1)))
        exporter = Exporter(store, broker, "endpoints.yml", requested_conversation_ids=[SENDER])
        assert await exporter.publish_events() == len(flat(turns))
        assert published(broker)[number:] == flat(turns)


class TestSameDatabase:
    """Of Rasa's own store and this one, the one after the other."""

    async def test_one_that_rasas_store_wrote_is_continued(
        self, database: Database, stock: SQLTrackerStore
    ) -> None:
        turns = [a_session(), asked("a", SlotSet("topic", "old")), *chat(TURNS + 3)]
        more = chat(TURNS + 3, first=100)
        await talk(database.rasas(), turns)
        await talk(stock, turns)
        store = database.ours()
        assert state(await read(store)) == state(await read(stock))
        for turn in more:
            for one in (store, stock):
                await add(one, turn)
            assert state(await read(store)) == state(await read(stock))
        assert await history(store) == flat([*turns, *more])
        assert len(texts(await read(store))) == TURNS

    async def test_one_that_this_store_wrote_is_continued_by_rasas(
        self, database: Database, stock: SQLTrackerStore
    ) -> None:
        turns = [a_session(), *chat(3), a_session(), *chat(TURNS + 3, first=3)]
        more = chat(2, first=50)
        for one in (database.ours(), stock):
            await talk(one, turns)
        rasas = database.rasas()
        assert list(await rasas.keys()) == [SENDER]
        assert await history(rasas) == flat(turns)
        assert as_dicts((await read(rasas)).events) == as_dicts((await read(stock)).events)
        await talk(rasas, more)
        assert await history(rasas) == flat([*turns, *more])

    async def test_back_and_forth(self, database: Database, stock: SQLTrackerStore) -> None:
        ours, rasas = database.ours(), database.rasas()
        for number in range(3 * TURNS):
            turn = asked(f"message {number}", SlotSet("list", [number]))
            await add(ours if number % 4 else rasas, turn)
            await add(stock, turn)
            assert state(await read(ours)) == state(await read(stock))
        assert await history(ours) == await history(stock)

    async def test_the_columns_are_filled_as_rasa_fills_them(self, database: Database) -> None:
        """Whoever queries the table must find the same in it."""
        ours, rasas = database.ours(), database.rasas()
        for store, sender in ((ours, "ours"), (rasas, "rasas")):
            tracker = DialogueStateTracker.from_events(sender, every_event(), DOMAIN.slots)
            await store.save(tracker)
        columns = "type_name, timestamp, intent_name, action_name, data"
        query = f"SELECT {columns} FROM events WHERE sender_id = :sender ORDER BY id"
        with ours.session_scope() as session:
            found = [
                [tuple(row) for row in session.execute(sa.text(query), {"sender": sender})]
                for sender in ("ours", "rasas")
            ]
        assert found[0] == found[1]
        assert len(found[0]) == len(every_event())

    async def test_two_stores_open_at_once(self, database: Database) -> None:
        """Opening makes tables and indexes only where they are missing."""
        one, other = database.ours(), database.ours()
        await add(one, asked("first"))
        await add(other, asked("second"))
        assert texts(await read(one)) == ["first", "second"]

    async def test_a_database_server_gets_an_index_for_reading_the_end(
        self, database: Database
    ) -> None:
        engine = database.ours().engine
        indexes = {one["name"] for one in sa.inspect(engine).get_indexes("events")}
        assert (ORDER.name in indexes) == (engine.dialect.name != "sqlite")


class TestOnlyTheEnd:
    """A turn reads a bounded number of rows and knows the same as with all of them."""

    async def test_thirty_turns(self, store: BoundedTrackerStore) -> None:
        await talk(store, chat(30))
        events_of_a_turn = len(asked("a"))
        assert await rows_of_one_read(store) == TURNS * events_of_a_turn + 1  # and a state
        assert texts(await read(store)) == [f"message {number}" for number in range(30 - TURNS, 30)]

    async def test_turn_200_reads_as_many_rows_as_turn_12(self, quick: BoundedTrackerStore) -> None:
        await talk(quick, chat(12))
        early = await rows_of_one_read(quick)
        await talk(quick, chat(188, first=12))
        assert await rows_of_one_read(quick) == early

    async def test_others_conversations_are_not_read(self, store: BoundedTrackerStore) -> None:
        await talk(store, chat(3))
        alone = await rows_of_one_read(store)
        for number in range(10):
            await talk(store, chat(3), f"other {number}")
        assert await rows_of_one_read(store) == alone

    @pytest.mark.parametrize("turns", [1, 2, 7])
    async def test_how_many_turns_is_a_setting(self, file: Database, turns: int) -> None:
        store = file.ours(turns=turns)
        await talk(store, chat(12))
        assert len(texts(await read(store))) == turns

    async def test_few_states_are_kept(self, store: BoundedTrackerStore) -> None:
        for number in range(30):
            for sender in (SENDER, "another"):
                await add(store, asked(f"message {number}"), sender)
            assert rows(store, STATES.name) == min(number, TURNS) + 1
        assert rows(store, STATES.name, "another") == TURNS + 1

    async def test_what_is_not_a_message_leaves_no_state(self, store: BoundedTrackerStore) -> None:
        await add(store, a_session())
        await add(store, [SlotSet("topic", "set by a program")])
        assert rows(store, STATES.name) == 0
        assert (await read(store)).get_slot("topic") == "set by a program"


def in_a_form(text: str, day: str | None = None) -> Turn:
    """A message while the form asks for the day; with the day it is done."""
    then: Turn = [SlotSet("requested_slot", "day"), ActionExecuted("action_listen")]
    if day:
        then = [SlotSet("day", day), SlotSet("requested_slot", None), ActiveLoop(None)]
        then.append(ActionExecuted("action_listen"))
    return [
        UserUttered(text, {"name": "tell", "confidence": 1.0}),
        ActionExecuted("day_form"),
        *then,
    ]


def out_of_a_form(text: str) -> Turn:
    """A message that the form leaves to somebody else, and comes back."""
    return [
        UserUttered(text, {"name": "greet", "confidence": 1.0}),
        ActionExecutionRejected("day_form"),
        LoopInterrupted(True),
        ActionExecuted("utter_hello"),
        ActionExecuted("day_form"),
        ActionExecuted("action_listen"),
    ]


def form_begins() -> Turn:
    return [
        UserUttered("which day", {"name": "tell", "confidence": 1.0}),
        ActionExecuted("day_form"),
        ActiveLoop("day_form"),
        SlotSet("requested_slot", "day"),
        ActionExecuted("action_listen"),
    ]


BACK = [UserUtteranceReverted(), UserUtteranceReverted()]  # what Rasa's action_back returns
SILENT: Turn = [UserUttered("is anybody there", {"name": "greet", "confidence": 1.0})]
RESUMED: Turn = [ConversationResumed()]
SLOTS = [SlotSet("topic", "staging"), SlotSet("list", [1, "two"]), SlotSet("known", None)]
BEFORE = [a_session(), asked("first", *SLOTS), asked("second")]
COURSES: dict[str, list[Turn]] = {
    "slots": [*BEFORE, *chat(8), asked("third", SlotSet("topic", None)), *chat(8)],
    "slots that are set to nothing": [a_session(), asked("a", SlotSet("topic", None)), *chat(9)],
    "slots reset": [*BEFORE, asked("reset", AllSlotsReset()), *chat(8)],
    "an utterance taken back": [*BEFORE, *chat(7), asked("x", UserUtteranceReverted()), *chat(9)],
    "an action taken back": [*BEFORE, *chat(7), asked("x", ActionReverted()), *chat(9)],
    "a slot taken back": [*BEFORE, *chat(7), asked("x", SLOTS[0], *BACK), *chat(9)],
    "back again and again": [*BEFORE, *chat(7), *[asked("x", *BACK)] * 9, *chat(9)],
    "back further than is read": [*BEFORE, *chat(9), asked("x", *BACK * 4), *chat(9)],
    "restarted": [*BEFORE, *chat(7), asked("x", Restarted())[:-1], a_session(), *chat(9)],
    "a form": [*BEFORE, *chat(4), form_begins(), in_a_form("monday", "monday"), *chat(9)],
    "a long form": [*BEFORE, *chat(4), form_begins(), *[in_a_form("what")] * 9,
                    in_a_form("monday", "monday"), *chat(9)],
    "a form with questions between": [*BEFORE, form_begins(), *[out_of_a_form("why")] * 9,
                                      in_a_form("monday", "monday"), *chat(9)],
    "a form that is asked for twice": [*BEFORE, form_begins(), in_a_form("monday", "monday"),
                                       *chat(4), form_begins(), *[in_a_form("what")] * 7],
    "a form taken back": [*BEFORE, form_begins(), *[in_a_form("what")] * 7,
                          in_a_form("x") + BACK, *chat(9)],
    "a follow-up": [*BEFORE, *chat(7), [*asked("x"), FollowupAction("utter_hello")], *chat(7)],
    "a new session": [*BEFORE, *chat(9), [*a_session()[:2], *SLOTS, a_session()[2]], *chat(9)],
}  # fmt: skip
SILENT_COURSES: dict[str, list[Turn]] = {
    "paused": [*BEFORE, [ConversationPaused()], *[SILENT] * 9, RESUMED, *chat(9)],
    "paused by an action": [*BEFORE, asked("a", ConversationPaused())[:-1], *[SILENT] * 9],
    "paused and resumed": [*BEFORE, [ConversationPaused()], *[SILENT] * 2, RESUMED, *chat(9)],
    "back over a pause": [*BEFORE, [ConversationPaused()], *[SILENT] * 9, RESUMED,
                          asked("x", *BACK), *chat(9)],
}  # fmt: skip


async def same(
    ours: BoundedTrackerStore, rasas: SQLTrackerStore, turns: list[Turn], states: int
) -> None:
    for number, turn in enumerate([*turns, []]):
        one, other = await a_tracker(ours), await a_tracker(rasas)
        assert state(one, states) == state(other, states), f"before turn {number}: {turn}"
        await go_on(ours, one, turn)
        await go_on(rasas, other, turn)
    assert await history(ours) == await history(rasas) == flat(turns)


class TestAsWithAllEvents:
    """After each turn the next one must find what it finds with Rasa's own store."""

    @pytest.mark.parametrize("course", COURSES.values(), ids=COURSES.keys())
    async def test_the_state_is_the_same(
        self, quick: BoundedTrackerStore, stock: SQLTrackerStore, course: list[Turn]
    ) -> None:
        await same(quick, stock, dated(course), states=3)

    @pytest.mark.parametrize("course", SILENT_COURSES.values(), ids=SILENT_COURSES.keys())
    async def test_the_state_is_the_same_after_a_silence(
        self, quick: BoundedTrackerStore, stock: SQLTrackerStore, course: list[Turn]
    ) -> None:
        """What policies saw before it is not read any more; what holds now is."""
        await same(quick, stock, dated(course), states=1)

    async def test_a_slot_that_the_domain_has_no_more_is_left_out(
        self, store: BoundedTrackerStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        await talk(store, [*BEFORE, *chat(TURNS + 1)])
        store.domain = Domain.from_yaml("slots: {list: {type: list, mappings: [{type: custom}]}}")
        tracker = await read(store)
        assert tracker.get_slot("list") == [1, "two"]
        assert "topic" not in tracker.slots
        assert not caplog.records

    async def test_nothing_of_a_state_is_ever_written_as_an_event(
        self, store: BoundedTrackerStore
    ) -> None:
        turns = [*BEFORE, *chat(TURNS + 1)]
        await talk(store, turns)
        tracker = await read(store)
        assert tracker.get_slot("topic") == "staging"
        tracker.update_with_events([ConversationPaused()], DOMAIN)
        await store.save(tracker)
        pause = {"event": "pause", "timestamp": tracker.events[-1].timestamp}
        assert await history(store) == [*flat(turns), pause]


class TestDeleting:
    async def test_nothing_of_the_conversation_stays(self, store: BoundedTrackerStore) -> None:
        for sender in (SENDER, "another"):
            await talk(store, [*BEFORE, *chat(TURNS + 3)], sender)
        others = [rows(store, table, "another") for table in ("events", STATES.name)]
        await store.delete(SENDER)
        assert await store.retrieve(SENDER) is None
        assert await store.retrieve_full_tracker(SENDER) is None
        assert list(await store.keys()) == ["another"]
        assert [rows(store, table) for table in ("events", STATES.name)] == [0, 0]
        assert [rows(store, table, "another") for table in ("events", STATES.name)] == others
        assert (await read(store, "another")).get_slot("topic") == "staging"

    async def test_who_comes_back_begins_anew(self, store: BoundedTrackerStore) -> None:
        await talk(store, [*BEFORE, *chat(TURNS + 3)])
        await store.delete(SENDER)
        turns = chat(TURNS + 3, first=100)
        await talk(store, turns)
        assert await history(store) == flat(turns)
        tracker = await read(store)
        assert len(texts(tracker)) == TURNS
        assert tracker.get_slot("topic") is None

    async def test_an_unknown_conversation_can_be_deleted(self, store: BoundedTrackerStore) -> None:
        await talk(store, chat(1), "another")
        await store.delete(SENDER)
        assert await store.exists("another")


def bytes_on_disk(folder: Path) -> bytes:
    """Of the database and of all that SQLite keeps beside it."""
    return b"".join(one.read_bytes() for one in sorted(folder.glob("c.db*")))


def said_and_remembered(number: int, sender: str) -> Turn:
    text = f"{SECRET} {sender} {number}"
    return asked(text, SlotSet("memory", {"said": text}), BotUttered(text))


class TestDeletingFromTheFile:
    async def test_what_was_said_is_in_no_byte(self, file: Database, tmp_path: Path) -> None:
        store = file.ours()
        for number in range(40):  # several pages of the file, and many in its log
            for sender in ("mine", "yours"):
                await add(store, said_and_remembered(number, sender), sender)
        assert f"{SECRET} mine 0".encode() in bytes_on_disk(tmp_path)
        assert (tmp_path / "c.db-wal").stat().st_size > 0
        await store.delete("mine")
        left = bytes_on_disk(tmp_path)
        assert f"{SECRET} mine".encode() not in left
        assert f"{SECRET} yours 0".encode() in left

    async def test_what_rasas_own_store_wrote_too(self, file: Database, tmp_path: Path) -> None:
        rasas = file.rasas()
        for number in range(40):
            await add(rasas, said_and_remembered(number, "mine"), "mine")
        rasas.engine.dispose()
        store = file.ours()
        await store.delete("mine")
        assert SECRET.encode() not in bytes_on_disk(tmp_path)

    async def test_nobody_is_told_that_it_is_gone_before_it_is(
        self, file: Database, tmp_path: Path, short_wait: None
    ) -> None:
        """Another program that reads keeps what was said in SQLite's log."""
        store = file.ours()
        await add(store, said_and_remembered(0, "mine"), "mine")
        with closing(sqlite3.connect(tmp_path / "c.db")) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            try:
                await store.delete("mine")
            except Exception:
                return  # said so
            assert SECRET.encode() not in bytes_on_disk(tmp_path)


def reported(error: BaseException) -> str:
    """All that a log with the traceback holds of an error."""
    return str(error) + repr(error) + "".join(traceback.format_exception(error))


class TestErrors:
    """An error is logged, and must not hold what people typed."""

    @pytest.mark.parametrize("table", ["events", STATES.name])
    async def test_of_saving(
        self, database: Database, table: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        store = database.ours()
        events = said_and_remembered(0, SENDER)
        tracker = DialogueStateTracker.from_events(SENDER, events, DOMAIN.slots)
        with store.engine.begin() as connection:
            connection.execute(sa.text(f"DROP TABLE {table}"))
        with pytest.raises(sa.exc.DBAPIError) as caught:
            await store.save(tracker)
        assert table in str(caught.value)
        assert SECRET not in reported(caught.value)
        assert SECRET not in caplog.text

    async def test_of_a_full_disk(self, file: Database, caplog: pytest.LogCaptureFixture) -> None:
        store = file.ours()
        await add(store, asked("short"))
        with store.engine.connect() as connection:
            pages = connection.execute(sa.text("PRAGMA page_count")).scalar()
            connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(sa.exc.OperationalError, match="full") as caught:
            await add(store, asked(SECRET * 1000))
        assert SECRET not in reported(caught.value)
        assert SECRET not in caplog.text
        assert texts(await read(store)) == ["short"]

    @pytest.mark.parametrize("sender", ["\ud800", "a\x00b"])
    async def test_of_a_name_that_no_database_can_hold(
        self, store: BoundedTrackerStore, sender: str
    ) -> None:
        """Whoever writes may name a sender so; it must stay an error, and not end the program."""
        for use in (store.retrieve, store.retrieve_full_tracker, store.delete):
            assert await _raised(use(sender)) is not SystemExit
        tracker = DialogueStateTracker.from_events(sender, asked("hello"))
        assert await _raised(store.save(tracker)) is not SystemExit
        await add(store, asked("hello"))
        assert texts(await read(store)) == ["hello"]


async def _raised(work: Awaitable[Any]) -> type[BaseException] | None:
    try:
        await work
    except (Exception, SystemExit) as error:
        return type(error)
    return None


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second for somebody else who has locked the database."""
    settings = bounded.SQLITE.replace(str(erasing.WAIT), "100")
    assert settings != bounded.SQLITE
    monkeypatch.setattr(bounded, "SQLITE", settings)
    monkeypatch.setattr(erasing, "WAIT", 100)  # what PostgreSQL is told


@asynccontextmanager
async def ticking() -> AsyncIterator[Callable[[], int]]:
    """How often the loop came to something else every 5 ms."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    task = asyncio.create_task(tick())
    try:
        yield lambda: ticks
    finally:
        task.cancel()


@contextmanager
def locked(database: Database) -> Iterator[Callable[[], Any]]:
    """The events, while another program writes them; what is yielded sets them free."""
    if "host" in database.settings:
        other = sa.create_engine(database.settings["host"]).connect()
        work = other.begin()
        other.execute(sa.text("LOCK TABLE events IN EXCLUSIVE MODE"))
        yield work.rollback
        other.close()
    else:
        with closing(sqlite3.connect(database.settings["db"], isolation_level=None)) as file:
            file.execute("BEGIN EXCLUSIVE")
            yield lambda: file.execute("ROLLBACK")


class TestLocked:
    async def test_it_is_an_error_after_a_while_and_holds_up_nobody(
        self, database: Database, short_wait: None
    ) -> None:
        store = database.ours()
        turns = chat(3)
        await talk(store, turns[:2])
        tracker = await read(store)
        tracker.update_with_events(turns[2], DOMAIN)
        async with ticking() as ticks:
            with locked(database), pytest.raises(sa.exc.OperationalError, match="lock"):
                await asyncio.wait_for(store.save(tracker), LONG)
            assert ticks() >= 5
        await store.save(tracker)
        assert await history(store) == flat(turns)

    async def test_a_short_lock_is_waited_for(self, database: Database) -> None:
        store = database.ours()
        await talk(store, chat(1))
        with locked(database) as free:
            saving = asyncio.create_task(add(store, asked("second")))
            await asyncio.sleep(0.1)
            assert not saving.done()
            free()
            await saving
        assert texts(await read(store)) == ["message 0", "second"]

    async def test_reading_goes_on(self, database: Database) -> None:
        store = database.ours()
        await talk(store, chat(2))
        with locked(database):
            assert texts(await read(store)) == ["message 0", "message 1"]
