"""The walls of the house: which room may know which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.content import ROOT

CORE = sorted((ROOT / "mesoguide" / "core").glob("*.py"))
ACTIONS = sorted((ROOT / "actions").glob("*.py"))
PRODUCT = sorted([*(ROOT / "mesoguide").rglob("*.py"), *ACTIONS])
RASA = {"rasa", "rasa_sdk", "sanic", "socketio"}
WORLD_OUTSIDE = {"socket", "requests", "aiohttp", "httpx", "urllib", "sqlite3", "sqlalchemy"}
A_SENTENCE = 4  # words


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, as its full name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def sentences(file: Path) -> Iterator[str]:
    """Strings of a file that could be read by a person: no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings and len(node.value.split()) >= A_SENTENCE:
                yield node.value


@pytest.mark.parametrize("file", CORE, ids=lambda file: file.name)
def test_core_knows_neither_rasa_nor_the_world_outside(file: Path) -> None:
    roots = {name.split(".")[0] for name in imported(file)}
    assert not roots & (RASA | WORLD_OUTSIDE)
    assert not [name for name in imported(file) if name.startswith(("actions", "mesoguide.nlu"))]


@pytest.mark.parametrize("file", ACTIONS, ids=lambda file: file.name)
def test_an_action_holds_no_sentence_and_does_no_io(file: Path) -> None:
    assert not list(sentences(file))
    assert not {name.split(".")[0] for name in imported(file)} & WORLD_OUTSIDE
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    assert not [call for call in calls if getattr(call.func, "id", "") == "open"]


@pytest.mark.parametrize("file", PRODUCT, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_reads_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 300


def test_understanding_and_channels_do_not_reach_past_core() -> None:
    for room in ("nlu", "channels"):
        for file in (ROOT / "mesoguide" / room).glob("*.py"):
            reached = [name for name in imported(file) if name.startswith("actions")]
            assert not reached, file


def test_there_are_walls_to_test() -> None:
    assert len(CORE) > 5
    assert len(ACTIONS) > 5
