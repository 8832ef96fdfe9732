"""Deleting one conversation, and saying so when it cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest
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

from mesoguide.storage.bounded import BoundedTrackerStore
from mesoguide.storage.deletion import CannotDelete, delete_conversation

SECRET = "a sentence that must be gone"


async def said(store: TrackerStore, sender: str) -> None:
    events = [UserUttered(f"{SECRET} {sender}")]
    await store.save(DialogueStateTracker.from_events(sender, events))


async def test_one_conversation_is_deleted_and_no_other(tmp_path: Path) -> None:
    store = BoundedTrackerStore(Domain.empty(), db=str(tmp_path / "c.db"))
    for sender in ("mine", "yours"):
        await said(store, sender)
    await delete_conversation(store, "mine")
    assert await store.retrieve("mine") is None
    assert await store.retrieve("yours") is not None
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert f"{SECRET} mine".encode() not in written
    assert f"{SECRET} yours".encode() in written


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
