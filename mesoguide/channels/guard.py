"""What every request passes: how big it is, where it comes from, how many came; and the headers.

The operator's own machine is trusted: what comes from there, and not through a proxy, is not
counted. So the bridge to Matrix, tests and benchmarks need no exception.
"""

from __future__ import annotations

import math
import os
from typing import Any

from sanic import Sanic, response
from sanic.exceptions import InvalidHeader, PayloadTooLarge
from sanic.request import Request
from sanic.response import HTTPResponse

from mesoguide.channels.limits import Allowances
from mesoguide.channels.origins import allowed_origins, may_connect
from mesoguide.channels.own_words import in_own_words
from mesoguide.channels.shared_limits import shared
from mesoguide.paths import BadSetting, number

MOST_BYTES = 100_000  # of a body; a message may have 2,000 characters
MOST_BYTES_READ = 10_000_000  # of a body that is refused: the sender hears why
ADDRESS_SETTING = "MESOGUIDE_ADDRESS_MESSAGES_PER_MINUTE"
USUAL = 600.0  # a hospital's people share one address
PROXIES_SETTING = "MESOGUIDE_PROXIES"
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
WEBHOOK = "/webhooks/rest/webhook"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard(app: Sanic) -> None:
    """Look at every request of `app` before anything else does. Raises BadSetting."""
    app.config.REQUEST_MAX_SIZE = MOST_BYTES_READ
    app.config.PROXIES_COUNT = _proxies()
    most = number(ADDRESS_SETTING, USUAL)
    addresses = shared("address", Allowances(most, most))
    may_ask = may_connect(allowed_origins())

    async def before(request: Request) -> HTTPResponse | None:
        _forget_a_bad_accept(request)
        if len(request.body) > MOST_BYTES:
            return said("too_long", 413)
        if request.method != "POST" or request.path != WEBHOOK:
            return None
        named = {"HTTP_HOST": "host", "HTTP_X_FORWARDED_HOST": "x-forwarded-host"}
        hosts = {to: request.headers[name] for to, name in named.items() if name in request.headers}
        if not may_ask(request.headers.get("origin"), hosts):  # any page could post otherwise
            return response.json({"error": "This site may not use the chat."}, status=403)
        if from_here(request) or await addresses.take(address(request)):
            return None
        return too_many(addresses.seconds)

    async def after(_: Request, answer: HTTPResponse) -> None:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)

    async def too_large(_request: Request, _error: Exception) -> HTTPResponse:
        return said("too_long", 413)

    app.register_middleware(before, "request")
    app.register_middleware(after, "response")
    app.exception(PayloadTooLarge)(too_large)


def from_here(request: Request) -> bool:
    """Whether the operator's own machine asks, and no proxy does so for somebody else."""
    return request.ip in LOOPBACK and not any(name in request.headers for name in FORWARDED)


def _forget_a_bad_accept(request: Request) -> None:
    """Sanic looks at it when it writes an error, and what it cannot read became a 500."""
    try:
        request.accept  # noqa: B018 (it is read now, and kept)
    except (InvalidHeader, TypeError, ValueError):
        del request.headers["accept"]


def address(request: Request) -> str:
    """Where a request comes from: what the proxies say that are known, else the other end.

    A proxy on this machine is known; how many there are elsewhere, MESOGUIDE_PROXIES says.
    """
    if request.app.config.PROXIES_COUNT:
        return str(request.remote_addr or request.ip)
    named = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return named if named and request.ip in LOOPBACK else str(request.ip)


def said(phrase: str, status: int, recipient: str = "", **headers: str) -> HTTPResponse:
    """An answer over REST in the assistant's own words: what is wrong, and the numbers to call."""
    data = in_own_words(phrase)
    whom = {"recipient_id": recipient} if recipient else {}
    messages: list[dict[str, Any]] = [{"text": data["text"]}, {"custom": {"data": data}}]
    return response.json([{**whom, **one} for one in messages], status=status, headers=headers)


def too_many(seconds: float, recipient: str = "") -> HTTPResponse:
    """Too many messages; one more may come in so many seconds."""
    return said("too_many", 429, recipient, **{"Retry-After": str(max(1, math.ceil(seconds)))})


def _proxies() -> int | None:
    written = os.environ.get(PROXIES_SETTING, "0")
    if not written.isdigit():
        raise BadSetting(f"{PROXIES_SETTING} is '{written}': use a number such as 1.")
    return int(written) or None
