"""A copy of the content that can be damaged, and what is reported about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mesoguide.core.check import check
from mesoguide.core.files import ContentError, Problem
from mesoguide.core.knowledge import load

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Content:
    """One copy: `root` holds knowledge/, domain.yml, data/ and tests/*.tsv."""

    root: Path

    def read(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        """Damage `file`: the first `old`, which must be there, becomes `new`."""
        text = self.read(file)
        assert old in text, f"{old!r} is not in {file}"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, file: str, text: str) -> int:
        """Add lines to the end of `file`; returns the number of the first of them."""
        before = self.read(file)
        (self.root / file).write_text(before + text, encoding="utf-8")
        return len(before.splitlines()) + 1

    def line(self, file: str, text: str) -> int:
        """The number of the first line of `file` that holds `text`."""
        lines = self.read(file).splitlines()
        return next(number for number, line in enumerate(lines, start=1) if text in line)

    def load_problems(self) -> list[Problem]:
        """What `load` refuses; it must refuse, and with nothing but a ContentError."""
        with pytest.raises(ContentError) as refused:
            load(self.root / "knowledge")
        return refused.value.problems

    def check_problems(self) -> list[Problem]:
        return check(self.root, self.root / "knowledge")


def report(problems: list[Problem], what: str) -> Problem:
    """The one problem that says `what`."""
    found = [one for one in problems if what in str(one)]
    assert len(found) == 1, [str(one) for one in problems]
    return found[0]
