"""One message of a conversation at a time, in the order in which they came.

Rasa's own lock looks once a second whether it is its turn, so a quick second message waits for up
to a second longer than it needs to. This one is woken. It serves one process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LOCK_LIFETIME, LockStore


class InOrder(LockStore):
    """A lock for each conversation that somebody is using or waiting for."""

    def __init__(self, endpoint_config: Any = None) -> None:
        """It has no settings; Rasa passes what endpoints.yml says."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 1,
    ) -> AsyncIterator[asyncio.Lock]:
        """Wait until all who asked before are done. The times are Rasa's, and not needed here."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:  # asyncio wakes those who wait in the order in which they came
            yield lock
