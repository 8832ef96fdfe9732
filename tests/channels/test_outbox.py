"""Replies on their way: in order, tried again, and never more than is bearable."""

from __future__ import annotations

import asyncio
import logging

import pytest

from mesoguide.channels import outbox as module
from mesoguide.channels.layout import Message
from mesoguide.channels.outbox import MOST_FOR_ONE, SENT, Busy, Outbox, Refused

SECRET = "what somebody was told"


def letter(text: str) -> Message:
    return Message(text, text)


def count(channel: str, outcome: str) -> float:
    return float(SENT.labels(channel, outcome)._value.get())


class Vendor:
    """Takes messages; `faults` are raised first."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.sent: list[tuple[str, str]] = []
        self.tries = 0

    async def send(self, person: str, message: Message) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((person, message.text))


async def test_each_person_gets_all_in_order() -> None:
    vendor = Vendor()
    out = Outbox("in order", vendor.send)
    for number in range(5):
        for person in "ab":
            out.put(person, [letter(f"{number}"), letter(f"{number}+")])
    assert await out.sent("a", 5) and await out.sent("b", 5)
    for person in "ab":
        mine = [text for who, text in vendor.sent if who == person]
        assert mine == [f"{number}{part}" for number in range(5) for part in ("", "+")]
    assert count("in order", "sent") == 20


async def test_a_pause_that_is_asked_for_is_made_and_others_do_not_wait() -> None:
    vendor = Vendor(Busy("status 429", 0.3))
    out = Outbox("pause", vendor.send)
    loop = asyncio.get_running_loop()
    started = loop.time()
    out.put("a", [letter("1")])
    await asyncio.sleep(0.05)
    out.put("b", [letter("2")])
    assert await out.sent("b", 5)
    assert loop.time() - started < 0.3
    assert not await out.sent("a", 0.01)
    assert await out.sent("a", 5)
    assert loop.time() - started >= 0.3
    assert vendor.sent == [("b", "2"), ("a", "1")]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Refused("status 403"), "refused"), (ValueError(SECRET), "given_up")],
)
async def test_after_a_part_that_failed_the_rest_of_the_reply_is_not_sent(
    error: Exception, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    vendor = Vendor(error)
    out = Outbox(outcome, vendor.send)
    with caplog.at_level(logging.WARNING):
        out.put("a", [letter("correction"), letter("outdated sentence")])
        out.put("a", [letter("next")])
        assert await out.sent("a", 5)
    assert vendor.sent == [("a", "next")]
    assert count(outcome, outcome) == 1
    assert SECRET not in caplog.text
    assert f"{outcome}: a reply could not be sent" in caplog.text


async def test_patience_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    vendor = Vendor(*[Busy("status 503", 0.1) for _ in range(50)])
    out = Outbox("patience", vendor.send)
    out.put("a", [letter("1")])
    assert await out.sent("a", 5)
    assert 3 <= vendor.tries <= 6
    assert count("patience", "given_up") == 1
    assert "patience: a reply could not be sent: status 503" in caplog.text
    vendor.faults.clear()
    out.put("a", [letter("2")])
    assert await out.sent("a", 5)
    assert vendor.sent == [("a", "2")]


async def test_no_more_waits_for_one_person_than_is_bearable() -> None:
    vendor = Vendor(Busy("status 503", 0.2))
    out = Outbox("bounded", vendor.send)
    for number in range(MOST_FOR_ONE + 5):
        out.put("a", [letter(str(number))])
    out.put("b", [letter("mine")])
    assert await out.sent("a", 5) and await out.sent("b", 5)
    assert count("bounded", "not_taken") == 5
    assert len(vendor.sent) == MOST_FOR_ONE + 1


async def test_what_is_on_its_way_when_the_server_stops_has_a_moment(
    caplog: pytest.LogCaptureFixture,
) -> None:
    vendor = Vendor(Busy("status 503", 0.1))
    out = Outbox("closing", vendor.send)
    out.put("a", [letter("in time")])
    await out.close(2)
    assert vendor.sent == [("a", "in time")]
    vendor.faults.append(Busy("status 503", 60))
    out.put("a", [letter("late")])
    await asyncio.sleep(0.05)
    await out.close(0.1)
    assert "closing: 1 people's replies were given up" in caplog.text
    await out.close(0.1)
