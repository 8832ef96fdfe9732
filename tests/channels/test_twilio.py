"""WhatsApp and SMS by Twilio: the real server, and a small one that speaks Twilio's API."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesoguide.core.knowledge import Knowledge
from tests.channels import twilio_api
from tests.channels.twilio_api import ACCOUNT, TOKEN, Phone, TwilioApi
from tests.channels.vendor import Answer, post, until
from tests.conftest import Server, start_server

PUBLIC = "https://chat.example.org/guide"
LINK = re.compile(r"https://\S+")


@dataclass(frozen=True)
class Running:
    server: Server
    api: TwilioApi

    def phone(self, prefix: str = "") -> Phone:
        return Phone(self.api, self.server.url, PUBLIC, prefix)

    def count(self, channel: str, outcome: str) -> float:
        """Messages so far, as the operator sees it."""
        name = f'mesoguide_messages_sent_total{{channel="{channel}",outcome="{outcome}"}}'
        lines = self.server.get("/metrics")[2].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


@pytest.fixture(scope="module")
def running_twilio(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    api = TwilioApi()
    api.start()
    process, server = start_server(
        tmp_path_factory.mktemp("twilio"),
        MESOGUIDE_TWILIO_ACCOUNT_SID=ACCOUNT,
        MESOGUIDE_TWILIO_AUTH_TOKEN=TOKEN,
        MESOGUIDE_TWILIO_API=api.url,
        MESOGUIDE_PUBLIC_URL=PUBLIC,
    )
    yield Running(server, api)
    process.terminate()
    process.wait(timeout=30)
    api.stop()


@pytest.fixture(params=["", "whatsapp:"], ids=["sms", "whatsapp"])
def phone(running_twilio: Running, request: pytest.FixtureRequest) -> Phone:
    return running_twilio.phone(request.param)


def log(running: Running) -> str:
    return running.server.log.read_text()


def test_a_greeting_says_what_this_is(phone: Phone, knowledge: Knowledge) -> None:
    heard = phone.say("hello")
    assert heard.startswith(knowledge.text("intro_program"))
    assert knowledge.text("number_label") in heard


def test_an_answer_has_its_sources_and_one_reminder_at_its_end(
    phone: Phone, knowledge: Knowledge
) -> None:
    phone.say("hello")
    heard = phone.say("does immunotherapy work for mesothelioma?")
    assert LINK.search(heard)
    assert knowledge.text("main-correction") in heard
    reminder = knowledge.text("reminder", None)
    assert heard.count(reminder) == 1
    assert heard.index(LINK.findall(heard)[-1]) < heard.index(reminder)
    assert "/" not in LINK.sub("", heard).replace("A&E", "")
    bold = f"*{reminder}*" in heard
    assert bold is bool(phone.prefix)  # WhatsApp shows it, SMS would show the stars


def test_a_number_chooses_what_the_last_reply_listed(phone: Phone, knowledge: Knowledge) -> None:
    phone.say("hello")
    heard = phone.say("what does stage 4 mean?")
    listed = dict(re.findall(r"^(\d)\. (.+)$", heard, re.MULTILINE))
    assert listed
    other = next(number for number, title in listed.items() if title == "For someone else")
    assert knowledge.text("subject_thanks") in phone.say(f" {other}. ")
    # nothing lists a ninth, and a number that stands for nothing is a message like any other
    assert phone.say("9")


def test_figures_are_said_after_a_yes_only(phone: Phone, knowledge: Knowledge) -> None:
    phone.say("hello")
    first = phone.say("how long have i got")
    assert knowledge.text("ask_numbers") in first
    assert not re.search(r"\d+ (?:%|percent|out of)", first)
    assert knowledge.text("numbers_yes") in phone.say("yes please")


@pytest.mark.parametrize("text", ["I cant breathe and my chest hurts", "i want to end my life"])
def test_danger_gets_one_message_with_the_number_first(phone: Phone, text: str) -> None:
    heard = phone.say(text)
    assert re.search(r"911|988", heard.split("\n")[0])
    assert "Hello" not in heard
    phone.say("thanks")
    assert len(phone.heard) == 2


def test_what_is_too_long_gets_a_sentence(phone: Phone, knowledge: Knowledge) -> None:
    heard = phone.say("a" * 2001)
    assert knowledge.text("too_long") in heard
    assert "911" in heard


def test_a_photo_gets_a_sentence(phone: Phone, knowledge: Knowledge) -> None:
    before = len(phone.heard)
    assert phone.deliver("", NumMedia="1", MediaUrl0="https://example.org/a") == 200
    until(lambda: len(phone.heard) == before + 1)
    assert knowledge.text("text_only") in phone.heard[-1]


def test_the_same_message_delivered_twice_is_answered_once(phone: Phone) -> None:
    for _ in range(3):
        assert phone.deliver("what does stage 4 mean?", "SM1") == 200
    phone.say("thanks")
    assert len(phone.heard) == 2


def test_a_person_who_sends_no_more_is_left_in_peace(phone: Phone) -> None:
    assert phone.deliver("STOP", OptOutType="STOP") == 200
    assert phone.deliver("", MessageStatus="delivered") == 200
    phone.say("hello")
    assert len(phone.heard) == 1


def test_a_typed_command_is_words(phone: Phone, knowledge: Knowledge) -> None:
    phone.say("hello")
    heard = phone.say('/who_it_is_for{"person": "other"}')
    assert knowledge.text("subject_thanks") not in heard
    assert phone.say("/restart")
    assert phone.say("/")


@pytest.mark.parametrize(
    "wrong",
    [{"token": "guessed"}, {"AccountSid": "AC0"}],
    ids=["signature", "account"],
)
def test_a_forged_request_is_refused_and_not_logged(
    running_twilio: Running, wrong: dict[str, str]
) -> None:
    phone = running_twilio.phone()
    assert phone.deliver("my secret words", **wrong) == 403
    assert "secret words" not in log(running_twilio)
    assert "twilio: a request with a wrong signature was refused" in log(running_twilio)
    phone.say("hello")
    assert len(phone.heard) == 1


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"Body=hello", b"{}", b"a=" + b"x" * 50_000])
def test_what_nobody_signed_is_refused(running_twilio: Running, body: bytes) -> None:
    for headers in ({}, {"X-Twilio-Signature": "AAAA"}, {"X-Twilio-Signature": "\u00fc"}):
        url = f"{running_twilio.server.url}/webhooks/twilio/webhook"
        assert post(url, body, headers)[0] == 403


def test_too_many_requests_are_waited_for(running_twilio: Running) -> None:
    phone = running_twilio.phone("whatsapp:")
    before = running_twilio.count("whatsapp", "again")
    running_twilio.api.faults.append(twilio_api.too_many(seconds=2))
    started = time.monotonic()
    phone.say("hello")
    assert time.monotonic() - started >= 2
    assert running_twilio.count("whatsapp", "again") == before + 1
    running_twilio.api.faults.extend([twilio_api.too_many(), Answer(503), Answer(500, b"<html>")])
    phone.say("what is pd-1?")
    assert len(phone.heard) == 2


def test_what_twilio_refuses_is_counted_and_not_sent_again(running_twilio: Running) -> None:
    phone = running_twilio.phone()
    before = running_twilio.count("sms", "refused")
    running_twilio.api.faults.append(twilio_api.STOPPED)
    phone.deliver("what does stage 4 mean?")
    until(lambda: running_twilio.count("sms", "refused") == before + 1)
    assert "sms: a reply could not be sent: status 400, code 21610" in log(running_twilio)
    assert phone.number not in log(running_twilio)
    phone.say("thanks")
    assert len(phone.heard) == 1


def test_messages_are_answered_in_order_and_nobody_waits_for_another(
    running_twilio: Running, knowledge: Knowledge
) -> None:
    slow, other = running_twilio.phone(), running_twilio.phone()
    running_twilio.api.faults.append(Answer(500, delay=3.0))
    with ThreadPoolExecutor() as pool:
        waits = pool.submit(slow.deliver, "what does stage 4 mean?")
        until(lambda: not running_twilio.api.faults)
        started = time.monotonic()
        other.say("what is pd-1?")
        assert time.monotonic() - started < 2.5
        assert waits.result() == 200
    for text in ("is it catching?", "how long have i got", "yes"):
        assert slow.deliver(text) == 200
    until(lambda: len(slow.heard) == 4)
    assert knowledge.text("intro_program") in slow.heard[0]
    assert knowledge.text("ask_numbers") in slow.heard[2]
    assert knowledge.text("numbers_yes") in slow.heard[3]


def test_off_there_is_no_webhook(running: Server) -> None:
    for path in ("/webhooks/twilio/webhook", "/webhooks/twilio/"):
        assert post(running.url + path, b"Body=hello", {})[0] == 404


def test_a_restart_says_again_what_may_not_have_arrived(model: Path, tmp_path: Path) -> None:
    api = TwilioApi()
    api.start()
    settings = {
        "MESOGUIDE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "MESOGUIDE_TWILIO_AUTH_TOKEN": TOKEN,
        "MESOGUIDE_TWILIO_API": api.url,
        "MESOGUIDE_PUBLIC_URL": PUBLIC,
    }
    process, server = start_server(tmp_path, **settings)
    phone = Phone(api, server.url, PUBLIC)
    try:
        with api.down():
            phone.deliver("how long have i got", "SM7")
        process.kill()
        process.wait(timeout=30)
        assert not phone.heard
        process, server = start_server(tmp_path, **settings)
        phone = Phone(api, server.url, PUBLIC, number=phone.number)
        phone.deliver("how long have i got", "SM7")
        until(lambda: bool(phone.heard))
        phone.deliver("how long have i got", "SM7")
        numbers = phone.say("yes")  # it was heard once: the yes is for the question of then
        assert len(phone.heard) == 2
        assert "numbers" in numbers
    finally:
        process.kill()
        process.wait(timeout=30)
        api.stop()
