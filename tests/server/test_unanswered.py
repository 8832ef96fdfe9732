"""A running server that keeps what it did not understand, and the page made of it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Server, free_port, start_server

NONSENSE = "zorp blick fendle 020 7946 0958 wug"
IN_SCOPE = "what does stage 4 mean"
TOKEN = "a-token-of-a-test-0123456789"


@dataclass
class Kept:
    """A server, and the table in its database."""

    server: Server
    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "conversations.db"

    def rows(self) -> list[tuple[str, str, str, str]]:
        with sqlite3.connect(self.database) as connection:
            if not connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'unanswered'"
            ).fetchone():
                return []
            return connection.execute(
                "SELECT day, channel, nearest, text FROM unanswered"
            ).fetchall()

    def rows_after(self, count: int) -> list[tuple[str, str, str, str]]:
        """They are written after the answer."""
        until = time.monotonic() + 10
        while len(self.rows()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.rows()

    def report(self, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "MESOGUIDE_DB": str(self.database), **environment}
        command = [sys.executable, "-m", "mesoguide", "report", "--out", str(out)]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=120, check=False
        )


def kept_by(folder: Path, **environment: str) -> Iterator[Kept]:
    process, server = start_server(folder, **environment)
    yield Kept(server, folder)
    process.terminate()
    assert process.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def keeping(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    yield from kept_by(
        tmp_path_factory.mktemp("keeping"),
        MESOGUIDE_KEEP_UNANSWERED="1",
        MESOGUIDE_METRICS_TOKEN=TOKEN,
    )


def test_only_what_was_not_understood_is_kept_without_the_number(keeping: Kept) -> None:
    person = keeping.server.someone_else()
    assert person.say(IN_SCOPE).data["type"] == "answer"
    heard = person.say(NONSENSE).data
    assert heard["type"] == "fallback"
    person.say("/capabilities")
    person.say("my chest hurts so much and i am sweating")
    ((day, channel, nearest, text),) = keeping.rows_after(1)
    assert text == "zorp blick fendle <phone> wug"
    assert day == time.strftime("%Y-%m-%d", time.gmtime())
    assert channel == "rest"
    offered = [one["payload"].lstrip("/") for one in heard["suggestions"]]
    assert 1 <= len(nearest.split()) <= 3
    assert set(offered) & set(nearest.split()) or "out_of_scope" in nearest
    log = keeping.server.log.read_text()
    assert "zorp" not in log
    assert "Traceback" not in log
    assert person.sender not in str(keeping.rows())


def test_the_page_shows_it_and_what_looks_like_a_script_is_text(
    keeping: Kept, tmp_path: Path
) -> None:
    before = len(keeping.rows())
    heard = keeping.server.someone_else().say("<script>alert('zib')</script> glorp wibble & snark")
    assert heard.data["type"] == "fallback"
    assert len(keeping.rows_after(before + 1)) == before + 1
    out = tmp_path / "some" / "page.html"
    done = keeping.report(out)
    assert done.returncode == 0, done.stderr
    page = out.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(" in page
    assert "wibble &amp; snark" in page
    assert "<script" not in page.lower()
    assert f"<strong>{before + 1} messages</strong>" in page
    assert out.stat().st_mode & 0o077 == 0


def test_counts_are_read_elsewhere_with_the_token_only(keeping: Kept) -> None:
    def ask(**headers: str) -> int:
        elsewhere = {"X-Forwarded-For": "203.0.113.7", **headers}
        request = urllib.request.Request(f"{keeping.server.url}/metrics", headers=elsewhere)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert b"mesoguide_turn_seconds" in answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                assert b"mesoguide" not in error.read()
                assert error.headers["WWW-Authenticate"] == "Bearer"
                return error.code

    assert ask(Authorization=f"Bearer {TOKEN}") == 200
    assert ask(Authorization=f"bearer  {TOKEN} ") == 200
    for wrong in (
        "",
        "Bearer",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
    ):
        assert ask(Authorization=wrong) == 401
    assert ask(Authorization="Bearer \xff\xfe") == 401
    assert ask() == 401
    assert keeping.server.get("/metrics")[0] == 200


def test_a_failure_is_not_kept(keeping: Kept) -> None:
    before = keeping.rows()
    with sqlite3.connect(keeping.database) as connection:
        connection.execute("ALTER TABLE events RENAME TO gone")
    try:
        heard = keeping.server.someone_else().say("flurb dringle oxo")
    finally:
        with sqlite3.connect(keeping.database) as connection:
            connection.execute("ALTER TABLE gone RENAME TO events")
    assert "Something went wrong on my side" in heard.data["text"]
    assert keeping.server.someone_else().say(NONSENSE).data["type"] == "fallback"
    texts = [text for *_, text in keeping.rows_after(len(before) + 1)]
    assert len(texts) == len(before) + 1
    assert not any("flurb" in text for text in texts)


def test_a_table_that_cannot_be_written_is_a_line_for_the_operator_only(keeping: Kept) -> None:
    with sqlite3.connect(keeping.database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS unanswered (text)")
        connection.execute("ALTER TABLE unanswered RENAME TO elsewhere")
        connection.execute("CREATE VIEW unanswered AS SELECT * FROM elsewhere")
    person = keeping.server.someone_else()
    assert person.say(NONSENSE).data["type"] == "fallback"
    assert person.say(IN_SCOPE).data["type"] == "answer"
    until = time.monotonic() + 10
    while "was not noted" not in keeping.server.log.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    log = keeping.server.log.read_text()
    assert log.count("a message that was not understood was not noted: OperationalError") == 1
    assert "wug" not in log


@pytest.mark.parametrize("environment", [{}, {"MESOGUIDE_KEEP_UNANSWERED": "0"}])
def test_nothing_is_kept_when_that_is_not_asked_for(
    environment: dict[str, str], model: Path, tmp_path: Path
) -> None:
    for kept in kept_by(tmp_path, **environment):
        assert kept.server.say(NONSENSE).data["type"] == "fallback"
    assert kept.rows() == []  # the server has ended, and waits then for what is being written
    done = kept.report(tmp_path / "page.html")
    assert done.returncode == 0
    assert "MESOGUIDE_KEEP_UNANSWERED=1" in done.stdout
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MESOGUIDE_KEEP_UNANSWERED", "yes", "MESOGUIDE_KEEP_UNANSWERED is 'yes': use 1"),
        ("MESOGUIDE_KEEP_UNANSWERED_DAYS", "365", "use a number from 1 to 90"),
        ("MESOGUIDE_METRICS_TOKEN", "short-one", "MESOGUIDE_METRICS_TOKEN is too short"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_at_the_start(
    name: str, value: str, said: str, model: Path
) -> None:
    command = [sys.executable, "-m", "mesoguide", "serve", "--port", str(free_port())]
    done = subprocess.run(
        command,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "short-one" not in done.stderr
    assert "Traceback" not in done.stderr
