"""Deleting one conversation for good. Rasa 3.6 has no way to do so."""

from __future__ import annotations

from rasa.core.tracker_store import TrackerStore

from mesoguide.storage.bounded import BoundedTrackerStore


class CannotDelete(Exception):
    """The store is of a kind that is not known here."""


async def delete_conversation(store: TrackerStore, sender: str) -> None:
    """Delete all that was stored of `sender`.

    Raises CannotDelete for a store that endpoints.yml does not name by default.
    """
    if not isinstance(store, BoundedTrackerStore):
        raise CannotDelete(type(store).__name__)
    await store.delete(sender)
