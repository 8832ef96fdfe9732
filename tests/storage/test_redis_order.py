"""The order of messages on several servers that share a Redis, each of which may fail."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator

import pytest
import redis as stock
from rasa.core.agent import Agent

from mesoguide.channels.limits import Allowances
from mesoguide.channels.shared_limits import SharedAllowances
from mesoguide.storage.redis_link import PATIENCE, Link, key
from mesoguide.storage.redis_order import LEASE, InOrderEverywhere
from tests.engines import Redis

POLL = 1.0  # seconds after which Rasa's own lock looks again
LONG = 15.0  # seconds; nothing here should take them
SECRET = "person-7f3a"


class Fleet:
    """Several servers, as far as the order of messages goes."""

    def __init__(self, url: str, many: int = 2) -> None:
        self.links = [Link(url) for _ in range(many)]
        self.orders = [InOrderEverywhere(one) for one in self.links]
        self.begun: list[str] = []
        self.now = 0
        self.most_at_once = 0

    async def serve(self, at: int, message: str, name: str = "one", seconds: float = 0.01) -> None:
        async with self.orders[at].lock(name):
            self.begun.append(message)
            self.now += 1
            self.most_at_once = max(self.most_at_once, self.now)
            try:
                await asyncio.sleep(seconds)
            finally:
                self.now -= 1

    async def close(self) -> None:
        for one in self.links:
            await one.close()


@pytest.fixture
async def fleet(redis_server: Redis) -> AsyncIterator[Fleet]:
    fleet = Fleet(redis_server.url)
    yield fleet
    await fleet.close()


async def test_rasa_takes_it_as_its_own(fleet: Fleet) -> None:
    assert Agent(lock_store=fleet.orders[0]).lock_store is fleet.orders[0]


async def test_one_at_a_time_on_two_servers_in_the_order_of_asking(
    fleet: Fleet, redis_server: Redis
) -> None:
    tasks = []
    with stock.Redis.from_url(redis_server.url) as look:
        async with fleet.orders[0].lock("one"):
            for number in range(20):
                tasks.append(asyncio.create_task(fleet.serve(number % 2, f"{number}")))
                while look.llen(key("order", "one")) < number + 2:  # it has not asked yet
                    await asyncio.sleep(0.001)
    await asyncio.wait_for(asyncio.gather(*tasks), LONG)
    assert fleet.begun == [f"{number}" for number in range(20)]
    assert fleet.most_at_once == 1


async def test_at_the_same_moment_none_is_lost_and_never_two_are_served(fleet: Fleet) -> None:
    for _ in range(30):
        before = len(fleet.begun)
        four = [fleet.serve(number % 2, f"{number}", seconds=0.001) for number in range(4)]
        await asyncio.wait_for(asyncio.gather(*four), LONG)
        mine = fleet.begun[before:]
        assert sorted(mine) == ["0", "1", "2", "3"]
        assert mine.index("0") < mine.index("2")  # of one server: as they came
        assert mine.index("1") < mine.index("3")
    assert fleet.most_at_once == 1


async def test_the_next_one_is_woken_and_does_not_poll(fleet: Fleet) -> None:
    started = time.monotonic()
    await asyncio.gather(*(fleet.serve(number % 2, "") for number in range(6)))
    assert time.monotonic() - started < POLL / 2


async def test_conversations_do_not_wait_for_each_other(fleet: Fleet) -> None:
    async with fleet.orders[0].lock("slow"):
        await asyncio.wait_for(fleet.serve(1, "hello", "slow "), LONG)
        await asyncio.wait_for(fleet.serve(1, "hello", "slo"), LONG)
    assert len(fleet.begun) == 2


async def test_who_gives_up_is_passed_over(fleet: Fleet) -> None:
    async with fleet.orders[0].lock("one"):
        second = asyncio.create_task(fleet.serve(1, "second"))
        await asyncio.sleep(0.1)
        third = asyncio.create_task(fleet.serve(0, "third"))
        await asyncio.sleep(0.1)
        second.cancel()
        await asyncio.wait([second])
    started = time.monotonic()
    await asyncio.wait_for(third, LONG)
    assert fleet.begun == ["third"]
    assert time.monotonic() - started < POLL / 2


async def test_an_error_lets_the_next_one_in(fleet: Fleet) -> None:
    with pytest.raises(OSError, match="disk full"):
        async with fleet.orders[0].lock("one"):
            raise OSError("disk full")
    await asyncio.wait_for(fleet.serve(1, "next"), POLL / 2)


async def test_a_server_that_dies_frees_the_conversation_in_a_few_seconds(
    fleet: Fleet, redis_server: Redis
) -> None:
    dead = InOrderEverywhere(fleet.links[0], renew=2 * LONG)  # no sign of life
    place = dead.lock("one")
    await place.__aenter__()
    started = time.monotonic()
    await asyncio.wait_for(fleet.serve(1, "next"), LONG)
    waited = time.monotonic() - started
    assert LEASE / 2000 < waited < LEASE / 1000 + 2 * POLL
    await place.__aexit__(None, None, None)


async def test_a_turn_longer_than_the_lease_keeps_its_place(fleet: Fleet) -> None:
    first = asyncio.create_task(fleet.serve(0, "first", seconds=LEASE / 1000 + 1.5))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(fleet.serve(1, "second"), LONG)
    await first
    assert fleet.begun == ["first", "second"]
    assert fleet.most_at_once == 1


async def test_no_sign_of_life_comes_after_the_end(fleet: Fleet, redis_server: Redis) -> None:
    """A renewal on its way when a turn ends would keep the conversation from everybody else."""
    tasks = asyncio.all_tasks()
    order = InOrderEverywhere(fleet.links[0], renew=0.001)

    async def talk(name: str) -> None:
        for turn in range(30):
            async with order.lock(name):
                await asyncio.sleep(0.001 * (turn % 7))

    await asyncio.wait_for(asyncio.gather(*(talk(f"{number}") for number in range(20))), LONG)
    assert asyncio.all_tasks() == tasks
    with stock.Redis.from_url(redis_server.url) as look:
        assert look.keys() == []


async def test_nothing_is_kept_and_no_key_tells_whose_it_is(
    fleet: Fleet, redis_server: Redis
) -> None:
    with stock.Redis.from_url(redis_server.url) as look:
        async with fleet.orders[0].lock(SECRET):
            waiting = asyncio.create_task(fleet.serve(1, "next", SECRET))
            await asyncio.sleep(0.1)
            kept = [(name, look.dump(name)) for name in look.scan_iter()]
        await asyncio.wait_for(waiting, LONG)
        assert len(kept) == 2
        assert SECRET not in repr(kept)
        assert look.keys() == []


async def test_without_redis_each_server_keeps_its_own_order_and_says_so_once(
    fleet: Fleet, redis_server: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mesoguide")
    redis_server.stop()
    started = time.monotonic()
    await asyncio.gather(*(fleet.serve(0, f"{number}") for number in range(5)))
    assert time.monotonic() - started < 3 * PATIENCE
    assert sorted(fleet.begun) == ["0", "1", "2", "3", "4"]
    assert fleet.most_at_once == 1
    assert caplog.text.count("Redis cannot be reached") == 1
    redis_server.start()
    await asyncio.sleep(2 * PATIENCE)
    await asyncio.gather(*(fleet.serve(number % 2, "again") for number in range(6)))
    assert fleet.most_at_once == 1
    assert caplog.text.count("Redis is back") == 1


async def test_who_waits_when_redis_goes_is_served(fleet: Fleet, redis_server: Redis) -> None:
    async with fleet.orders[0].lock("one"):
        waiting = [asyncio.create_task(fleet.serve(at, f"{at}")) for at in (0, 1)]
        await asyncio.sleep(0.2)
        redis_server.stop()
        await asyncio.sleep(0.5)
        assert "0" not in fleet.begun  # of the same server: it waits still
    await asyncio.wait_for(asyncio.gather(*waiting), 5 * PATIENCE)
    assert sorted(fleet.begun) == ["0", "1"]


async def test_a_redis_that_hangs_is_not_waited_for(fleet: Fleet, redis_server: Redis) -> None:
    await fleet.serve(0, "before")
    assert redis_server.process
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        await fleet.serve(0, "during")
        assert time.monotonic() - started < 3 * PATIENCE
        assert not await fleet.links[0].is_up()
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(2 * PATIENCE)
    assert await fleet.links[0].is_up()


async def test_one_allowance_for_all_servers(fleet: Fleet, redis_server: Redis) -> None:
    each = [SharedAllowances("test", Allowances(60, 3), one) for one in fleet.links]
    taken = [await each[number % 2].take(SECRET) for number in range(4)]
    assert taken == [True, True, True, False]
    assert await each[0].take("someone else")
    await asyncio.sleep(1.1)  # one a second comes back
    assert [await one.take(SECRET) for one in each] == [True, False]
    with stock.Redis.from_url(redis_server.url) as look:
        assert SECRET not in repr(look.keys())
        assert all(0 < look.ttl(name) <= 5 for name in look.scan_iter())


async def test_a_hundred_at_once_take_no_more_than_there_is(fleet: Fleet) -> None:
    each = [SharedAllowances("test", Allowances(1, 10), one) for one in fleet.links]
    taken = await asyncio.gather(*(each[number % 2].take("one") for number in range(100)))
    assert sum(taken) == 10


async def test_without_redis_the_allowance_of_this_server_counts(
    fleet: Fleet, redis_server: Redis
) -> None:
    redis_server.stop()
    one = SharedAllowances("test", Allowances(60, 3), fleet.links[0])
    assert [await one.take("one") for _ in range(4)] == [True, True, True, False]
