"""Deleting one conversation, and saying so when it cannot be done."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import (
    DynamoTrackerStore,
    FailSafeTrackerStore,
    InMemoryTrackerStore,
    SQLTrackerStore,
    TrackerStore,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from mesoguide.storage.bounded import EVENTS, STATES, BoundedTrackerStore
from mesoguide.storage.deletion import CannotDelete, delete_conversation

SECRET = "a sentence that must be gone"


async def said(store: TrackerStore, sender: str) -> None:
    events = [UserUttered(f"{SECRET} {sender}")]
    await store.save(DialogueStateTracker.from_events(sender, events))


def fill(store: BoundedTrackerStore, sender: str, chance: random.Random) -> None:
    """A conversation, in pieces as turns write it, with words of any length."""
    for turn in range(chance.randrange(1, 6)):
        events = [
            {
                "sender_id": sender,
                "type_name": "user",
                "timestamp": 1e9 + 1e6 * chance.random(),
                "data": "x" * chance.randrange(50, chance.choice([200, 6000])),
            }
            for _ in range(9)
        ]
        state = {"sender_id": sender, "event_id": turn, "timestamp": 1e9, "state": "y"}
        with store.engine.begin() as connection:
            connection.execute(sa.insert(EVENTS), events)
            connection.execute(sa.insert(STATES), state)


def left_in(folder: Path, texts: list[str]) -> list[str]:
    """Which of them are in any file."""
    written = b"".join(file.read_bytes() for file in folder.iterdir())
    return [text for text in texts if text.encode() in written]


async def test_one_conversation_is_deleted_and_no_other(tmp_path: Path) -> None:
    store = BoundedTrackerStore(Domain.empty(), db=str(tmp_path / "c.db"))
    for sender in ("mine", "yours"):
        await said(store, sender)
    await delete_conversation(store, "mine")
    assert await store.retrieve("mine") is None
    assert await store.retrieve("yours") is not None
    assert left_in(tmp_path, [f"{SECRET} mine", f"{SECRET} yours"]) == [f"{SECRET} yours"]


async def test_no_piece_of_what_is_deleted_stays_in_the_file(tmp_path: Path) -> None:
    """SQLite moves rows between pages while a file grows, and leaves copies behind."""
    store = BoundedTrackerStore(Domain.empty(), db=str(tmp_path / "c.db"))
    chance, deleted = random.Random(4), []
    for number in range(150):
        sender = f"{chance.getrandbits(128):032x}"
        fill(store, sender, chance)
        if number % 3 == 2:
            await delete_conversation(store, sender)
            deleted.append(sender)
    assert left_in(tmp_path, deleted) == []


async def test_nor_of_what_is_deleted_because_it_is_old(tmp_path: Path) -> None:
    store = BoundedTrackerStore(Domain.empty(), db=str(tmp_path / "c.db"))
    chance = random.Random(4)
    senders = [f"{chance.getrandbits(128):032x}" for _ in range(150)]
    for sender in senders:
        fill(store, sender, chance)
    assert left_in(tmp_path, senders) == senders
    assert await store.delete_older(than=2e9) == len(senders)
    assert left_in(tmp_path, senders) == []


@pytest.mark.parametrize("kind", ["memory", "sql", "dynamo", "fail-safe"])
async def test_nobody_is_told_that_another_store_has_deleted(tmp_path: Path, kind: str) -> None:
    stores: dict[str, TrackerStore] = {
        "memory": InMemoryTrackerStore(Domain.empty()),
        "sql": SQLTrackerStore(Domain.empty(), db=str(tmp_path / "c.db")),
        "dynamo": DynamoTrackerStore.__new__(DynamoTrackerStore),
        "fail-safe": FailSafeTrackerStore(BoundedTrackerStore(Domain.empty(), db="")),
    }
    store = stores[kind]
    if kind != "dynamo":
        await said(store, "mine")
    with pytest.raises(CannotDelete, match=type(store).__name__):
        await delete_conversation(store, "mine")
    if kind != "dynamo":
        assert await store.retrieve("mine") is not None
