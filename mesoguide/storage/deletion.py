"""Deleting one conversation for good. Rasa 3.6 has no way to do so."""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore, TrackerStore
from sqlalchemy import text


class CannotDelete(Exception):
    """The store is of a kind that is not known here."""


def delete_conversation(store: TrackerStore, sender: str) -> None:
    """Delete every event of `sender`, in SQLite also from the file's free pages.

    Raises CannotDelete for a store that is neither Rasa's SQL store nor its memory.
    """
    inner: Any = getattr(store, "_tracker_store", store)  # without Rasa's fail-safe around it
    if isinstance(inner, InMemoryTrackerStore):
        inner.store.pop(sender, None)
    elif isinstance(inner, SQLTrackerStore):
        with inner.session_scope() as session:
            if inner.engine.dialect.name == "sqlite":
                session.execute(text("PRAGMA secure_delete = ON"))
            session.query(inner.SQLEvent).filter_by(sender_id=sender).delete(False)
            session.commit()
    else:
        raise CannotDelete(type(inner).__name__)
