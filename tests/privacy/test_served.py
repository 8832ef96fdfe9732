"""The real server: what it writes down holds no planted identifier, and deleting is deleting."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mesoguide.core.knowledge import Knowledge
from mesoguide.privacy.redaction import redacted
from mesoguide.storage.bounded import TURNS
from mesoguide.storage.retention import SETTING
from tests.channels.test_socket import Widget
from tests.conftest import Server, start_server
from tests.privacy.planted import planted

LONG_ENOUGH = 6  # characters that are in no file by chance
DAY = 24 * 3600
LIMIT = 20.0  # seconds
SECRET = "my neighbour keeps purple hens, what does stage 4 mean"
OLD = "something said days ago"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def served(model: Path, folder: Path) -> Iterator[Server]:
    """Started on a database that holds an old conversation."""
    _prepare(folder / "conversations.db")
    process, server = start_server(folder, MESOGUIDE_MESSAGES_PER_MINUTE="100000")
    yield server
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert "Traceback" not in server.log.read_text()
    assert "delete_what_is_old" not in server.log.read_text()  # its task ends with the server


def _prepare(file: Path) -> None:
    """A conversation of three days ago, in a database of an earlier version, without indexes."""
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255) NOT NULL, "
            "type_name VARCHAR(255) NOT NULL, timestamp FLOAT, intent_name VARCHAR(255), "
            "action_name VARCHAR(255), data TEXT)"
        )
        data = json.dumps({"event": "user", "timestamp": 1.0, "text": OLD})
        row = ("old", "user", time.time() - 3 * DAY, data)
        database.execute(
            "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, ?, ?, ?)", row
        )
        database.commit()


@pytest.fixture
def person(served: Server) -> Server:
    return served.someone_else()


def _files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def _holds(written: bytes, text: str) -> bool:
    return any(form.encode() in written for form in (text, json.dumps(text)[1:-1]))


def _stored(folder: Path, sender: str | None = None) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "conversations.db", timeout=LIMIT)) as database:
        rows = database.execute("SELECT sender_id, data FROM events ORDER BY id").fetchall()
    return [json.loads(data) for id_, data in rows if sender in (None, id_)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def test_nothing_planted_is_written_down(served: Server, folder: Path) -> None:
    all_ = planted()
    for one in all_:
        assert served.someone_else().say(one.text).data["text"]
    caught = [one for one in all_ if not one.left_in(redacted(one.text))]
    assert len(caught) >= len(all_) - 2  # the rest is told in docs/privacy.md
    written = _files(folder) + served.get("/metrics")[2]
    pieces = [piece for one in caught for piece in one.pieces]
    long = [piece for piece in pieces if len(piece) >= LONG_ENOUGH]
    assert [piece for piece in long if _holds(written, piece)] == []
    said = [event for event in _stored(folder) if event["event"] == "user"]
    assert len(said) >= len(all_)
    texts = "\n".join(
        text
        for event in said
        for text in _strings({**event, "message_id": "", "parse_data": _words(event)})
    )
    assert [one for one in caught if one.text in texts] == []
    assert "<name>" in texts
    assert "<phone>" in texts


def _words(event: dict[str, Any]) -> dict[str, Any]:
    data = event["parse_data"]
    return {name: data.get(name) for name in ("text", "entities", "metadata")}


def test_the_turn_itself_hears_the_words_as_they_were_typed(person: Server, folder: Path) -> None:
    heard = person.say("my husband Trevor has meso, what are the side effects of keytruda")
    assert heard.data["topic"] == "side_effects"
    (said,) = (one for one in _stored(folder, person.sender) if one["event"] == "user")
    assert said["text"].startswith("my husband <name> has meso")
    assert said["parse_data"]["text"] == said["text"]
    assert said["parse_data"]["intent"]["name"] == "side_effects"


def test_what_a_site_sends_beside_a_message_is_looked_through(person: Server, folder: Path) -> None:
    body = {
        "sender": person.sender,
        "message": "hello",
        "metadata": {"who": ["I am Roger Featherstonehaugh"], "mail": "r@example.org"},
    }
    request = urllib.request.Request(
        f"{person.url}/webhooks/rest/webhook",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        assert answer.status == 200
    for _ in range(TURNS + 1):  # so many that a state is read
        person.say("thanks")
    written = _files(folder).decode(errors="ignore")
    assert "Featherstonehaugh" not in written
    assert "r@example.org" not in written
    assert "<email>" in written


def test_what_is_old_is_deleted_at_the_start(served: Server, folder: Path) -> None:
    _until(lambda: "1 conversations without a message for 24 hours" in served.log.read_text())
    assert _stored(folder, "old") == []
    assert not _holds(_files(folder), OLD)


def test_asked_to_delete_it_is_gone_at_once(
    person: Server, folder: Path, knowledge: Knowledge
) -> None:
    person.say(SECRET)
    assert _holds(_files(folder), "purple hens")
    assert person.say("delete my data please").data["text"] == knowledge.text("delete_ask")
    assert _stored(folder, person.sender)
    heard = person.say("yes")
    assert heard.data["text"].startswith(knowledge.text("delete_done"))
    assert _stored(folder, person.sender) == []
    assert not _holds(_files(folder), "purple hens")
    assert not _holds(_files(folder), person.sender)
    again = person.say("what does stage 4 mean")
    assert again.data["intro"][0] == knowledge.text("intro_program")
    assert len([e for e in _stored(folder, person.sender) if e["event"] == "user"]) == 1


def test_said_no_it_stays(person: Server, folder: Path) -> None:
    person.say("what does stage 4 mean")
    person.say("/delete_my_data")
    person.say("/deny")
    assert len([e for e in _stored(folder, person.sender) if e["event"] == "user"]) == 3


def test_in_the_widget_too_and_a_message_that_comes_again_is_heard_anew(
    served: Server, folder: Path, knowledge: Knowledge
) -> None:
    widget = Widget(served.url).connect()
    widget.say("what does stage 4 mean")
    widget.say("/delete_my_data")
    id_ = secrets.token_hex(16)
    assert widget.say("/affirm", id_)[0]["text"].startswith(knowledge.text("delete_done"))
    assert _stored(folder, widget.session) == []
    again = widget.say("/affirm", id_, again=True)
    assert knowledge.text("yes_to_what") in again[0]["text"]
    widget.client.disconnect()


def test_what_cannot_be_deleted_now_is_said_and_logged(
    person: Server, folder: Path, knowledge: Knowledge
) -> None:
    person.say("what does stage 4 mean")
    person.say("/delete_my_data")
    with closing(sqlite3.connect(folder / "conversations.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # it can be read, and not be written
        heard = person.say("/affirm")
        other.execute("ROLLBACK")
    texts = "\n".join(heard.texts)
    assert knowledge.text("delete_failed") in texts
    assert "NotDeletedYet" in person.log.read_text()
    assert _stored(folder, person.sender)
    assert person.say("/affirm").texts[0].startswith(knowledge.text("delete_done"))
    assert _stored(folder, person.sender) == []


def test_a_setting_that_cannot_be_used_is_said_before_anything_is_served(
    model: Path, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=f"{SETTING} is 'soon'"):
        start_server(tmp_path, **{SETTING: "soon"})


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.1)
