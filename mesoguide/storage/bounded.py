"""Conversations in an SQL database, of which a turn reads only the end.

Rasa's own store reads the whole session for every message, so turn 2,000 costs thirty times turn
20. Here each answered message leaves one small row beside its events: the slots that are set. A
turn reads the row of `turns` messages ago, and the events since. What comes before is only in the
slots; it is read whole when an event takes others back, and for an export
(`retrieve_full_tracker`). So a story cannot go on after more than `turns` turns of rules.

What people say is written without what tells who they are (see kept.py). Otherwise the events are
those of Rasa's own store in Rasa's own table: `rasa export`, and going back to
Rasa's store, work on the same database. Everything runs in a thread, so that a slow or locked
database holds up nobody else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    Event,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from mesoguide.storage import erasing
from mesoguide.storage.counts import ROWS_READ
from mesoguide.storage.erasing import SQLITE, NotDeletedYet
from mesoguide.storage.kept import MEMORY, kept, kept_slot

TURNS = 5  # answered messages that are read whole; no rule and no story of ours is as long
THREADS = 8  # with a database server; SQLite has one
MAKING = 4_607_182  # any number: PostgreSQL's lock that is held while tables are made
WIPED_EVERY = 3600.0  # seconds at least, after what the server deletes by itself
TAKING_BACK = (UserUtteranceReverted.type_name, ActionReverted.type_name)
STORED = "_stored"  # attribute of an event that is in a database: in which, and whose it is

EVENTS = SQLTrackerStore.SQLEvent.__table__
STATES = sa.Table(
    "conversation_states",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
ORDER = sa.Index("ix_events_sender_id_id", EVENTS.c.sender_id, EVENTS.c.id)
# For what is to be deleted: what is old, and whether its conversation went on since.
AGES = (
    sa.Index("ix_events_timestamp", EVENTS.c.timestamp),
    sa.Index("ix_events_sender_id_timestamp", EVENTS.c.sender_id, EVENTS.c.timestamp),
)
for _index in (ORDER, *AGES):
    EVENTS.indexes.discard(_index)  # of this store's tables only; SQLite's own has the id in it
logger = logging.getLogger(__name__)
Result = TypeVar("Result")


@dataclass(frozen=True)
class State:
    """A conversation after one of its events, as far as later turns need it.

    Attributes:
        event_id: of the last event it holds.
        timestamp: of that event, in seconds.
        slots: the values of those that were set.
    """

    event_id: int
    timestamp: float
    slots: dict[str, Any]

    def events(self, domain: Domain) -> list[Event]:
        """Events that bring a new tracker into this state; they are never stored."""
        known = {slot.name for slot in domain.slots}
        return [
            SlotSet(name, value, timestamp=self.timestamp)
            for name, value in self.slots.items()
            if name in known
        ]


class BoundedTrackerStore(SQLTrackerStore):
    """See the module. Settings in endpoints.yml are those of Rasa's SQL store, and `turns`."""

    engine: Any

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        turns: int = TURNS,
        **settings: Any,
    ) -> None:
        """Connect, and make what tables and indexes are missing."""
        super().__init__(domain, host=host, event_broker=event_broker, **settings)
        self._turns = turns
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        if self._is_sqlite:
            self._use_one_connection()
        elif self.engine.dialect.name == "postgresql":
            self._use_living_connections()
        self.engine.hide_parameters = True  # an error is logged, what people typed is not
        self._make_what_is_missing()
        self._is_wiped, self._next_wipe = False, 0.0  # an earlier run may not have done it
        threads = 1 if self._is_sqlite else THREADS
        self._threads = ThreadPoolExecutor(threads, "conversations")

    def _make_what_is_missing(self) -> None:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":  # another server may start now, too
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
            STATES.create(connection, checkfirst=True)
            for index in AGES if self._is_sqlite else (ORDER, *AGES):
                index.create(connection, checkfirst=True)

    def _use_one_connection(self) -> None:
        self.engine.dispose()
        self.engine = sa.create_engine(
            self.engine.url, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        sa.event.listen(self.engine, "connect", lambda raw, _: raw.executescript(SQLITE))
        self.Base.metadata.create_all(self.engine)  # again, for a database in memory
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)

    def _use_living_connections(self) -> None:
        """A connection that died while it was not used is replaced, before a person notices."""
        self.engine.dispose()
        settings = create_engine_kwargs(self.engine.url)
        self.engine = sa.create_engine(self.engine.url, pool_pre_ping=True, **settings)
        sa.event.listen(self.engine, "connect", erasing.wait_no_longer)
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """A session. Rasa's own ends the whole server at a ValueError, such as of an odd name."""
        session = self.sessionmaker()
        try:
            yield session
        finally:
            session.close()

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await self._in_thread(self._keys)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's latest session, as far back as a turn needs it."""
        return await self._in_thread(lambda: self._read_end(sender_id))

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """All events of all sessions."""
        return await self._in_thread(lambda: self._read_all(conversation_id))

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new, once each.

        After a turn in which the person had the conversation deleted, delete it instead. Raises
        NotDeletedYet.
        """
        if is_forgotten(tracker):
            await self._forget(tracker.sender_id)
            return
        new = await self._in_thread(lambda: self._write(tracker))
        if self.event_broker:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def delete(self, sender_id: str) -> None:
        """Delete a conversation for good, in SQLite also from the file's free pages."""
        await self._in_thread(lambda: self._delete(sender_id))

    async def delete_older(self, than: float) -> int:
        """Delete the conversations whose last event is older, a few at a time. How many."""
        deleted = 0
        while some := await self._in_thread(lambda: self._delete_some(than)):
            deleted += some
        self._is_wiped = self._is_wiped and not deleted
        if not self._is_wiped and time.monotonic() >= self._next_wipe:
            await self._wipe()
        return deleted

    async def _wipe(self) -> None:
        try:
            await self._in_thread(lambda: erasing.wipe(self.engine))
        except NotDeletedYet:  # a reader, or another server that does the same
            logger.warning("what was deleted leaves the database's files the next time")
        else:
            self._is_wiped, self._next_wipe = True, time.monotonic() + WIPED_EVERY

    async def _forget(self, sender_id: str) -> None:
        try:
            await self.delete(sender_id)
        except Exception as error:
            raise NotDeletedYet(type(error).__name__) from error

    async def _stream_new_events(
        self, event_broker: EventBroker, new_events: list[Event], sender_id: str
    ) -> None:
        for event in new_events:
            event_broker.publish({"sender_id": sender_id, **kept(event)})

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _keys(self) -> list[str]:
        with self.session_scope() as session:
            return [sender for (sender,) in session.query(EVENTS.c.sender_id).distinct()]

    def _read_end(self, sender_id: str) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            state = self._state(session, sender_id)
            rows = _rows(session, sender_id, state.event_id if state else 0)
            if state and any(row.type_name in TAKING_BACK for row in rows):
                state, rows = None, _rows(session, sender_id, 0)
        latest = _latest_session(rows)
        before = state.events(self.domain) if state and len(latest) == len(rows) else []
        return self._tracker(sender_id, [*before, *_events(latest)])

    def _read_all(self, sender_id: str) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            return self._tracker(sender_id, _events(_rows(session, sender_id, 0)))

    def _tracker(self, sender_id: str, events: list[Event]) -> DialogueStateTracker | None:
        if not events:
            return None
        self._mark(sender_id, events)
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)

    def _state(self, session: Session, sender_id: str) -> State | None:
        """The conversation before its last messages; None when it has no more than these."""
        row = self._state_row(session, sender_id)
        if row is None:
            return None
        ROWS_READ.inc()
        return State(row.event_id, row.timestamp, **json.loads(row.state))

    def _state_row(self, session: Session, sender_id: str) -> Any:
        """The newest row that has as many after it as a turn reads messages, or None."""
        mine = sa.select(STATES).where(STATES.c.sender_id == sender_id)
        newest_first = mine.order_by(STATES.c.event_id.desc())
        return session.execute(newest_first.offset(self._turns).limit(1)).first()

    def _write(self, tracker: DialogueStateTracker) -> list[Event]:
        """Write the new events and the state after them, in one transaction; the new events."""
        if not tracker.events:
            return []
        sender_id = tracker.sender_id
        with self.session_scope() as session:
            new = self._new_events(session, tracker)
            if new:
                session.execute(EVENTS.insert(), [_row(sender_id, event) for event in new])
            if _is_answered(new) and not (tracker.is_paused() or tracker.active_loop):
                self._write_state(session, tracker, new)
            session.commit()
        self._mark(sender_id, tracker.events)
        return new

    def _new_events(self, session: Session, tracker: DialogueStateTracker) -> list[Event]:
        mine = (id(self), tracker.sender_id)
        new = [event for event in tracker.events if getattr(event, STORED, None) != mine]
        if len(new) < len(tracker.events):
            return new
        return list(self._additional_events(session, tracker))  # not from here: count, as Rasa does

    def _mark(self, sender_id: str, events: Iterable[Event]) -> None:
        for event in events:
            setattr(event, STORED, (id(self), sender_id))

    def _write_state(
        self, session: Session, tracker: DialogueStateTracker, new: list[Event]
    ) -> None:
        """A row for later turns. In a form or a pause an older one has to do."""
        sender_id = tracker.sender_id
        if any(event.type_name in TAKING_BACK for event in new):  # perhaps more than was read
            rows = _latest_session(_rows(session, sender_id, 0))
            tracker = self._tracker(sender_id, _events(rows)) or tracker
        last = sa.select(sa.func.max(EVENTS.c.id)).where(EVENTS.c.sender_id == sender_id)
        set_ = {name: slot for name, slot in tracker.slots.items() if slot.has_been_set}
        slots = {name: kept_slot(name, slot.value) for name, slot in set_.items()}
        row = {
            "sender_id": sender_id,
            "event_id": session.execute(last).scalar(),
            "timestamp": tracker.events[-1].timestamp,
            "state": json.dumps({"slots": slots}),
        }
        session.execute(STATES.insert(), row)
        needed = self._state_row(session, sender_id)
        if needed:
            mine = STATES.c.sender_id == sender_id
            session.execute(STATES.delete().where(mine, STATES.c.event_id < needed.event_id))

    def _delete(self, sender_id: str) -> None:
        with self.session_scope() as session:
            erasing.erase(session, sender_id)
            session.commit()
        erasing.wipe(self.engine)

    def _delete_some(self, than: float) -> int:
        with self.session_scope() as session:
            deleted = erasing.erase_older(session, than)
            session.commit()
        return deleted


