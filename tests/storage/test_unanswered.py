"""The table of what was not understood: what is kept, for how long, and how much."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mesoguide.paths import BadSetting
from mesoguide.storage import unanswered
from mesoguide.storage.unanswered import (
    DAYS_SETTING,
    SETTING,
    TABLE,
    Unanswered,
    UnansweredTable,
    is_wanted,
    keep_days,
    today,
)


def one(text: str, days_ago: int = 0) -> Unanswered:
    nearest = ("daily_life", "chemotherapy")
    return Unanswered(today() - timedelta(days=days_ago), "rest", nearest, text)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "conversations.db")
    url = str(request.getfixturevalue("postgres_url"))
    engine = sa.create_engine(url)
    TABLE.drop(engine, checkfirst=True)
    engine.dispose()
    return url


def test_what_is_kept_is_read_again(database: str) -> None:
    table = UnansweredTable(90, database)
    kept = one("can we fly? \u2708 %s")
    table.add(kept)
    table.close()
    again = UnansweredTable(90, database)
    assert again.since(today()) == [kept]
    again.close()


def test_a_row_tells_neither_who_nor_when_nor_in_which_order(database: str) -> None:
    table = UnansweredTable(90, database)
    for number in range(12):
        table.add(one(f"message {number}"))
    engine = sa.create_engine(database if "://" in database else f"sqlite:///{database}")
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM unanswered ORDER BY id")).mappings().all()
    engine.dispose()
    table.close()
    assert set(rows[0]) == {"id", "day", "channel", "nearest", "text"}
    assert len(str(rows[0]["day"])) == len("2026-01-01")
    assert [row["text"] for row in rows] != [f"message {number}" for number in range(12)]


def test_what_is_too_old_is_deleted_with_the_next_and_by_itself(database: str) -> None:
    long, short = UnansweredTable(90, database), UnansweredTable(30, database)
    for days in (29, 30, 89):
        long.add(one(f"{days} days", days))
    assert [row.text for row in short.since(today() - timedelta(days=400))] == ["29 days"]
    assert short.tidy() == 2
    assert [row.text for row in long.since(today() - timedelta(days=400))] == ["29 days"]
    long.add(one("too old already", 90))
    assert [row.text for row in long.since(today() - timedelta(days=400))] == ["29 days"]
    long.close()
    short.close()


def test_of_too_many_the_oldest_go(database: str) -> None:
    table = UnansweredTable(90, database, most=3)
    for days in (4, 0, 3, 1, 2):
        table.add(one(f"{days} days", days))
    assert [row.text for row in table.since(today() - timedelta(days=90))] == [
        "2 days",
        "1 days",
        "0 days",
    ]
    table.close()


def test_odd_characters_and_long_messages_are_kept_as_far_as_they_can_be(database: str) -> None:
    table = UnansweredTable(90, database)
    table.add(one("nul \x00 half \ud83d " + "x" * 5000))
    (row,) = table.since(today())
    assert row.text.startswith("nul   half ? x")
    assert len(row.text) == unanswered.LONGEST
    table.close()


def test_looking_makes_no_database(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    table = UnansweredTable(90, str(file))
    assert table.since(today()) == []
    assert table.tidy() == 0
    assert not file.exists()


def test_a_database_without_the_table_has_none(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    sqlite3.connect(file).close()
    file.touch()
    assert UnansweredTable(90, str(file)).since(today()) == []


@pytest.mark.parametrize(("written", "wanted"), [("", False), ("0", False), ("1", True)])
def test_they_are_kept_only_when_that_is_asked_for(
    written: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, written)
    assert is_wanted() is wanted
    monkeypatch.delenv(SETTING)
    assert is_wanted() is False


@pytest.mark.parametrize("written", ["yes", "true", "2", "on"])
def test_any_other_value_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, written)
    with pytest.raises(BadSetting, match=f"{SETTING} is '{written}'"):
        is_wanted()


@pytest.mark.parametrize("written", ["0", "91", "-1", "ten", "1.5", "٣"])
def test_days_that_cannot_be_are_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAYS_SETTING, written)
    with pytest.raises(BadSetting, match="use a number from 1 to 90"):
        keep_days()


def test_the_usual_number_of_days_is_the_most() -> None:
    assert keep_days() == 90
