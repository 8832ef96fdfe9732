"""Which sites may embed the widget: MESOGUIDE_ORIGINS, and always the server's own pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from mesoguide.paths import BadSetting

SETTING = "MESOGUIDE_ORIGINS"


def allowed_origins() -> frozenset[str]:
    """The origins of the setting, separated by commas or spaces. Raises BadSetting."""
    return frozenset(_origin(one) for one in os.environ.get(SETTING, "").replace(",", " ").split())


def _origin(written: str) -> str:
    parts = _parts(written)
    is_origin = parts.scheme in ("http", "https") and parts.netloc and parts.path in ("", "/")
    if not is_origin or parts.query or parts.fragment:
        raise BadSetting(
            f"{SETTING} holds '{written}': write origins such as https://www.example.org, "
            "separated by commas."
        )
    return f"{parts.scheme}://{parts.netloc}".lower()


def may_connect(allowed: frozenset[str]) -> Callable[[str | None, dict[str, str]], bool]:
    """The check for Socket.IO: (origin, environment of the request) -> whether it may connect."""

    def check(origin: str | None, environ: dict[str, str]) -> bool:
        if origin is None or origin.lower() in allowed:
            return True
        hosts = {environ.get("HTTP_HOST"), environ.get("HTTP_X_FORWARDED_HOST")}
        return bool(_parts(origin).netloc) and _parts(origin).netloc in hosts

    return check


def _parts(url: str) -> SplitResult:
    """The parts of an address; all empty when it cannot be read."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
