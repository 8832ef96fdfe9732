"""Where things are. The checkout is the product: content and model live beside the code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

from mesoguide.core.models import Region

ROOT = Path(__file__).resolve().parents[1]


class BadSetting(ValueError):
    """An environment variable has a value that cannot be used; the message says which do."""


def knowledge() -> Path:
    """The content folder; MESOGUIDE_KNOWLEDGE names another one."""
    return Path(os.environ.get("MESOGUIDE_KNOWLEDGE", ROOT / "knowledge"))


def models() -> Path:
    """The folder of trained models; MESOGUIDE_MODELS names another one."""
    return Path(os.environ.get("MESOGUIDE_MODELS", ROOT / "models"))


def database() -> str:
    """The SQLite file of conversations; MESOGUIDE_DB names another one, or a database's URL."""
    return os.environ.get("MESOGUIDE_DB", str(ROOT / "conversations.db"))


def actions() -> str | None:
    """The URL of a separate action server: MESOGUIDE_ACTIONS; None when there is none."""
    return os.environ.get("MESOGUIDE_ACTIONS") or None


def region() -> Region:
    """The region whose emergency numbers come first; MESOGUIDE_REGION is us, uk, eu or tr.

    Raises BadSetting for any other value.
    """
    wanted = os.environ.get("MESOGUIDE_REGION", "us").strip().lower()
    for known in get_args(Region):
        if wanted == known:
            return known  # type: ignore[no-any-return]
    raise BadSetting(f"MESOGUIDE_REGION is '{wanted}': use us, uk, eu or tr.")