def is_forgotten(tracker: DialogueStateTracker) -> bool:
    """Whether the turn has ended with the person's wish that the conversation be deleted."""
    slot = tracker.slots.get(MEMORY)
    return slot is not None and isinstance(slot.value, dict) and slot.value.get("forgotten") is True


def _rows(session: Session, sender_id: str, after: int) -> list[Any]:
    columns = sa.select(EVENTS.c.id, EVENTS.c.type_name, EVENTS.c.data)
    mine = columns.where(EVENTS.c.sender_id == sender_id, EVENTS.c.id > after)
    rows = session.execute(mine.order_by(EVENTS.c.id)).all()
    ROWS_READ.inc(len(rows))
    return list(rows)


def _events(rows: Iterable[Any]) -> list[Event]:
    return list(deserialise_events([json.loads(row.data) for row in rows]))


def _latest_session(rows: list[Any]) -> list[Any]:
    """The rows from the last start of a session on; all of them when none starts in them."""
    starts = [at for at, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
    return rows[starts[-1] :] if starts else rows


def _is_answered(new: list[Event]) -> bool:
    """Whether these are a message and what was done about it."""
    kinds = {type(event) for event in new}
    return UserUttered in kinds and ActionExecuted in kinds


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    """The columns of Rasa's own table."""
    data = kept(event)
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }
