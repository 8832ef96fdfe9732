"""What may be logged of an error."""

from __future__ import annotations

from traceback import extract_tb


def where(error: BaseException) -> str:
    """The kind of an error and its last place, without its message, which may quote somebody."""
    frames = extract_tb(error.__traceback__)
    last = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{last}"
