"""A copy of the whole product that a test may change, and its commands run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mesoguide import paths

LIMIT = 420  # seconds
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
FOLDERS = ("mesoguide", "actions", "knowledge", "data")
FILES = (
    "config.yml",
    "domain.yml",
    "credentials.yml",
    "endpoints.yml",
    "tests/heldout.tsv",
    "tests/calibration.tsv",
)


@dataclass(frozen=True)
class Project:
    """One copy. It uses the trained model of the checkout, and trains into its own folder."""

    root: Path

    def read(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        """Change `file`: the first `old`, which must be there, becomes `new`."""
        text = self.read(file)
        assert old in text, f"{old!r} is not in {file}"
        (self.root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `mesoguide` in the copy, with the copy's own code."""
        own = {"MESOGUIDE_MODELS": str(self.root / "models"), "MESOGUIDE_DB": "conversations.db"}
        # the copy's code is not the code whose coverage is measured
        outer = {name: value for name, value in os.environ.items() if "COV_CORE" not in name}
        return subprocess.run(
            [sys.executable, "-m", "mesoguide", *arguments],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            cwd=self.root,
            env={**outer, **own, **environment},
            stdin=subprocess.DEVNULL,
            check=False,
        )


def copy_product(root: Path) -> None:
    """Copy all that the product's commands need but a model, with the times of the files."""
    for folder in FOLDERS:
        shutil.copytree(paths.ROOT / folder, root / folder, ignore=LEFT_OUT)
    for file in FILES:
        (root / file).parent.mkdir(exist_ok=True)
        shutil.copy2(paths.ROOT / file, root / file)


def copy_project(root: Path, model: Path) -> Project:
    """A copy of the product and its trained model."""
    copy_product(root)
    shutil.copytree(model, root / "models")
    return Project(root)
