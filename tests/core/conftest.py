"""The conversation over the real content, and copies of the content that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesoguide.core.check import DANGER, LABELLED
from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from tests.core.content import ROOT, Content
from tests.core.talk import Talk


@pytest.fixture(scope="session")
def guide(knowledge: Knowledge) -> Guide:
    return Guide(knowledge)


@pytest.fixture
def talk(guide: Guide) -> Talk:
    return Talk(guide)


@pytest.fixture
def later(guide: Guide) -> Talk:
    """A conversation past its introduction, and past asking for whom it is."""
    return Talk(guide, Memory(introduced=True, subject="self"))


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """A copy of everything that `check` reads."""
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    for name in ("domain.yml", "data/nlu.yml", "data/rules.yml", DANGER, *LABELLED):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return Content(tmp_path)
