"""`mesoguide export` and `mesoguide purge`, on both kinds of database, beside stores in use."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from mesoguide import cli, paths
from mesoguide.storage.bounded import BoundedTrackerStore
from mesoguide.storage.unanswered import Unanswered, UnansweredTable, today
from tests.storage.test_bounded import Database, a_database, server, talk
from tests.storage.test_retention import at, senders, states

DAY = 24 * 3600.0
SECRET = "a sentence that must be gone"
LIMIT = 5.0  # seconds of a command; a model alone takes longer


@pytest.fixture(params=["file", "postgres"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    monkeypatch.chdir(tmp_path)  # the command changes into the checkout
    with a_database(request.param, tmp_path, server(request)) as database:
        settings = database.settings
        monkeypatch.setenv("MESOGUIDE_DB", settings.get("host") or settings["db"])
        yield database


@pytest.fixture
async def store(database: Database) -> BoundedTrackerStore:
    """Three conversations, one of them old."""
    store = database.ours()
    now = time.time()
    await talk(store, [at(now, "I'm Roger"), at(now + 1, "and stage 4?")], "mine")
    await talk(store, [at(now)], "yours")
    await talk(store, [at(now - 2 * DAY, SECRET)], "old")
    return store


async def test_all_of_one_conversation_as_json(
    store: BoundedTrackerStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "mine"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sender"] == "mine"
    assert [one["text"] for one in found["events"] if one["event"] == "user"] == [
        "I'm <name>",
        "and stage 4?",
    ]
    tracker = await store.retrieve_full_tracker("mine")
    assert tracker
    assert found["events"] == [event.as_dict() for event in tracker.events]


async def test_as_lines_to_read(
    store: BoundedTrackerStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "mine", "--text"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("UTC  ")[2] for line in lines] == [
        "person: I'm <name>",
        "assistant: Hello",
        "person: and stage 4?",
        "assistant: Hello",
    ]


async def test_into_a_file_that_only_the_operator_can_read(
    store: BoundedTrackerStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "mine", "--out", "mine.json"]) == 0
    file = tmp_path / "mine.json"
    assert json.loads(file.read_text(encoding="utf-8"))["sender"] == "mine"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in capsys.readouterr().out
    assert cli.main(["export", "mine", "--out", "/nowhere/mine.json"]) == 1
    assert "Not written" in capsys.readouterr().err


async def test_a_conversation_that_is_not_there(
    store: BoundedTrackerStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "nobody"]) == 1
    heard = capsys.readouterr()
    assert heard.out == ""
    assert "nobody" in heard.err


@pytest.mark.parametrize(
    ("which", "left", "count"),
    [
        (["--older-than", "24"], ["mine", "yours"], "1 conversation."),
        (["--older-than", "72"], ["mine", "old", "yours"], "nothing to delete"),
        (["--sender", "mine"], ["old", "yours"], "1 conversation."),
        (["--sender", "nobody"], ["mine", "old", "yours"], "nothing to delete"),
        (["--all"], [], "3 conversations."),
    ],
)
async def test_what_is_meant_is_deleted_and_no_more(
    store: BoundedTrackerStore,
    capsys: pytest.CaptureFixture[str],
    which: list[str],
    left: list[str],
    count: str,
) -> None:
    assert cli.main(["purge", "--yes", *which]) == 0
    assert count in capsys.readouterr().out
    assert await senders(store) == states(store) == left


async def test_all_reaches_what_was_kept_of_unanswered_messages(
    store: BoundedTrackerStore, capsys: pytest.CaptureFixture[str]
) -> None:
    table = UnansweredTable(days=90)
    table.add(Unanswered(today(), "rest", (), SECRET))
    assert cli.main(["purge", "--sender", "mine", "--yes"]) == 0
    assert len(table.since(today())) == 1
    assert cli.main(["purge", "--all", "--yes"]) == 0
    assert "2 conversations and what was kept of 1 unanswered" in capsys.readouterr().out
    assert table.since(today()) == []
    assert cli.main(["purge", "--all", "--yes"]) == 0
    assert "nothing to delete" in capsys.readouterr().out
    table.close()


async def test_nothing_is_left_in_the_files(store: BoundedTrackerStore, tmp_path: Path) -> None:
    assert cli.main(["purge", "--yes", "--older-than", "24"]) == 0
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert SECRET.encode() not in written


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("y\n", 1), ("no\n", 1), ("", 1)])
async def test_it_asks_first(
    store: BoundedTrackerStore,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    code: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(answer))
    assert cli.main(["purge", "--all"]) == code
    heard = capsys.readouterr()
    assert "Delete 3 conversations for good? Type yes:" in heard.out
    assert ("Nothing was deleted" in heard.err) == bool(code)
    assert (await senders(store) == []) == (code == 0)


@pytest.mark.parametrize(
    "options", [[], ["--all", "--sender", "x"], ["--older-than", "a day"], ["--older-than", "-1"]]
)
def test_wrong_use(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["purge", *options])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("missing.db", "no database at"),
        ("postgresql://me:secret@127.0.0.1:1/x", "could not be used"),
        ("nosuch://me:secret@host/x", "no URL"),
        ("empty.db", "no conversations"),
    ],
)
def test_a_database_that_cannot_be_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    said: str,
) -> None:
    (tmp_path / "empty.db").touch()
    where = setting if "://" in setting else str(tmp_path / setting)
    monkeypatch.setenv("MESOGUIDE_DB", where)
    for command in (["export", "mine"], ["purge", "--all", "--yes"]):
        assert cli.main(command) == 1
        error = capsys.readouterr().err
        assert said in error
        assert "secret" not in error
    assert not (tmp_path / "missing.db").exists()


async def test_a_locked_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_database("file", tmp_path) as database:
        await talk(database.ours(), [at(1.0, SECRET)], "old")
        file = database.settings["db"]
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            done = _run(file, "purge", "--all", "--yes")
        assert done.returncode == 1
        assert done.stderr.startswith("The database could not be used: OperationalError")
        assert SECRET not in done.stderr


async def test_it_starts_at_once_and_says_how_it_is_used(tmp_path: Path) -> None:
    with a_database("file", tmp_path) as database:
        await talk(database.ours(), [at(1.0)], "mine")
        start = time.monotonic()
        done = _run(database.settings["db"], "export", "mine")
        assert time.monotonic() - start < LIMIT
        assert done.returncode == 0, done.stderr
        assert not done.stderr
    for command in ("export", "purge"):
        assert "while the server runs" in _run("none", command, "--help").stdout.replace("\n", " ")


def test_it_loads_neither_rasa_nor_a_model() -> None:
    code = (
        "import sys; from mesoguide import cli; cli.main(['export', 'nobody']);"
        "print([name for name in ('rasa', 'tensorflow', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.ROOT
    )
    assert done.stdout.strip().endswith("[]")


def _run(database: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mesoguide", *command],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=paths.ROOT,
        env={**os.environ, "MESOGUIDE_DB": database},
        check=False,
    )
