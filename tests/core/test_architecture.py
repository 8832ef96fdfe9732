"""What the parts may know of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.content import ROOT

CORE = sorted((ROOT / "mesoguide" / "core").glob("**/*.py"))
SAFETY = sorted((ROOT / "mesoguide" / "safety").glob("**/*.py"))
ACTIONS = sorted((ROOT / "actions").glob("**/*.py"))
MOST_WORDS = 3
LOGS = ("debug", "info", "warning", "error", "exception", "critical")
NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "multiprocessing", "requests", "sanic",
    "smtplib", "socket", "socketio", "sqlite3", "ssl", "subprocess", "telnetlib", "tempfile",
    "urllib", "urllib3", "websockets",
}  # fmt: skip
FILES = {"os", "io", "pathlib", "shutil", "glob", "fileinput", "pickle", "shelve"}
READING = {"open", "read_text", "read_bytes"}
WRITING = {"write_text", "write_bytes", "unlink", "mkdir", "rmdir", "rename", "touch", "symlink_to"}
READERS = {"files.py", "knowledge.py", "check.py", "scoring.py"}  # of content and examples


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(file: Path) -> set[str]:
    """The full names of all modules that a file imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return found


def packages(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


def calls(file: Path) -> set[str]:
    """The last names of everything called: open(...) and path.read_text(...)."""
    functions = [node.func for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
    names = {one.id for one in functions if isinstance(one, ast.Name)}
    return names | {one.attr for one in functions if isinstance(one, ast.Attribute)}


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of the string constants that are neither docstrings nor for the log."""
    module = tree(file)
    passed: set[ast.AST] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in LOGS:
                passed |= set(ast.walk(node))
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed:
            yield node.lineno, node.value


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_there_is_something_to_look_at() -> None:
    assert {"knowledge.py", "reply.py", "conversation.py"} <= {file.name for file in CORE}
    assert {"turns.py", "topic.py", "safety.py"} <= {file.name for file in ACTIONS}


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_never_imports_rasa(file: Path) -> None:
    assert not packages(file) & {"rasa", "rasa_sdk"}
    assert "importlib" not in packages(file)
    assert "__import__" not in calls(file)


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_imports_no_other_part_of_the_product(file: Path) -> None:
    own = {one for one in imports(file) if one.split(".")[0] in ("mesoguide", "actions")}
    assert all(one.startswith("mesoguide.core.") for one in own), own


@pytest.mark.parametrize("file", SAFETY, ids=name)
def test_the_safety_gate_knows_the_core_and_never_rasa(file: Path) -> None:
    assert not packages(file) & {"rasa", "rasa_sdk"}
    own = {one for one in imports(file) if one.split(".")[0] in ("mesoguide", "actions")}
    known = ("mesoguide.core.", "mesoguide.safety.", "mesoguide.english.", "mesoguide.counts.")
    assert all(one.startswith(known) or f"{one}." in known for one in own), own


@pytest.mark.parametrize("file", [*CORE, *ACTIONS], ids=name)
def test_core_and_actions_use_no_network(file: Path) -> None:
    assert not packages(file) & NETWORK


@pytest.mark.parametrize("file", ACTIONS, ids=name)
def test_actions_touch_no_files(file: Path) -> None:
    assert not packages(file) & FILES
    assert not calls(file) & (READING | WRITING)


@pytest.mark.parametrize("file", CORE, ids=name)
def test_the_core_reads_content_only_and_writes_nothing(file: Path) -> None:
    assert not calls(file) & WRITING
    assert not packages(file) & (FILES - {"pathlib"})
    if file.name not in READERS:
        assert "pathlib" not in packages(file)
        assert not calls(file) & READING


@pytest.mark.parametrize("file", ACTIONS, ids=name)
def test_actions_hold_no_sentence(file: Path) -> None:
    sentences = [
        f"{file.name}:{line}: {text}"
        for line, text in texts(file)
        if " " in text.strip() and len(text.split()) > MOST_WORDS
    ]
    assert not sentences


@pytest.mark.parametrize(
    "file",
    [one for one in CORE if one.name not in {"check.py", *READERS}],
    ids=name,
)
def test_the_parts_that_choose_words_hold_none(file: Path) -> None:
    sentences = [
        f"{file.name}:{line}: {text}"
        for line, text in texts(file)
        if len(text.split()) > MOST_WORDS and not text.startswith(("A reply ", "Numbers are "))
    ]
    assert not sentences
