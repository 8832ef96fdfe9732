"""The content is read once, and again when an editor has changed it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesoguide import content, paths
from mesoguide.core.files import ContentError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "knowledge"
    shutil.copytree(paths.knowledge(), copy)
    monkeypatch.setenv("MESOGUIDE_KNOWLEDGE", str(copy))
    return copy


def test_it_is_read_once(folder: Path) -> None:
    assert content.knowledge() is content.knowledge()
    assert content.gate() is content.gate()


def test_it_is_read_again_after_a_change(folder: Path) -> None:
    before, gate = content.knowledge(), content.gate()
    phrases = folder / "phrases.yml"
    phrases.write_text(phrases.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert content.knowledge() is not before
    assert content.gate() is not gate


def test_it_is_another_one_for_another_region(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESOGUIDE_REGION", "us")
    assert content.knowledge().region == "us"
    monkeypatch.setenv("MESOGUIDE_REGION", "uk")
    assert content.knowledge().region == "uk"


def test_a_mistake_is_said_each_time(folder: Path) -> None:
    (folder / "answers.yml").write_text("answers: [", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ContentError, match="answers.yml"):
            content.knowledge()
