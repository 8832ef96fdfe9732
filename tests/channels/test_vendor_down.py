"""All vendors are down for a minute: each person gets each answer once, in order, afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesoguide.core.knowledge import Knowledge
from tests.channels import slack_api, telegram_api, twilio_api
from tests.channels.slack_api import SlackApi
from tests.channels.telegram_api import TelegramApi
from tests.channels.twilio_api import TwilioApi
from tests.channels.vendor import Vendor, until
from tests.conftest import start_server

PUBLIC = "https://chat.example.org"
A_MINUTE = 60.0
AFTERWARDS = 45.0  # seconds; between two tries the assistant waits up to 20
TEXTS = ("what does stage 4 mean?", "how long have i got", "yes", "I cant breathe")


@dataclass(frozen=True)
class Someone:
    """A person on one channel: says something, and has heard this."""

    say: Callable[[str], int]
    heard: Callable[[], list[str]]


@pytest.fixture
def everyone(model: Path, tmp_path: Path) -> Iterator[tuple[list[Vendor], list[Someone]]]:
    telegram, twilio, slack = TelegramApi(), TwilioApi(), SlackApi()
    vendors: list[Vendor] = [telegram, twilio, slack]
    for vendor in vendors:
        vendor.start()
    process, server = start_server(
        tmp_path,
        MESOGUIDE_PUBLIC_URL=PUBLIC,
        MESOGUIDE_TELEGRAM_TOKEN=telegram_api.TOKEN,
        MESOGUIDE_TELEGRAM_API=telegram.url,
        MESOGUIDE_TWILIO_ACCOUNT_SID=twilio_api.ACCOUNT,
        MESOGUIDE_TWILIO_AUTH_TOKEN=twilio_api.TOKEN,
        MESOGUIDE_TWILIO_API=twilio.url,
        MESOGUIDE_SLACK_TOKEN=slack_api.TOKEN,
        MESOGUIDE_SLACK_SIGNING_SECRET=slack_api.SECRET,
        MESOGUIDE_SLACK_API=slack.base,
    )
    until(lambda: bool(telegram.webhook))
    chat = telegram_api.Chat(telegram, server.url, PUBLIC)
    phone = twilio_api.Phone(twilio, server.url, PUBLIC, "whatsapp:")
    person = slack_api.Person(slack, server.url)
    yield (
        vendors,
        [
            Someone(
                lambda text: chat.deliver(chat.update(text=text)),
                lambda: [one.text for one in chat.heard],
            ),
            Someone(phone.deliver, lambda: phone.heard),
            Someone(person.deliver, lambda: [one.shown for one in person.heard]),
        ],
    )
    process.terminate()
    process.wait(timeout=30)
    for vendor in vendors:
        vendor.stop()


def test_a_minute_without_the_vendors_loses_nothing(
    everyone: tuple[list[Vendor], list[Someone]], knowledge: Knowledge
) -> None:
    vendors, people = everyone
    with ExitStack() as outage, ThreadPoolExecutor() as pool:
        until_then = time.monotonic() + A_MINUTE
        for vendor in vendors:
            outage.enter_context(vendor.down())
        for text in TEXTS:  # one after the other for each, all three beside one another
            assert list(pool.map(lambda one, text=text: one.say(text), people)) == [200] * 3
        while time.monotonic() < until_then:
            time.sleep(0.5)
        assert not any(one.heard() for one in people)
    for one in people:
        until(lambda one=one: len(one.heard()) >= len(TEXTS), AFTERWARDS)  # type: ignore[misc]
    for one in people:
        first, second, third, last = one.heard()
        assert knowledge.text("intro_program") in first
        assert knowledge.text("ask_numbers") in second
        assert knowledge.text("numbers_yes") in third
        assert "911" in last.split("\n")[0]
