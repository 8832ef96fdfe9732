"""What is noted after a turn, by what was sent in it; with a real table."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from actions.turns import guide
from mesoguide import noting
from mesoguide.core.memory import Memory
from mesoguide.core.not_knowing import failure_reply, fallback_reply
from mesoguide.core.reply import Reply, render
from mesoguide.core.turn import Turn
from mesoguide.never_silent import never_silent
from mesoguide.noting import Noting, keep_short
from mesoguide.storage.unanswered import Unanswered, UnansweredTable, today

TEXT = "call 020 7946 0958 please"
TURN = Turn(intent="nlu_fallback", text=TEXT, nearest=("daily_life", "chemotherapy"), close=True)


@pytest.fixture
def table(tmp_path: Path) -> UnansweredTable:
    return UnansweredTable(90, str(tmp_path / "conversations.db"))


def sends(*replies: Reply) -> Callable[[UserMessage], Awaitable[None]]:
    async def handle(message: UserMessage) -> None:
        for reply in replies:
            data = render(guide().knowledge, reply, None, buttons=True).data
            await message.output_channel.send_response("someone", {"text": data["text"]})
            await message.output_channel.send_response("someone", {"custom": {"data": data}})

    return handle


async def parse(_: str) -> dict[str, Any]:
    names = ("nlu_fallback", "daily_life", "chemotherapy", "cost_and_insurance", "surgery")
    return {"intent_ranking": [{"name": name, "confidence": 0.01} for name in names]}


async def noted(table: UnansweredTable, text: str, *replies: Reply) -> list[Unanswered]:
    each = Noting(sends(*replies), parse, table)
    message = UserMessage(text, CollectingOutputChannel(), "someone", input_channel="odd name")
    await never_silent(each)(message)
    await each.end()
    return table.since(today())


@pytest.mark.parametrize("memory", [Memory(), Memory(misses=1)], ids=["first miss", "second miss"])
async def test_a_miss_is_noted(memory: Memory, table: UnansweredTable) -> None:
    reply = fallback_reply(guide().knowledge, TURN, memory)
    nearest = ("daily_life", "chemotherapy", "cost_and_insurance")
    assert await noted(table, TEXT, reply) == [
        Unanswered(today(), "other", nearest, "call <phone> please")
    ]


async def test_a_failed_action_a_button_and_an_answer_are_not(table: UnansweredTable) -> None:
    miss = fallback_reply(guide().knowledge, TURN, Memory())
    assert await noted(table, TEXT, failure_reply()) == []
    assert await noted(table, "/surgery", miss) == []
    assert await noted(table, TEXT, Reply("meta", None, ("hello_again",))) == []
    assert await noted(table, TEXT) == []
    assert len(await noted(table, TEXT, miss)) == 1


async def test_a_slow_database_holds_nobody_up(
    table: UnansweredTable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(noting, "WAITING", 2)
    each = Noting(sends(fallback_reply(guide().knowledge, TURN, Memory())), parse, table)
    go_on = threading.Event()
    each._thread.submit(go_on.wait, 30)  # as a write that waits for a lock
    for _ in range(3):
        channel = CollectingOutputChannel()
        await never_silent(each)(UserMessage(TEXT, channel, "someone", input_channel="rest"))
        assert channel.messages
    assert table.since(today()) == []
    go_on.set()
    await each.end()
    assert len(table.since(today())) == 2
    assert "was not noted: too many wait" in caplog.text
    assert "7946" not in caplog.text


async def test_what_is_too_old_goes_by_itself_and_an_error_does_not_end_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "conversations.db"
    file.write_bytes(b"no database at all, and long enough to be looked at" * 30)
    short = UnansweredTable(7, str(file))
    looking = asyncio.create_task(keep_short(short, every=0.05))
    await _until(lambda: "could not be deleted: DatabaseError" in caplog.text)
    file.unlink()
    long = UnansweredTable(90, str(file))
    for days in (6, 8):
        long.add(Unanswered(today() - timedelta(days=days), "rest", (), f"{days} days"))
    await _until(lambda: len(long.since(today() - timedelta(days=60))) == 1)
    assert [one.text for one in long.since(today() - timedelta(days=60))] == ["6 days"]
    looking.cancel()


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")
