"""The whole pipeline, with the trained model, on messages it never saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesoguide import paths
from mesoguide.core.protocol import LEVELS
from tests.nlu.conftest import Reader, reader  # noqa: F401
from tests.typing_errors import mistyped

SETS = paths.ROOT / "tests" / "safety"
FEWEST = {"emergency": 150, "urgent_symptom": 150, "crisis": 80, "calm": 250}
Rows = list[tuple[str, str]]


def rows(name: str) -> Rows:
    lines = (SETS / name).read_text(encoding="utf-8").splitlines()[1:]
    return [(kind, text) for kind, _, text in (line.split("\t") for line in lines)]


def of(kind: str) -> str:
    return "crisis" if kind.startswith("crisis") else kind


def alarmed(reader: Reader, some: Rows, kind: str) -> float:  # noqa: F811
    """The share of the messages of a kind that alarm."""
    texts = [text for name, text in some if of(name) == kind]
    return sum(reader.intent(text) in LEVELS for text in texts) / len(texts)


def test_there_are_enough_messages_kept_aside() -> None:
    kinds = [of(kind) for kind, _ in rows("kept_aside.tsv")]
    assert all(kinds.count(kind) >= fewest for kind, fewest in FEWEST.items())


def test_no_message_kept_aside_is_trained_on() -> None:
    taught = (paths.ROOT / "data" / "danger.tsv").read_text(encoding="utf-8")
    texts = {line.split("\t")[2].lower() for line in taught.splitlines()[1:]}
    for file in SETS.glob("*.tsv"):
        assert not [text for _, text in rows(file.name) if text.lower() in texts]
