"""How long training takes: from nothing, with nothing changed, after an edit of each kind.

    uv run python benchmarks/train.py

It works on a copy of the checkout in a temporary folder, with caches of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sides import QUIET, ROOT, report

PARTS = ("mesoguide", "actions", "knowledge", "data")
FILES = (
    "config.yml",
    "domain.yml",
    "credentials.yml",
    "endpoints.yml",
    "tests/heldout.tsv",
    "tests/calibration.tsv",
)
EDITS = {
    "one example more": ("data/nlu.yml", "  examples: |\n", "    - hello there you out there\n"),
    "one message of danger more": (
        "data/danger.tsv",
        "kind\tabout\ttext\n",
        "calm\tbreathing\tis it hard to breathe up on a mountain\n",
    ),
    "one rule more": (
        "data/rules.yml",
        "rules:\n",
        "- rule: one more\n  steps:\n  - intent: goodbye\n  - action: action_topic\n",
    ),
}


def copy(folder: Path) -> None:
    for part in PARTS:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=leave)
    for file in FILES:
        (folder / file).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / file, folder / file)


def trained(folder: Path) -> float:
    """Seconds of one training."""
    env = {**os.environ, **QUIET, "MESOGUIDE_MODELS": str(folder / "models")}
    started = time.perf_counter()
    command = [sys.executable, "-m", "mesoguide", "train"]
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copy(folder)
        found["from nothing"] = whole = trained(folder)
        found["nothing changed"] = trained(folder)
        for name, (file, after, new) in EDITS.items():
            text = (folder / file).read_text(encoding="utf-8")
            (folder / file).write_text(text.replace(after, after + new, 1), encoding="utf-8")
            found[name] = trained(folder)
    rows = [[name, f"{one:.0f}", f"{one / whole:.2f}"] for name, one in found.items()]
    report("train", "Training", ["", "seconds", "to the whole"], rows, found)


if __name__ == "__main__":
    main()
