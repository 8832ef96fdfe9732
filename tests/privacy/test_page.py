"""docs/privacy.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mesoguide import cli, paths
from mesoguide.privacy.redaction import KINDS, redacted
from mesoguide.storage import erasing, retention
from mesoguide.storage.bounded import EVENTS, STATES
from tests.privacy.planted import planted

FILE = paths.ROOT / "docs" / "privacy.md"
TEXT = FILE.read_text(encoding="utf-8")


def rows(head: str) -> dict[str, list[str]]:
    """The table with this first heading: its first cells without marks, and the other cells."""
    table = TEXT.split(f"| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table]
    return {first.strip().strip("`"): rest for first, *rest in cells}


def test_kinds_are_those_of_the_code() -> None:
    assert {name: rest[0].rstrip(" |") for name, rest in rows("stored").items()} == KINDS


def test_stores_are_those_of_the_code() -> None:
    named = {name.partition("`")[0] for name in rows("store")}
    assert {EVENTS.name, STATES.name} <= named
    assert {table.name for table in erasing.TABLES} == {EVENTS.name, STATES.name}


def test_settings_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = rows("setting")
    for name in settings:
        monkeypatch.delenv(name, raising=False)
    assert settings[retention.SETTING][0] == f"{retention.keep_hours():g}"
    assert settings["MESOGUIDE_DB"][0].strip("`") == Path(paths.database()).name
    assert retention.EVERY == 5 * 60
    assert "every five minutes" in TEXT
    code = "".join(file.read_text("utf-8") for file in (paths.ROOT / "mesoguide").rglob("*.py"))
    assert [name for name in settings if f'"{name}"' not in code] == []


def test_recall_is_what_is_measured() -> None:
    found = {}
    for part in ("aside", "tuned"):
        sentences = planted(part)
        caught = sum(not one.left_in(redacted(one.text)) for one in sentences)
        found[part] = (caught, len(sentences))
    (aside, of_aside), (tuned, of_tuned) = found["aside"], found["tuned"]
    text = " ".join(TEXT.split())
    assert f"{aside} of {of_aside} ({aside / of_aside:.0%})".replace("%)", " %)") in text
    assert f"{of_aside + of_tuned} identifiers" in text
    assert f"others all {tuned}" in text
    assert tuned == of_tuned


def test_commands_are_those_of_the_parser(capsys: pytest.CaptureFixture[str]) -> None:
    for command in rows("command"):
        name = command.split()[3]
        with pytest.raises(SystemExit):
            cli.main([name, "--help"])
        known = capsys.readouterr().out
        options = re.findall(r"--[a-z-]+", command)
        assert all(option in known for option in options)


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert links
    assert [link for link in links if not (FILE.parent / link).exists()] == []
