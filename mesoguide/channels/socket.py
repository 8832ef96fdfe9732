"""Socket.IO for the widget.

Rasa's own channel with one repair: with python-socketio 5.10 and later `enter_room` is a
coroutine that Rasa does not await, so with `session_persistence` no answer ever arrives.
`session_request` is registered again here, with the await; the rest is Rasa's.
"""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.socketio import SocketIOInput
from sanic import Blueprint

SHORTEST_ID = 32  # hexadecimal digits: 128 bits


class Socket(SocketIOInput):
    """Rasa's Socket.IO channel with rooms that are really entered."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Rasa's routes, with `session_request` replaced."""
        blueprint = super().blueprint(on_new_message)
        server = self.sio

        @server.on("session_request", namespace=self.namespace)
        async def session_request(sid: str, data: dict[str, Any] | None) -> None:
            session = str((data or {}).get("session_id") or "")
            if len(session) < SHORTEST_ID:
                session = secrets.token_hex(16)
            if self.session_persistence:
                entered = server.enter_room(sid, session)
                if inspect.isawaitable(entered):
                    await entered
            await server.emit("session_confirm", session, room=sid)

        return blueprint
