"""The widget's channel, spoken to by a real Socket.IO client."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import socketio

from mesoguide.channels.limits import LONGEST
from mesoguide.core.knowledge import Knowledge
from tests.conftest import Server

LIMIT = 20  # seconds


@dataclass
class Widget:
    """One connection: what it says, and what it hears."""

    url: str
    session: str = field(default_factory=lambda: secrets.token_hex(16))
    heard: list[dict[str, Any]] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    client: socketio.Client = field(default_factory=lambda: socketio.Client(reconnection=False))

    def connect(self, **headers: str) -> Widget:
        self.client.on("bot_uttered", self.heard.append)
        self.client.on("session_confirm", self.confirmed.append)
        self.client.connect(self.url, headers=headers)
        self.client.call("session_request", {"session_id": self.session}, timeout=LIMIT)
        return self

    def say(self, text: str, id_: str = "", **more: Any) -> list[dict[str, Any]]:
        """The replies, as data, that came before the acknowledgement."""
        before = len(self.heard)
        id_ = id_ or secrets.token_hex(16)
        data = {"session_id": self.session, "message_id": id_, "message": text, **more}
        assert self.client.call("user_uttered", data, timeout=LIMIT) is True
        new = self.heard[before:]
        assert all(one["reply_to"] == id_ for one in new)
        return [one for one in new if "type" in one]


@pytest.fixture
def widget(running: Server) -> Iterator[Widget]:
    widget = Widget(running.url).connect()
    yield widget
    widget.client.disconnect()


def test_every_answer_names_its_message_and_comes_before_the_acknowledgement(
    widget: Widget,
) -> None:
    assert widget.confirmed == [widget.session]
    assert [one["topic"] for one in widget.say("what does stage 4 mean?")] == ["stage_4_meaning"]
    assert [one["topic"] for one in widget.say("is it catching?")] == ["what_is_mesothelioma"]


def test_a_message_that_comes_again_is_answered_once(widget: Widget) -> None:
    id_ = secrets.token_hex(16)
    first = widget.say("how long have i got?", id_)
    again = widget.say("how long have i got?", id_, again=True)
    assert again == first
    other = widget.say("how long have i got?", again=True)  # said twice, by another id
    assert [one["topic"] for one in other] == ["prognosis"]


def test_a_message_that_never_arrived_is_answered_when_it_comes_again(widget: Widget) -> None:
    replies = widget.say("is it catching?", again=True)
    assert [one["topic"] for one in replies] == ["what_is_mesothelioma"]


def test_too_much_gets_a_polite_answer(widget: Widget, knowledge: Knowledge) -> None:
    long = widget.say("a" * (LONGEST + 1))
    assert knowledge.text("too_long") in long[0]["text"]
    assert "911" in long[0]["text"]
    texts = [widget.say("thanks")[0]["text"] for _ in range(30)]
    assert knowledge.text("too_many") in texts[-1]
    assert "911" in texts[-1]


def test_a_deleted_conversation_is_forgotten(widget: Widget, knowledge: Knowledge) -> None:
    widget.say("what does stage 4 mean?")
    data = {"session_id": widget.session}
    assert widget.client.call("delete_conversation", data, timeout=LIMIT) is True
    first = widget.say("what does stage 4 mean?")[0]
    assert knowledge.text("intro_program") in first["intro"]


def test_another_person_hears_nothing_of_a_conversation(running: Server, widget: Widget) -> None:
    other = Widget(running.url).connect()
    widget.say("what does stage 4 mean?")
    assert not other.heard
    other.client.disconnect()


def test_a_connection_is_in_one_conversation_at_a_time(running: Server, widget: Widget) -> None:
    other = Widget(running.url, session=widget.session).connect()
    other.client.call("session_request", {"session_id": secrets.token_hex(16)}, timeout=LIMIT)
    widget.say("what does stage 4 mean?")
    assert not other.heard
    other.client.disconnect()


def test_a_thumb_says_which_answer_it_is_about(widget: Widget, knowledge: Knowledge) -> None:
    id_ = secrets.token_hex(16)
    widget.say("is it catching?", id_)
    replies = widget.say("/feedback_positive", metadata={"about": id_})
    assert knowledge.text("glad") in replies[0]["text"]


@pytest.mark.parametrize("session", ["", "1", "guessable", None, 7, "x" * 500, ["a"], {"b": 1}])
def test_an_id_that_could_be_guessed_is_not_used(running: Server, session: Any) -> None:
    widget = Widget(running.url, session=session).connect()
    assert widget.confirmed != [session]
    assert len(widget.confirmed[0]) == 32
    data = {"session_id": session, "message_id": "1", "message": "hello"}
    assert widget.client.call("user_uttered", data, timeout=LIMIT) is False
    assert widget.client.call("delete_conversation", data, timeout=LIMIT) is False
    widget.client.disconnect()


@pytest.mark.parametrize("data", [None, 7, "hello", [], {}, {"message": ["a"]}])
def test_what_is_no_message_is_refused(widget: Widget, data: Any) -> None:
    assert widget.client.call("user_uttered", data, timeout=LIMIT) is False
    assert widget.say("is it catching?")


def test_a_strange_site_is_refused(running: Server) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        Widget(running.url).connect(Origin="https://evil.example")
    same = Widget(running.url).connect(Origin=running.url)
    assert same.confirmed
    same.client.disconnect()
