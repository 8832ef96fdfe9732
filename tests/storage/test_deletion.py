"""Deleting one conversation from each kind of store."""

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

from mesoguide.storage.deletion import CannotDelete, delete_conversation

SECRET = "a sentence that must be gone"


def store_in(folder: Path, kind: str) -> TrackerStore:
    if kind == "memory":
        return InMemoryTrackerStore(Domain.empty())
    return SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(folder / "c.db"))


@pytest.mark.parametrize("kind", ["memory", "sql"])
@pytest.mark.parametrize("wrapped", [True, False])
async def test_one_conversation_is_deleted_and_no_other(
    tmp_path: Path, kind: str, wrapped: bool
) -> None:
    store = store_in(tmp_path, kind)
    for sender in ("mine", "yours"):
        events = [UserUttered(f"{SECRET} {sender}")]
        await store.save(DialogueStateTracker.from_events(sender, events))
    delete_conversation(FailSafeTrackerStore(store) if wrapped else store, "mine")
    assert await store.retrieve("mine") is None
    assert await store.retrieve("yours") is not None
    if kind == "sql":
        written = (tmp_path / "c.db").read_bytes()
        assert f"{SECRET} mine".encode() not in written
        assert f"{SECRET} yours".encode() in written


def test_nobody_is_told_that_an_unknown_store_has_deleted() -> None:
    store = DynamoTrackerStore.__new__(DynamoTrackerStore)
    with pytest.raises(CannotDelete, match="DynamoTrackerStore"):
        delete_conversation(store, "mine")
