"""How long training takes: from nothing, with nothing changed, after an edit of each kind.

    uv run python benchmarks/train.py

It works on a copy of the checkout in a temporary folder, with caches of its own, which are empty at
first. Each edit comes on top of those before it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.progress import track
from sides import MESOGUIDE, ROOT, train
from telling import report

sys.path.insert(0, str(ROOT))

from tests.project import copy_product  # noqa: E402

# What is done before each training: the file, the line after which a text is put in, the text.
EDITS = {
    "from nothing": None,
    "nothing changed": None,
    "one example more": (
        "data/nlu.yml",
        "    examples: |\n",
        "      - so this meso thing, what sort of illness would you say it is\n",
    ),
    "one message of danger more": (
        "data/danger.tsv",
        "kind\tabout\ttext\n",
        "calm\tbreathing\tis it hard to breathe up on a mountain\n",
    ),
    "one story more": (
        "data/stories.yml",
        "stories:\n",
        "  - story: one more\n    steps: [intent: goodbye, action: action_topic]\n",
    ),
}


def edit(file: Path, after: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    if after not in text:
        raise SystemExit(f"{file.name} has no {after!r} to put a line after: mend EDITS.")
    file.write_text(text.replace(after, after + new, 1), encoding="utf-8")


def trained(folder: Path) -> float:
    """Seconds of one training."""
    caches = {"RASA_CACHE_DIRECTORY": folder / "rasa", "XDG_CACHE_HOME": folder / "caches"}
    places = {"MESOGUIDE_MODELS": folder / "models", **caches}
    named = {name: str(place) for name, place in places.items()}
    return train([*MESOGUIDE, "train"], folder, **named)


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copy_product(folder)
        for name, change in track(EDITS.items(), "Training"):
            if change:
                edit(folder / change[0], *change[1:])
            found[name] = trained(folder)
    whole = found["from nothing"]
    rows = [[name, f"{one:.0f}", f"{one / whole:.2f}"] for name, one in found.items()]
    data = {name: {"seconds": one, "ratio": one / whole} for name, one in found.items()}
    report("train", "Training", ["", "seconds", "to the whole"], rows, data)


if __name__ == "__main__":
    main()
