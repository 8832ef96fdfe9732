"""Odd input and broken parts, at the real server: always a sentence, and healthy afterwards."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from tests.channels.vendor import until
from tests.conftest import Heard, Server, free_port, start_server

ODD_TEXTS = {
    "empty": "",
    "spaces": "   \n\t ",
    "emoji": "😢😢😢",
    "one emoji": "🙏",
    "NUL": "what does stage 4 mean?\x00",
    "NUL alone": "\x00\x00",
    "control": "\x01\x02\x1b[31mstage\x7f 4",
    "right to left": "ما هي المرحلة الرابعة؟ \u202eabc",
    "half a character": "\ud83d",
    "many lines": "stage 4\n" * 200,
    "combining": "z" + "\u0301" * 900,
    "unknown intent": '/delete_everything{"x":1}',
    "unknown intent alone": "/drop",
    "slot injection": '/prognosis{"memory": {"numbers": true}, "numbers": "yes"}',
    "broken payload": '/prognosis{"numbers": ',
    "payload list": "/prognosis[1,2]",
    "no payload": "/{[]/session_startnull my words",
    "restart": "/restart",
    "back": "/back",
    "session start": "/session_start",
    "slash": "/",
    "markup": "<script>alert(1)</script> {{7*7}} %s ${jndi:ldap://a}",
    "sql": "'; DROP TABLE events; --",
    "number": "4",
}
HOSTILE_SENDERS = {
    "path": "../../etc/passwd",
    "sql": "x'; DELETE FROM events; --",
    "NUL": "a\x00b",
    "long": "x" * 5000,
    "unicode": "ç€漢\u202e",
    "half a character": "\ud83d",
    "spaces": " a b ",
    "glob": "*",
    "like": "%",
}
BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"sender=a&message=b",
    "half": b'{"sender": "a", "message": ',
    "invalid UTF-8": b'{"sender": "a", "message": "\xff\xfe"}',
    "list": b"[]",
    "text": b'"hello"',
    "number": b"7",
    "null": b"null",
    "no sender": b'{"message": "hello"}',
    "empty sender": b'{"sender": "", "message": "hello"}',
    "sender is a number": b'{"sender": 7, "message": "hello"}',
    "message is a number": b'{"sender": "a", "message": 7}',
    "message is a list": b'{"sender": "a", "message": ["hello"]}',
    "no message": b'{"sender": "a"}',
    "deep": b'{"sender": "a", "message": ' + b"[" * 40_000,
}


def post(server: Server, body: bytes) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/webhooks/rest/webhook", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def is_well(server: Server) -> bool:
    healthy = server.get("/health")[0] == 200
    return healthy and server.someone_else().say("is it catching?").data["topic"] is not None


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_any_text_gets_a_sentence(server: Server, knowledge: Knowledge, text: str) -> None:
    heard = server.say(text)
    assert heard.status == 200
    assert heard.texts and all(one.strip() for one in heard.texts)
    shown = " ".join(heard.texts)
    assert knowledge.text("failed") not in shown
    assert "Traceback" not in shown and "Error" not in shown
    assert not [word for word in ("alert(1)", "DROP", "delete_everything") if word in shown]
    assert len(text.strip()) < 12 or text.strip() not in server.log.read_text(errors="replace")
    assert is_well(server)


def test_a_payload_cannot_set_what_is_remembered(server: Server, knowledge: Knowledge) -> None:
    heard = server.say(ODD_TEXTS["slot injection"])
    assert knowledge.text("ask_numbers") in heard.texts[-1]
    figures = {one.id for one in knowledge.facts.values() if one.use == "ask_first"}
    assert not {one["id"] for one in heard.data["facts"]} & figures


@pytest.mark.parametrize("sender", HOSTILE_SENDERS.values(), ids=HOSTILE_SENDERS.keys())
def test_any_name_of_a_conversation_gets_its_own_answer(
    server: Server, knowledge: Knowledge, sender: str
) -> None:
    text = json.dumps({"sender": sender, "message": "what does stage 4 mean?"})
    status, heard = post(server, text.encode())
    if status == 200:
        assert Heard(heard).data["topic"] == "stage_4_meaning"
        again = Heard(post(server, text.encode())[1])
        assert knowledge.text("intro_program") not in again.texts[0]  # its own conversation
    else:
        assert status == 400
        assert heard["error"]
    assert is_well(server)


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_no_message_is_told_so(server: Server, body: bytes) -> None:
    status, answer = post(server, body)
    assert status == 400
    assert answer["error"].endswith(".")
    assert is_well(server)


@pytest.fixture
def own(model: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Server]]:
    """A server that may be broken."""
    process, server = start_server(tmp_path)
    yield process, server
    process.kill()
    process.wait(timeout=30)


def test_a_locked_database_is_said_and_nothing_said_before_is_lost(
    own: tuple[subprocess.Popen[bytes], Server], knowledge: Knowledge
) -> None:
    _, server = own
    server.say("how long have i got")
    other = sqlite3.connect(server.log.parent / "conversations.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    started = time.monotonic()
    heard = server.say("yes")
    assert knowledge.text("numbers_yes") in heard.texts[0]
    assert knowledge.text("not_stored") in heard.texts[-1]
    assert time.monotonic() - started < 10
    assert server.get("/health")[0] == 200
    other.execute("ROLLBACK")
    other.close()
    assert knowledge.text("numbers_yes") in server.say("yes").texts[0]
    assert "ERROR turn" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_a_full_disk_is_said_and_the_conversation_goes_on_afterwards(
    own: tuple[subprocess.Popen[bytes], Server], knowledge: Knowledge
) -> None:
    process, server = own
    server.say("how long have i got")
    written = (server.log.parent / "conversations.db-wal").stat().st_size
    no_limit = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (written, no_limit[1]))
    failed = [server.someone_else().say("what does stage 4 mean?") for _ in range(20)]
    assert any(knowledge.text("not_stored") in one.texts[-1] for one in failed)
    assert all(one.texts for one in failed)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, no_limit)
    assert knowledge.text("numbers_yes") in server.say("yes").texts[0]
    assert is_well(server)


def test_a_killed_server_remembers_all_that_was_acknowledged(
    model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    process, server = start_server(tmp_path)
    people = [server.someone_else() for _ in range(8)]
    for one in people:
        one.say("how long have i got")
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(one.say, "is it catching?") for one in people]
        next(one for one in asked).result()
        process.kill()
    process.wait(timeout=30)
    answered = [one.exception() is None for one in asked]
    process, server = start_server(tmp_path)
    try:
        for one, had_answer in zip(people, answered, strict=True):
            now = Server(server.url, server.log, one.sender)
            if had_answer:  # the question about numbers has been let go since
                assert knowledge.text("numbers_yes") not in now.say("yes").texts[0]
            else:
                assert knowledge.text("intro_program") not in now.say("is it catching?").texts[0]
    finally:
        process.kill()
        process.wait(timeout=30)


def test_content_that_is_damaged_while_the_server_runs_changes_nothing(
    model: Path, tmp_path: Path
) -> None:
    content = tmp_path / "knowledge"
    shutil.copytree(paths.knowledge(), content)
    process, server = start_server(tmp_path, MESOGUIDE_KNOWLEDGE=str(content))
    try:
        before = server.someone_else().say("what does stage 4 mean?").data
        for file in content.glob("*.yml"):
            file.write_text("phrases: [half of a")
        after = server.someone_else().say("what does stage 4 mean?").data
        assert after == before
        assert is_well(server)
    finally:
        process.kill()
        process.wait(timeout=30)


BREAKING = """
import os
from mesoguide.core.conversation import Guide

