"""Conversations that nobody goes on with are deleted by the server itself."""

from __future__ import annotations

import asyncio
import logging
import time

from rasa.core.tracker_store import TrackerStore

from mesoguide.errors import where
from mesoguide.paths import number
from mesoguide.storage.bounded import BoundedTrackerStore

logger = logging.getLogger(__name__)
SETTING = "MESOGUIDE_KEEP_HOURS"
USUAL = 24.0
EVERY = 300.0  # seconds


def keep_hours() -> float:
    """For how long a conversation is kept after its last message. Raises BadSetting."""
    return number(SETTING, USUAL, "hours, ")


async def delete_what_is_old(store: TrackerStore, every: float = EVERY) -> None:
    """Delete at once and then every so often, until cancelled. Raises BadSetting."""
    hours = keep_hours()
    if not isinstance(store, BoundedTrackerStore):
        logger.error("nothing is deleted by itself in a store of kind %s", type(store).__name__)
        return
    while True:
        await _delete(store, hours)
        await asyncio.sleep(every)


async def _delete(store: BoundedTrackerStore, hours: float) -> None:
    try:
        deleted = await store.delete_older(time.time() - hours * 3600)
    except Exception as error:  # the next time may do better
        logger.error("old conversations could not be deleted: %s", where(error))
    else:
        if deleted:
            logger.info("%d conversations without a message for %g hours deleted", deleted, hours)
