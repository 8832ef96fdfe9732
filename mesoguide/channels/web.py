"""The pages, the widget's script, the operator's counts and the health of the server."""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.turns import guide
from mesoguide import __version__, paths
from mesoguide.channels.guard import from_here
from mesoguide.counts import exposition
from mesoguide.safety.page import html as protocol_page
from mesoguide.storage.redis_link import link

TOKEN_SETTING = "MESOGUIDE_METRICS_TOKEN"
WIDGET = paths.ROOT / "widget"
HTML, CSS, SCRIPT = (
    f"{kind}; charset=utf-8" for kind in ("text/html", "text/css", "text/javascript")
)
FILES = {
    "/": ("page/index.html", HTML),
    "/about": ("page/about.html", HTML),
    "/embed": ("page/embed.html", HTML),
    "/embed.js": ("page/embed.js", SCRIPT),
    "/page.css": ("page/page.css", CSS),
    "/mesoguide.js": ("dist/mesoguide.js", SCRIPT),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Pages(Blueprint):
    """Routes whose `/` comes before the one that Rasa keeps for its own greeting."""

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Answer the files before routing, for the whole app."""
        app.register_middleware(_files, "request")
        super().register(app, options)


class WebPage(InputChannel):
    """Serves the chat page at `/` and `GET /health`."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return "webpage"

    def url_prefix(self) -> str:
        """Prefix of the routes."""
        return "/"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebPage:
        """It has no settings."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes of this channel."""
        pages = Pages("mesoguide_web", __name__)
        token = metrics_token()

        @pages.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return await _health(request.app)

        @pages.route("/safety", methods=["GET"])
        async def safety(_: Request) -> HTTPResponse:
            return response.html(protocol_page(guide().knowledge), headers=HEADERS)

        @pages.route("/metrics", methods=["GET"])
        async def metrics(request: Request) -> HTTPResponse:
            if not from_here(request):
                if token is None:
                    return response.text("Not found", status=404)
                if not _has(request, token):
                    headers = {"WWW-Authenticate": "Bearer"}
                    return response.text("A token is needed", status=401, headers=headers)
            return response.raw(exposition(), content_type=CONTENT_TYPE_LATEST)

        return pages


def metrics_token() -> str | None:
    """With what other machines may read the counts; None: they may not. Raises BadSetting."""
    return paths.token(TOKEN_SETTING)


def _has(request: Request, token: str) -> bool:
    """Whether the request brings the token; the time this takes does not tell how near it is."""
    kind, _, brought = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(brought.strip().encode("utf-8", "surrogateescape"), token.encode())
    return same and kind.lower() == "bearer"


@dataclass(frozen=True)
class File:
    """A file as it is sent: whole and compressed, with a tag that changes when it does."""

    body: bytes
    packed: bytes
    kind: str
    tag: str


@cache
def _file(path: str) -> File:
    name, kind = FILES[path]
    body = (WIDGET / name).read_bytes()
    return File(body, gzip.compress(body, 9), kind, f'"{sha256(body).hexdigest()[:16]}"')


async def _files(request: Request) -> HTTPResponse | None:
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == "/favicon.ico":
        return response.empty()
    if request.path not in FILES:
        return None
    file = _file(request.path)
    headers = {**HEADERS, "ETag": file.tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return response.empty(304, headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response.raw(file.body, content_type=file.kind, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return response.raw(file.packed, content_type=file.kind, headers=headers)


async def _health(app: Sanic) -> HTTPResponse:
    """200 only when a message was really parsed just now; 503 with the reason otherwise."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return response.json({"status": "down", "reason": "No model is loaded."}, status=503)
    try:
        parsed = await agent.parse_message("what does stage 4 mean")
    except Exception as error:
        reason = f"Understanding failed: {type(error).__name__}."
        return response.json({"status": "down", "reason": reason}, status=503)
    if not parsed["intent"].get("name"):
        return response.json({"status": "down", "reason": "Nothing was understood."}, status=503)
    model = agent.processor.model_filename
    answer = {"status": "ok", "model": model, "version": __version__}
    redis = link()
    if redis:  # down is no reason to take people away: the server goes on by itself
        answer["redis"] = "ok" if await redis.is_up() else "down"
    return response.json(answer)