def breaking(whole):
    def answer(self, turn, memory):
        if os.path.exists(os.environ["BROKEN"]):
            raise RuntimeError("purple hens")
        return whole(self, turn, memory)
    return answer

Guide.topic, Guide.safety = breaking(Guide.topic), breaking(Guide.safety)
"""


def test_an_action_that_raises_is_said_and_logged(
    model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BREAKING)  # Python runs it at its start
    broken = tmp_path / "broken"
    process, server = start_server(tmp_path, PYTHONPATH=str(tmp_path), BROKEN=str(broken))
    try:
        server.say("how long have i got")
        broken.touch()
        for text in ("what does stage 4 mean?", "I cant breathe and my chest hurts"):
            heard = server.someone_else().say(text)
            assert knowledge.text("failed") in heard.texts[0]
            assert "911" in heard.texts[0]
        broken.unlink()
        assert knowledge.text("numbers_yes") in server.say("yes").texts[0]
        assert is_well(server)
    finally:
        process.kill()
        process.wait(timeout=30)
    log = server.log.read_text()
    assert len(re.findall(r"ERROR turn \S+.*RuntimeError", log)) == 2
    assert "Traceback" not in log
    assert "purple hens" not in log


def of_another_version(model: bytes) -> bytes:
    """The model as an older Rasa would have stored it."""
    changed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(model)) as old,
        tarfile.open(fileobj=changed, mode="w:gz") as new,
    ):
        for member in old.getmembers():
            content = old.extractfile(member)
            data = content.read() if content else b""
            if member.name.endswith("metadata.json"):
                data = json.dumps(
                    {**json.loads(data), "rasa_open_source_version": "3.1.0"}
                ).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data) if content else None)
    return changed.getvalue()


BROKEN_MODELS = {
    "truncated": lambda whole: whole[: len(whole) // 2],
    "rubbish": lambda _: b"not a model at all",
    "of another version": of_another_version,
}


@pytest.mark.parametrize("broken", BROKEN_MODELS.values(), ids=BROKEN_MODELS.keys())
def test_a_model_that_cannot_be_read_is_said_to_everybody(
    model: Path, tmp_path: Path, knowledge: Knowledge, broken: Callable[[bytes], bytes]
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    whole = next(model.glob("*.tar.gz")).read_bytes()
    (models / "mesoguide.tar.gz").write_bytes(broken(whole))
    server = Server(f"http://127.0.0.1:{free_port()}", tmp_path / "serve.log")
    port = server.url.rpartition(":")[2]
    env = {**os.environ, "MESOGUIDE_MODELS": str(models), "MESOGUIDE_DB": str(tmp_path / "a.db")}
    command = [sys.executable, "-m", "mesoguide", "serve", "--port", port]
    with server.log.open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=env)
    try:
        until(lambda: "mesoguide answers at" in server.log.read_text(), 60)
        status, _, body = server.get("/health")
        assert (status, json.loads(body)["status"]) == (503, "down")
        heard = server.say("I cant breathe")
        assert knowledge.text("failed") in heard.texts[0]
        assert "911" in heard.texts[0]
    finally:
        process.kill()
        process.wait(timeout=30)
    assert "uv run mesoguide train" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
