"""The messages of one conversation are answered one after the other, at once and in their order."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest
from rasa.core.agent import Agent
from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig, read_endpoint_config

from mesoguide import paths
from mesoguide.storage.order import InOrder

POLL = 1.0  # seconds after which Rasa's own lock looks again
LONG = 5.0  # seconds; nothing here should take them


class Served:
    """Who was served, and who is being served now."""

    def __init__(self, locks: LockStore) -> None:
        self._locks = locks
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.most_at_once: dict[str, int] = {}

    async def serve(self, conversation: str, message: str, seconds: float = 0.01) -> None:
        async with self._locks.lock(conversation):
            self.begun.append(message)
            now = len(self.begun) - len(self.ended)
            self.most_at_once[conversation] = max(now, self.most_at_once.get(conversation, 0))
            try:
                await asyncio.sleep(seconds)
            finally:
                self.ended.append(message)


@pytest.fixture
def locks() -> InOrder:
    return InOrder()


@pytest.fixture
def served(locks: InOrder) -> Served:
    return Served(locks)


async def asked(served: Served, *messages: str, seconds: float = 0.01) -> list[asyncio.Task[None]]:
    """Messages of one conversation, each of which waits for the one before."""
    tasks = []
    for message in messages:
        tasks.append(asyncio.create_task(served.serve("one", message, seconds)))
        await asyncio.sleep(0)
    return tasks


async def test_in_the_order_asked_for_and_one_at_a_time(served: Served) -> None:
    messages = [f"message {number}" for number in range(20)]
    await asyncio.gather(*await asked(served, *messages))
    assert served.begun == served.ended == messages
    assert served.most_at_once == {"one": 1}


async def test_two_conversations_do_not_wait_for_each_other(locks: InOrder, served: Served) -> None:
    async with locks.lock("slow"):
        await asyncio.wait_for(served.serve("one", "hello"), LONG)
    assert served.ended == ["hello"]


async def test_the_second_of_two_quick_ones_is_served_at_once(served: Served) -> None:
    before = time.monotonic()
    await asyncio.gather(*await asked(served, "first", "second"))
    assert time.monotonic() - before < POLL / 2


async def test_an_error_lets_the_next_one_in(locks: InOrder, served: Served) -> None:
    with pytest.raises(OSError, match="disk full"):
        async with locks.lock("one"):
            (next_one,) = await asked(served, "next")
            raise OSError("disk full")
    await asyncio.wait_for(next_one, LONG)
    assert served.ended == ["next"]


async def test_who_gave_up_waiting_is_passed_over(served: Served) -> None:
    first, second, third = await asked(served, "first", "second", "third")
    second.cancel()
    await asyncio.wait_for(asyncio.gather(first, third), LONG)
    assert served.ended == ["first", "third"]
    assert second.cancelled()


async def test_who_gives_up_while_being_served_lets_the_next_one_in(served: Served) -> None:
    first, second = await asked(served, "first", "second", seconds=0.05)
    first.cancel()
    await asyncio.wait_for(second, LONG)
    assert served.ended == ["first", "second"]


async def test_who_gives_up_in_the_moment_of_its_turn_lets_the_next_one_in(
    locks: InOrder, served: Served
) -> None:
    async with locks.lock("one"):
        second, third = await asked(served, "second", "third")
    second.cancel()  # it was woken, and has not run yet
    await asyncio.wait_for(third, LONG)
    assert served.ended == ["third"]


async def test_nothing_is_kept_of_those_who_are_done(locks: InOrder, served: Served) -> None:
    async def one_of_whom_gives_up() -> None:
        first, second = await asked(served, "first", "second")
        second.cancel()
        await asyncio.wait([first, second])

    await asyncio.gather(*(served.serve(f"number {n}", "hello") for n in range(50)))
    await asyncio.create_task(one_of_whom_gives_up())
    assert len(served.ended) == 51
    gc.collect()  # a cancelled task holds its own end
    assert len(locks._locks) == 0


async def test_the_times_of_rasas_lock_are_taken_and_not_needed(locks: InOrder) -> None:
    async with locks.lock("one", lock_lifetime=0.0, wait_time_in_seconds=60.0):
        assert len(locks._locks) == 1


def test_rasa_makes_it_from_its_settings() -> None:
    kind = f"{InOrder.__module__}.{InOrder.__name__}"
    made = LockStore.create(EndpointConfig(type=kind))
    assert type(made) is InOrder
    assert Agent(lock_store=made).lock_store is made


def test_it_is_what_the_products_settings_name() -> None:
    named = read_endpoint_config(str(paths.ROOT / "endpoints.yml"), "lock_store")
    assert type(LockStore.create(named)) is InOrder
