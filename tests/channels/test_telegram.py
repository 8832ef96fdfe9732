"""Telegram: the real server, and a small one that speaks the Bot API."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mesoguide.channels.layout import TELEGRAM, lay_out
from mesoguide.channels.telegram import Telegram, fields_of
from mesoguide.core.knowledge import Knowledge
from mesoguide.paths import BadSetting
from tests.channels import telegram_api
from tests.channels.telegram_api import SECRET_HEADER, TOKEN, Chat, TelegramApi, read_message
from tests.channels.vendor import Answer, post, until
from tests.conftest import Server, start_server
from tests.core.walk import Said

PUBLIC = "https://chat.example.org/guide"
LINK = re.compile(r'<a href="https://[^"]+">')
FIGURES = re.compile(r"\d+ (?:%|percent|out of)")


def settings(api: TelegramApi) -> dict[str, str]:
    return {
        "MESOGUIDE_TELEGRAM_TOKEN": TOKEN,
        "MESOGUIDE_TELEGRAM_API": api.url,
        "MESOGUIDE_PUBLIC_URL": PUBLIC + "/",
    }


@dataclass(frozen=True)
class Running:
    server: Server
    api: TelegramApi

    def chat(self, **which: Any) -> Chat:
        return Chat(self.api, self.server.url, PUBLIC, **which)

    def count(self, outcome: str) -> float:
        """Messages so far, as the operator sees it."""
        name = f'mesoguide_messages_sent_total{{channel="telegram",outcome="{outcome}"}}'
        lines = self.server.get("/metrics")[2].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def log(self) -> str:
        return self.server.log.read_text()


@pytest.fixture(scope="module")
def telegram(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    api = TelegramApi()
    api.start()
    process, server = start_server(tmp_path_factory.mktemp("telegram"), **settings(api))
    until(lambda: bool(api.webhook))
    yield Running(server, api)
    process.terminate()
    process.wait(timeout=30)
    api.stop()


@pytest.fixture
def chat(telegram: Running) -> Chat:
    return telegram.chat()


def test_the_webhook_is_set_with_a_secret_and_keeps_what_waits(telegram: Running) -> None:
    webhook = telegram.api.webhook
    assert webhook["url"].startswith(f"{PUBLIC}/webhooks/telegram/")
    assert json.loads(webhook["allowed_updates"]) == ["message", "edited_message", "callback_query"]
    assert webhook["drop_pending_updates"] == "false"
    path = webhook["url"].rsplit("/", 1)[1]
    assert len({path, webhook["secret_token"], TOKEN}) == 3
    assert TOKEN.split(":")[1] not in webhook["url"] + webhook["secret_token"] + telegram.log()


def test_start_says_what_this_is(chat: Chat, knowledge: Knowledge) -> None:
    sent = chat.say("/start")
    assert sent.text.startswith(knowledge.text("intro_program"))
    assert sent.buttons
    assert all(one.startswith("/") for one in sent.buttons.values())


@pytest.mark.parametrize("text", ["/start from_site", "/START@meso_guide_bot"])
def test_start_by_a_link_is_the_same(telegram: Running, text: str) -> None:
    assert telegram.chat().say(text).html == telegram.chat().say("/start").html


def test_help_says_what_it_can_do(chat: Chat, knowledge: Knowledge) -> None:
    assert knowledge.text("can_do") in chat.say("/help").text


@pytest.mark.parametrize("command", ["/start", "/help"])
def test_danger_beside_a_command_is_not_passed_over(chat: Chat, command: str) -> None:
    assert "911" in chat.say(f"{command} I cant breathe and my chest hurts").text.split("\n")[0]


def test_a_typed_command_is_words(chat: Chat, knowledge: Knowledge) -> None:
    chat.say("/start")
    sent = chat.say('/who_it_is_for{"person": "other"}')
    assert knowledge.text("subject_thanks") not in sent.text
    assert chat.say("/restart").text
    assert chat.say("/").text


def test_an_answer_has_linked_sources_and_a_bold_reminder_at_its_end(
    chat: Chat, knowledge: Knowledge
) -> None:
    chat.say("/start")
    sent = chat.say("does immunotherapy work for mesothelioma?")
    assert knowledge.text("main-correction") in sent.text
    assert LINK.search(sent.html)
    assert "https://" not in sent.text  # the address is behind the words
    reminder = knowledge.text("reminder", None)
    assert sent.html.endswith(f"<b>{reminder}</b>")
    assert sent.text.count(reminder) == 1
    assert sent.fields["disable_web_page_preview"] == "true"
    rows = json.loads(sent.fields["reply_markup"])["inline_keyboard"]
    assert 1 < len(rows) == len(sent.buttons)  # one in each row: a phone cuts long titles off


def test_a_button_asks_what_it_says_and_stops_waiting(chat: Chat, knowledge: Knowledge) -> None:
    chat.say("/start")
    chat.say("what does stage 4 mean?")
    assert knowledge.text("subject_thanks") in chat.press("For someone else").text
    until(lambda: not chat.api.pressed)


def test_a_button_without_a_command_is_words(chat: Chat, knowledge: Knowledge) -> None:
    sent = chat.send(chat.pressing("what does stage 4 mean?"))
    assert knowledge.text("reminder", None) in sent.text


def test_a_number_chooses_among_the_buttons(chat: Chat, knowledge: Knowledge) -> None:
    chat.say("/start")
    sent = chat.say("what does stage 4 mean?")
    assert knowledge.text("number_label") not in sent.text
    number = list(sent.buttons).index("For someone else") + 1
    assert knowledge.text("subject_thanks") in chat.say(str(number)).text
    assert chat.say("9").text  # stands for nothing: a message like any other


@pytest.mark.parametrize("way", ["typed", "pressed"])
def test_figures_are_said_after_a_yes_only(chat: Chat, knowledge: Knowledge, way: str) -> None:
    chat.say("/start")
    asked = chat.say("how long have i got")
    assert knowledge.text("ask_numbers") in asked.text
    assert not FIGURES.search(asked.text)
    yes = next(title for title, data in asked.buttons.items() if data == "/affirm")
    sent = chat.say("yes") if way == "typed" else chat.press(yes)
    assert knowledge.text("numbers_yes") in sent.text


@pytest.mark.parametrize("text", ["I cant breathe and my chest hurts", "i want to end my life"])
def test_danger_gets_one_message_with_the_number_first(
    chat: Chat, knowledge: Knowledge, text: str
) -> None:
    sent = chat.say(text)
    first = sent.html.split("\n")[0]
    assert re.search(r"911|988", first)
    assert first.startswith("<b>")
    assert knowledge.text("intro_program") not in sent.text
    chat.say("thanks")
    assert len(chat.heard) == 2


def test_asked_to_delete_it_is_gone_at_once(
    telegram: Running, chat: Chat, knowledge: Knowledge
) -> None:
    def is_written_down(what: bytes) -> bool:
        return any(what in file.read_bytes() for file in telegram.server.log.parent.iterdir())

    chat.say("/start")
    chat.say("my neighbour keeps purple hens, what does stage 4 mean")
    until(lambda: is_written_down(b"purple hens"))
    assert knowledge.text("delete_ask") in chat.say("please delete this conversation").text
    assert knowledge.text("delete_done") in chat.say("yes").text
    until(lambda: not is_written_down(b"purple hens"))
    assert knowledge.text("intro_program") in chat.say("what does stage 4 mean").text


def test_what_is_too_long_gets_a_sentence(chat: Chat, knowledge: Knowledge) -> None:
    sent = chat.say("a" * 2001)
    assert knowledge.text("too_long") in sent.text
    assert "911" in sent.text


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]},
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 3}},
        {"sticker": {"file_id": "a", "emoji": "👍"}},
        {"location": {"latitude": 1.5, "longitude": 2.5}},
        {"document": {"file_id": "a", "file_name": "scan.pdf"}},
        {"text": " \n "},
    ],
    ids=lambda content: next(iter(content)),
)
def test_what_is_no_text_gets_a_sentence(
    chat: Chat, knowledge: Knowledge, content: dict[str, Any]
) -> None:
    assert knowledge.text("text_only") in chat.send(chat.update(**content)).text


def test_the_words_under_a_photo_are_read(chat: Chat) -> None:
    sent = chat.send(chat.update(photo=[{"file_id": "a"}], caption="i want to end my life"))
    assert "988" in sent.text.split("\n")[0]


def test_an_album_is_one_message(chat: Chat) -> None:
    for _ in range(3):
        assert chat.deliver(chat.update(photo=[{"file_id": "a"}], media_group_id="77")) == 200
    chat.say("hello")
    assert len(chat.heard) == 2


def test_an_edit_is_a_new_message_when_it_changes_the_words(
    chat: Chat, knowledge: Knowledge
) -> None:
    chat.say("/start")
    first = chat.update(text="what does stge 44 meen?")
    chat.send(first)
    which = first["message"]["message_id"]
    chat.send(chat.update("edited_message", message_id=which, text="how long have i got"))
    assert knowledge.text("ask_numbers") in chat.heard[-1].text
    seen = chat.update("edited_message", message_id=which, text="how long have i got")
    assert chat.deliver(seen) == 200  # such as a reaction of the person to it
    moved = chat.update("edited_message", location={"latitude": 1.0, "longitude": 2.0})
    assert chat.deliver(moved) == 200  # a place that is sent as it moves
    chat.say("thanks")
    assert len(chat.heard) == 4


@pytest.mark.parametrize("type_", ["group", "supergroup", "channel"])
def test_it_is_silent_where_others_read(telegram: Running, type_: str) -> None:
    group = telegram.chat(id=-1_000_123, type=type_)
    assert group.deliver(group.update(text="i want to end my life")) == 200
    assert group.deliver(group.update(text="/start@meso_guide_bot")) == 200
    assert group.deliver(group.pressing("/greet")) == 200
    telegram.chat().say("hello")
    assert not group.heard


def test_news_that_nobody_wrote_is_taken_and_not_answered(chat: Chat) -> None:
    assert chat.deliver(chat.update("my_chat_member", old_chat_member={})) == 200
    assert chat.deliver(chat.update("channel_post", text="hello")) == 200
    assert chat.deliver(chat.update(pinned_message={"message_id": 1})) == 200
    inline = chat.pressing("/greet")
    del inline["callback_query"]["message"]
    assert chat.deliver(inline) == 200
    game = chat.pressing("/greet")
    del game["callback_query"]["data"]
    assert chat.deliver(game) == 200
    chat.say("hello")
    assert len(chat.heard) == 1


def test_the_same_update_delivered_again_is_answered_once(chat: Chat) -> None:
    for update in (chat.update(text="what does stage 4 mean?"), chat.pressing("/greet")):
        for _ in range(3):
            assert chat.deliver(update) == 200
    chat.say("thanks")
    assert len(chat.heard) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {SECRET_HEADER: "guessed"},
        {SECRET_HEADER: ""},
        {SECRET_HEADER: TOKEN},
        {SECRET_HEADER: "\u00fc"},
        {"X-Other": "1"},
    ],
    ids=["guessed", "empty", "token", "umlaut", "missing"],
)
def test_a_forged_request_is_refused_and_not_logged(
    telegram: Running, headers: dict[str, str]
) -> None:
    chat = telegram.chat()
    forged = json.dumps(chat.update(text="my private words")).encode()
    assert chat.deliver_bytes(forged, **headers) == 403
    assert chat.deliver_bytes(b"{", **headers) == 403
    assert "telegram: a request without the secret was refused" in telegram.log()
    assert "private words" not in telegram.log()
    chat.say("hello")
    assert len(chat.heard) == 1


def test_another_path_is_nowhere(telegram: Running) -> None:
    secret = {SECRET_HEADER: telegram.api.webhook["secret_token"]}
    update = json.dumps(telegram.chat().update(text="hello")).encode()
    for path in ("", "/", "/webhook", "/set_webhook", f"/{TOKEN}", "/" + "0" * 64):
        assert post(f"{telegram.server.url}/webhooks/telegram{path}", update, secret)[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'"private words"',
        b"[" * 100_000,
        b"{}",
        b'{"update_id": "one"}',
        b'{"update_id": 1e999}',
        b'{"update_id": 1, "message": "private words"}',
        b'{"update_id": 1, "message": {"chat": "private words"}}',
        b'{"update_id": 1, "message": {"chat": {"type": "private"}, "text": "a"}}',
        b'{"update_id": 1, "message": {"message_id": 2, "text": 3,'
        b' "chat": {"type": "private", "id": 4}}}',
        b'{"update_id": 1, "message": {"message_id": 2, "text": "private words \\ud800",'
        b' "chat": {"type": "private", "id": 4}}}',
        b'{"update_id": 1, "callback_query": "private words"}',
    ],
)
def test_what_is_no_update_is_a_bad_request(telegram: Running, body: bytes) -> None:
    assert telegram.chat().deliver_bytes(body) == 400
    assert "private words" not in telegram.log()


def test_a_pause_that_telegram_asks_for_is_kept(telegram: Running) -> None:
    chat, before = telegram.chat(), telegram.count("again")
    telegram.api.faults.append(telegram_api.too_many(2))
    started = time.monotonic()
    chat.say("hello")
    assert time.monotonic() - started >= 2
    assert telegram.count("again") == before + 1
    chat.say("thanks")
    assert len(chat.heard) == 2


@pytest.mark.parametrize(
    "fault",
    [
        telegram_api.error(500, "Internal Server Error"),
        telegram_api.error(429, "Too Many Requests"),
        Answer(502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
        Answer(500, b"", {"Content-Type": "application/json"}),
        Answer(500, b"[]", {"Content-Type": "application/json"}),
    ],
    ids=["500", "429", "html", "empty", "list"],
)
def test_after_two_failures_the_message_arrives_once(telegram: Running, fault: Answer) -> None:
    chat, before = telegram.chat(), telegram.count("again")
    telegram.api.faults.extend([fault, fault])
    chat.say("hello")
    assert telegram.count("again") == before + 2
    chat.say("thanks")
    assert len(chat.heard) == 2


def test_what_is_for_somebody_who_stopped_the_bot_is_refused(telegram: Running) -> None:
    chat, before = telegram.chat(), telegram.count("refused")
    telegram.api.blocked.add(str(chat.id))
    assert chat.deliver(chat.update(text="my private words on surgery")) == 200
    until(lambda: telegram.count("refused") == before + 1)
    assert "telegram: a reply could not be sent: BotBlocked" in telegram.log()
    assert "private words" not in telegram.log()
    assert str(chat.id) not in telegram.log()
    telegram.api.blocked.clear()
    assert chat.say("hello").text


def test_what_is_said_while_telegram_is_down_arrives(telegram: Running) -> None:
    chat, before = telegram.chat(), telegram.count("again")
    with telegram.api.down():
        assert chat.deliver(chat.update(text="what does stage 4 mean?")) == 200
        until(lambda: telegram.count("again") >= before + 3)
        assert not chat.heard
    until(lambda: len(chat.heard) == 1)
    chat.say("thanks")
    assert len(chat.heard) == 2


def test_messages_are_answered_in_order_and_nobody_waits_for_another(
    telegram: Running, knowledge: Knowledge
) -> None:
    slow, other = telegram.chat(), telegram.chat()
    failing = telegram_api.error(500, "Internal Server Error")
    telegram.api.faults.append(Answer(500, failing.body, failing.headers, delay=3.0))
    with ThreadPoolExecutor() as pool:
        waits = pool.submit(slow.deliver, slow.update(text="what does stage 4 mean?"))
        until(lambda: not telegram.api.faults)
        started = time.monotonic()
        other.say("what is pd-1?")
        assert time.monotonic() - started < 2.5
        assert waits.result() == 200  # before it has arrived: Telegram waits for no answer
    for text in ("is it catching?", "how long have i got", "yes", "/help"):
        assert slow.deliver(slow.update(text=text)) == 200
    until(lambda: len(slow.heard) == 5)
    texts = [one.text for one in slow.heard]
    assert knowledge.text("intro_program") in texts[0]
    assert knowledge.text("ask_numbers") in texts[2]
    assert knowledge.text("numbers_yes") in texts[3]
    assert knowledge.text("can_do") in texts[4]


def test_five_messages_at_once_are_one_conversation(chat: Chat, knowledge: Knowledge) -> None:
    texts = ("what is pd-1?", "is it catching?", "what is stage 4?", "thanks", "what is chemo?")
    with ThreadPoolExecutor(5) as pool:
        updates = [chat.update(text=text) for text in texts]
        assert list(pool.map(chat.deliver, updates)) == [200] * 5
    until(lambda: len(chat.heard) == 5)
    introduced = [knowledge.text("intro_program") in one.text for one in chat.heard]
    assert introduced == [True, False, False, False, False]


def test_off_there_is_no_webhook(running: Server, telegram: Running) -> None:
    path = telegram.api.webhook["url"].removeprefix(PUBLIC)
    secret = {SECRET_HEADER: telegram.api.webhook["secret_token"]}
    for one in (path, "/webhooks/telegram/webhook", "/webhooks/telegram/"):
        assert post(running.url + one, b'{"update_id": 1}', secret)[0] == 404


@pytest.mark.parametrize("token", ["AAF-letters", "12 34:AAF", "name:AAF", "1234:"])
def test_a_token_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("MESOGUIDE_TELEGRAM_TOKEN", token)
    monkeypatch.setenv("MESOGUIDE_PUBLIC_URL", PUBLIC)
    with pytest.raises(BadSetting, match="@BotFather") as failed:
        Telegram().blueprint(None)  # type: ignore[arg-type]
    assert token not in str(failed.value)


def test_the_webhook_is_set_once_telegram_can_be_reached(model: Path, tmp_path: Path) -> None:
    api = TelegramApi(token="987654321:AAF-somebody_elses")
    process, server = start_server(tmp_path, **settings(api))
    running = Running(server, api)
    try:
        assert "telegram: the webhook could not be set (NetworkError)" in running.log()
        assert server.say("what does stage 4 mean?").data
        api.start()  # where our token is not known
        until(lambda: "(Unauthorized), trying on" in running.log())
        assert running.log().count("(NetworkError)") == 1
        api.token = TOKEN
        until(lambda: bool(api.webhook), limit=60)
        assert running.chat().say("hello").text
        until(lambda: "telegram: the webhook is set" in running.log())
        assert TOKEN not in running.log()
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        api.stop()


def test_a_restart_says_again_what_may_not_have_arrived(
    model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    api = TelegramApi()
    api.start()
    process, server = start_server(tmp_path, **settings(api))
    try:
        until(lambda: bool(api.webhook))
        chat = Running(server, api).chat()
        update = chat.update(text="how long have i got")
        with api.down():
            chat.deliver(update)
            process.kill()
            process.wait(timeout=30)
        assert not chat.heard
        process, server = start_server(tmp_path, **settings(api))
        chat = Running(server, api).chat(id=chat.id)
        assert knowledge.text("ask_numbers") in chat.send(update).text
        assert chat.deliver(update) == 200
        # it was heard once: the yes is for the question of then
        assert knowledge.text("numbers_yes") in chat.say("yes").text
        assert len(chat.heard) == 2
    finally:
        process.kill()
        process.wait(timeout=30)
        api.stop()


@pytest.fixture(scope="module")
def every(every_reply: list[Said]) -> list[dict[str, Any]]:
    """Every reply that a conversation can hold, as data."""
    return [said.data for said in every_reply]


def test_telegram_takes_every_reply(every: list[dict[str, Any]], knowledge: Knowledge) -> None:
    for data in every:
        sent = [read_message(fields_of(one)) for one in lay_out(knowledge, data, TELEGRAM)]
        assert len(sent[-1].buttons) == len(data["suggestions"])  # none is left out
        if data["type"] == "safety":
            assert len(sent) == 1
            assert re.search(r"\bcall\b|988", sent[0].text.split("\n")[0], re.IGNORECASE)
            assert sent[0].html.startswith("<b>")


def test_a_long_reply_is_parted(every: list[dict[str, Any]], knowledge: Knowledge) -> None:
    data = next(one for one in every if one["type"] == "answer" and one["suggestions"])
    sentences = [f"This is sentence {number} & it is < the next one." for number in range(400)]
    messages = lay_out(knowledge, {**data, "text": " ".join(sentences)}, TELEGRAM)
    sent = [read_message(fields_of(one)) for one in messages]
    assert len(sent) > 3
    together = " ".join(one.text for one in sent)
    assert all(one in together for one in sentences)
    assert [bool(one.buttons) for one in messages] == [False] * (len(sent) - 1) + [True]
