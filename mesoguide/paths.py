"""Where things are. The checkout is the product: content and model live beside the code."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def knowledge() -> Path:
    """The content folder; MESOGUIDE_KNOWLEDGE names another one."""
    return Path(os.environ.get("MESOGUIDE_KNOWLEDGE", ROOT / "knowledge"))


def models() -> Path:
    """The folder of trained models; MESOGUIDE_MODELS names another one."""
    return Path(os.environ.get("MESOGUIDE_MODELS", ROOT / "models"))


def database() -> Path:
    """The SQLite file of conversations; MESOGUIDE_DB names another one."""
    return Path(os.environ.get("MESOGUIDE_DB", ROOT / "conversations.db"))
