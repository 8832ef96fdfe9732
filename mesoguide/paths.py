"""Where things are. The checkout is the product: content and model live beside the code."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from mesoguide.core.models import Region

ROOT = Path(__file__).resolve().parents[1]
SHORTEST = 16  # characters of a token, so that it cannot be guessed


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


def number(setting: str, usual: float, of_what: str = "") -> float:
    """A number of the settings. Raises BadSetting when it is none of at least one."""
    written = os.environ.get(setting, f"{usual:g}")
    try:
        wanted = float(written)
    except ValueError:
        wanted = 0.0
    if not 1 <= wanted < math.inf:
        raise BadSetting(
            f"{setting} is '{written}': use a number of {of_what}1 or more, such as {usual:g}."
        )
    return wanted


def token(setting: str) -> str | None:
    """A secret of the settings; None when there is none. Raises BadSetting when it is short."""
    written = os.environ.get(setting, "").strip()
    if written and len(written) < SHORTEST:  # not quoted: it is a secret
        raise BadSetting(f"{setting} is too short: use {SHORTEST} characters or more.")
    return written or None


def redis() -> str | None:
    """The URL of the Redis that several servers share: MESOGUIDE_REDIS; None for one server.

    Raises BadSetting for anything that is no such URL, and does not quote it: it has a password.
    """
    written = os.environ.get("MESOGUIDE_REDIS", "").strip()
    if not written:
        return None
    try:
        parts = urlsplit(written)
        known = parts.scheme in ("redis", "rediss") and parts.port != 0
    except ValueError:  # a port that is no number
        known = False
    database = parts.path.strip("/") if known else ""
    if not known or not parts.hostname or not (database.isdecimal() or not database):
        raise BadSetting("MESOGUIDE_REDIS is no URL of a Redis: use redis://host:6379/0, or rediss")
    return written


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
