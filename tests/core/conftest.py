"""The conversation over the real content, and copies of the content that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesoguide.core.check import LABELLED
from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import Knowledge
from tests.core.content import ROOT, Content


@pytest.fixture(scope="session")
def guide(knowledge: Knowledge) -> Guide:
    return Guide(knowledge)


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """A copy of everything that `check` reads."""
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    for name in ("domain.yml", "data/nlu.yml", "data/rules.yml", *LABELLED):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return Content(tmp_path)
