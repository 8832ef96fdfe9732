"""No message is lost: without a connection, without storage, without an answer, with two tabs."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mesoguide.core.knowledge import Knowledge
from tests.browser.conftest import NewContext, ask, focused
from tests.channels.vendor import until
from tests.conftest import Server, free_port, start_server

QUESTION = "is it catching?"
LOST = "No connection. What you write is kept"
RECONNECTED = 30_000  # ms
STORED = 10  # seconds
UNANSWERED = 40_000  # ms; the widget waits 30 s


@dataclass
class OwnServer:
    """A server that a test may kill and start again, always at one address."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    server: Server

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def start(self) -> None:
        self.process, self.server = start_server(self.folder, self.port)

    def said(self, session: str) -> list[str]:
        """The messages of a conversation in its database, in order."""
        with sqlite3.connect(self.folder / "conversations.db") as database:
            query = "SELECT data FROM events WHERE sender_id = ? ORDER BY id"
            events = [json.loads(row[0]) for row in database.execute(query, (session,))]
        return [str(one.get("text")) for one in events if one["event"] == "user"]

    def times(self, session: str, text: str) -> int:
        """How often a message is stored; an answer is seen a moment before its turn is stored."""
        until(lambda: text in self.said(session), STORED)
        return self.said(session).count(text)


