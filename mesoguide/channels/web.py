"""The plain chat page, and the health of the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from mesoguide import __version__, paths

PAGE = paths.ROOT / "widget" / "page"
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class WebPage(InputChannel):  # type: ignore[misc]
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
        page = Blueprint("mesoguide_web", __name__)

        @page.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return await _health(request.app)

        # Rasa's own greeting keeps the route `/`, so the files are answered before routing.
        @page.middleware("request")
        async def files(request: Request) -> HTTPResponse | None:
            if request.method != "GET" or request.path not in FILES:
                return None
            file, kind = FILES[request.path]
            body = (PAGE / file).read_bytes()
            return response.raw(body, content_type=kind, headers=HEADERS)

        return page


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
    return response.json({"status": "ok", "model": model, "version": __version__})