@pytest.fixture(scope="module")
def own(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    folder, port = tmp_path_factory.mktemp("own"), free_port()
    process, server = start_server(folder, port)
    own = OwnServer(folder, port, process, server)
    yield own
    own.process.terminate()
    own.process.wait(timeout=30)


def test_a_message_written_offline_goes_out_once_when_the_connection_is_back(
    new_context: NewContext, own: OwnServer
) -> None:
    page = new_context().new_page()
    page.goto(own.server.url)
    expect(page.locator(".suggestions")).to_be_visible()
    own.kill()
    expect(page.locator(".offline")).to_contain_text(LOST)
    expect(page.locator(".offline")).to_contain_text("911")
    question = "what is a biopsy?"
    ask(page, question)
    expect(page.locator(".person")).to_contain_text(question)
    own.start()
    expect(page.locator(".guide").last).to_contain_text("biopsy", timeout=RECONNECTED)
    expect(page.locator(".offline")).to_be_empty()
    assert own.times(_session(page), question) == 1


def test_the_conversation_goes_on_after_a_restart(
    new_context: NewContext, own: OwnServer, knowledge: Knowledge
) -> None:
    page = new_context().new_page()
    page.goto(own.server.url)
    ask(page, "how long have i got?")
    expect(page.locator(".guide").last).to_contain_text(knowledge.text("ask_numbers"))
    own.kill()
    own.start()
    expect(page.locator(".offline")).to_be_empty()
    ask(page, "yes")
    answer = page.locator(".guide").last
    expect(answer).to_contain_text(knowledge.text("numbers_yes"), timeout=RECONNECTED)


def test_a_server_killed_in_the_middle_of_an_answer_answers_after_its_restart(
    new_context: NewContext, own: OwnServer
) -> None:
    page = new_context().new_page()
    page.goto(own.server.url)
    expect(page.locator(".suggestions")).to_be_visible()
    own.process.send_signal(signal.SIGSTOP)  # it has the message, and never answers
    question = "is it catching?"
    ask(page, question)
    expect(page.locator(".typing")).to_contain_text("Looking for an answer")
    own.kill()
    own.start()
    answer = page.locator(".guide").last
    expect(answer).to_contain_text("cannot catch cancer", timeout=RECONNECTED)
    expect(page.locator(".guide", has_text="cannot catch cancer")).to_have_count(1)
    assert own.times(_session(page), question) == 1


def test_a_reload_shows_the_conversation_and_sends_what_waits(
    new_context: NewContext, own: OwnServer
) -> None:
    page = _answered(new_context().new_page(), own.server)
    page.context.set_offline(True)
    own.process.send_signal(signal.SIGSTOP)
    ask(page, "what is a biopsy?")
    page.context.set_offline(False)
    own.process.send_signal(signal.SIGCONT)
    page.reload()
    expect(page.locator(".guide", has_text="cannot catch cancer")).to_have_count(1)
    expect(page.locator(".guide").last).to_contain_text("biopsy", timeout=RECONNECTED)
    expect(page.locator(".person")).to_have_count(2)


def test_without_storage_it_still_works(new_context: NewContext, running: Server) -> None:
    context = new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage',"
        " { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    _answered(context.new_page(), running)


def test_no_answer_offers_to_send_again(new_context: NewContext, running: Server) -> None:
    page = new_context().new_page()
    silent = {"on": False}

    def pass_on(socket: object) -> None:
        server = socket.connect_to_server()  # type: ignore[attr-defined]
        socket.on_message(  # type: ignore[attr-defined]
            lambda text: (
                None if silent["on"] and "user_uttered" in str(text) else server.send(text)
            )
        )

    page.route_web_socket("**/socket.io/**", pass_on)
    page.goto(running.url)
    expect(page.locator(".suggestions")).to_be_visible()
    silent["on"] = True
    ask(page, "what is a biopsy?")
    expect(page.locator(".person")).to_be_visible()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("No answer arrived", timeout=UNANSWERED)
    expect(notice).to_contain_text("911")
    silent["on"] = False
    notice.get_by_role("button", name="Send again").click()
    expect(page.locator(".guide").last).to_contain_text("biopsy")
    expect(notice).to_have_count(0)
    assert focused(page) == "message"


def test_a_lost_acknowledgement_gives_no_second_answer(
    new_context: NewContext, own: OwnServer
) -> None:
    page = new_context().new_page()
    lose = {"acks": False}

    def pass_on(socket: object) -> None:
        server = socket.connect_to_server()  # type: ignore[attr-defined]
        server.on_message(
            lambda text: None if lose["acks"] and str(text).startswith("4") else socket.send(text)  # type: ignore[attr-defined]
        )
        sockets.append(socket)

    sockets: list[object] = []
    page.route_web_socket("**/socket.io/**", pass_on)
    page.goto(own.server.url)
    expect(page.locator(".suggestions")).to_be_visible()
    lose["acks"] = True
    question = "is it catching?"
    ask(page, question)
    page.wait_for_timeout(2_000)
    lose["acks"] = False
    sockets[-1].close()  # type: ignore[attr-defined]
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer", timeout=RECONNECTED)
    expect(page.locator(".guide", has_text="cannot catch cancer")).to_have_count(1)
    assert own.times(_session(page), question) == 1


def test_two_tabs_do_not_mix(new_context: NewContext, running: Server) -> None:
    context = new_context()
    first = _answered(context.new_page(), running)
    with context.expect_page() as opened:
        first.evaluate("window.open(location.href)")  # copies the session storage
    second = opened.value
    expect(second.locator(".suggestions")).to_be_visible()
    expect(second.locator(".person")).to_have_count(0)
    ask(second, "what is a biopsy?")
    expect(second.locator(".guide").last).to_contain_text("biopsy")
    expect(first.locator(".guide", has_text="biopsy")).to_have_count(0)
    assert _session(first) != _session(second)


def test_deleting_removes_the_conversation_here_and_on_the_server(
    new_context: NewContext, own: OwnServer
) -> None:
    page = _answered(new_context().new_page(), own.server)
    before = _session(page)
    assert own.times(before, QUESTION) == 1
    _delete(page)
    expect(page.locator(".note")).to_contain_text("deleted, here and on the server")
    expect(page.locator(".bubble")).to_have_count(0)
    assert not own.said(before)
    assert before.encode() not in (own.folder / "conversations.db").read_bytes()
    assert _session(page) != before
    ask(page, "what is a biopsy?")
    expect(page.locator(".guide").last).to_contain_text("biopsy")


def test_nothing_is_said_to_be_deleted_when_the_server_cannot_be_reached(
    new_context: NewContext, own: OwnServer
) -> None:
    page = _answered(new_context().new_page(), own.server)
    own.kill()
    expect(page.locator(".offline")).to_contain_text(LOST)
    _delete(page)
    expect(page.locator(".note")).to_contain_text("may not be deleted yet")
    expect(page.locator(".guide", has_text="cannot catch cancer")).to_have_count(1)
    own.start()


def test_two_hundred_messages_stay_in_order_and_are_there_after_a_reload(
    new_context: NewContext, running: Server
) -> None:
    page = new_context().new_page()
    page.goto(running.url)
    expect(page.locator(".suggestions")).to_be_visible()
    page.evaluate(
        """() => {
            const name = Object.keys(sessionStorage).find((one) => one.endsWith("entries"));
            const entries = JSON.parse(sessionStorage.getItem(name));
            const reply = { type: "meta", text: "Said before." };
            for (let n = 0; n < 200; n++) {
                entries.push({ id: String(n), text: `message ${n}`, send: "x", hidden: false,
                    status: "answered", tried: true, replies: [reply] });
            }
            sessionStorage.setItem(name, JSON.stringify(entries));
        }"""
    )
    page.reload()
    expect(page.locator(".person")).to_have_count(200)
    started = page.evaluate("performance.now()")
    ask(page, "is it catching?")
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    assert page.evaluate("performance.now()") - started < 5_000
    shown = page.locator(".person").all_inner_texts()
    assert [one.split()[-1] for one in shown[:200]] == [str(number) for number in range(200)]


def _answered(page: Page, server: Server) -> Page:
    """The chat page with one question that was answered."""
    page.goto(server.url)
    ask(page, QUESTION)
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    return page


def _delete(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete this conversation").click()
    page.get_by_role("button", name="Yes, delete it").click()


def _session(page: Page) -> str:
    return str(
        page.evaluate("Object.entries(sessionStorage).find(([k]) => k.endsWith('session'))[1]")
    )
