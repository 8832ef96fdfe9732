"""Socket.IO for the widget: what Rasa's own channel does, repaired and made safe to repeat.

Rasa's own delivers nothing with python-socketio 5.10 and later when sessions persist (`enter_room`
became a coroutine), accepts every site, messages of any length and number, and answers a message
that is sent again twice. Here

- a session is joined with an await, by an id of at least 128 bits that only its person knows;
- only the server's own pages and the sites of MESOGUIDE_ORIGINS may connect;
- too long and too many messages get a polite answer;
- every answer names the message it answers, and the acknowledgement comes after the last one;
- a message that comes again (`again`: the first acknowledgement was lost) is answered with what was
  said the first time.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.socketio import SocketBlueprint, SocketIOInput, SocketIOOutput
from sanic import Blueprint
from socketio import AsyncServer

from mesoguide.channels.again import agent, answers_to, latest_events
from mesoguide.channels.everywhere import manager
from mesoguide.channels.limits import LONGEST, Allowance, allowance, conversations, per_minute
from mesoguide.channels.origins import allowed_origins, may_connect
from mesoguide.channels.own_words import in_own_words
from mesoguide.channels.shared_limits import shared
from mesoguide.storage.deletion import delete_conversation
from mesoguide.storage.order import InOrder

logger = logging.getLogger(__name__)
ID = re.compile(r"[\w-]{32,64}", re.ASCII)  # 32 hexadecimal digits are 128 bits
PING = 10  # seconds; a dead connection is noticed within two of them, before an answer is due
MOST_BYTES = 64_000  # of one frame; more ends the connection


@dataclass(frozen=True)
class Said:
    """One message of the widget."""

    session: str
    id: str
    text: str
    again: bool
    about: str | None  # the id of the message whose answer a thumb is about

    @classmethod
    def read(cls, data: Any) -> Said | None:
        """From what the client sent; None when it is not what the widget sends."""
        session = session_of(data)
        if session is None or not isinstance(data.get("message"), str):
            return None
        id_ = data.get("message_id")
        metadata = data.get("metadata")
        about = metadata.get("about") if isinstance(metadata, dict) else None
        return cls(
            session,
            str(id_) if is_id(id_) else "",
            data["message"],
            data.get("again") is True,
            str(about) if is_id(about) else None,
        )


def is_id(value: Any) -> bool:
    """Whether this is an id that cannot be guessed, such as those that the widget makes."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def session_of(data: Any) -> str | None:
    """The session that the client names; None when it names none that could be used."""
    session = data.get("session_id") if isinstance(data, dict) else None
    return session if is_id(session) else None


class Answers(SocketIOOutput):
    """Sends what answers one message, and says which."""

    def __init__(self, sio: AsyncServer, event: str, reply_to: str) -> None:
        super().__init__(sio, event)
        self._reply_to = {"reply_to": reply_to} if reply_to else {}

    async def _send_message(self, socket_id: str, response: Any) -> None:
        await super()._send_message(socket_id, {**response, **self._reply_to})

    async def send_custom_json(
        self, recipient_id: str, json_message: dict[str, Any], **kwargs: Any
    ) -> None:
        """Send a reply as data."""
        await self._send_message(recipient_id, json_message["data"])


class Socket(SocketIOInput):
    """The widget's channel. Its name and events are those of Rasa's own."""

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The Socket.IO server and its handlers. Raises BadSetting."""
        server = AsyncServer(
            async_mode="sanic",
            client_manager=manager(),
            cors_allowed_origins=may_connect(allowed_origins()),
            cors_credentials=False,
            max_http_buffer_size=MOST_BYTES,
            ping_interval=PING,
            ping_timeout=PING,
        )
        self.sio = server
        handlers = _Handlers(
            server, self.bot_message_evt, self.name(), per_minute(), on_new_message
        )
        handlers.register(self.namespace, self.user_message_evt)
        return SocketBlueprint(server, self.socketio_path, "socketio_webhook", __name__)


class _Handlers:
    """What is done for each event of a client."""

    def __init__(
        self,
        server: AsyncServer,
        event: str,
        channel: str,
        rate: float,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
    ) -> None:
        self._server = server
        self._event = event
        self._channel = channel
        self._rate = rate
        self._on_new_message = on_new_message
        self._allowances: dict[str, Allowance] = {}  # by connection
        self._conversations = shared("conversation", conversations())
        self._turns = InOrder()

    def register(self, namespace: str | None, user_event: str) -> None:
        """Tell the server which handler an event is for."""
        for event, handler in (
            ("connect", self.connect),
            ("disconnect", self.disconnect),
            ("session_request", self.session_request),
            (user_event, self.uttered),
            ("delete_conversation", self.delete),
        ):
            self._server.on(event, handler, namespace=namespace)

    async def connect(self, sid: str, _environ: dict[str, Any], _auth: Any = None) -> None:
        """A client is there."""
        self._allowances[sid] = allowance(self._rate)

    async def disconnect(self, sid: str, *_reason: Any) -> None:
        """A client is gone."""
        self._allowances.pop(sid, None)

    async def session_request(self, sid: str, data: Any = None) -> None:
        """Join a session. Instead of an id that could be guessed, the server makes one."""
        session = session_of(data) or secrets.token_hex(16)
        for room in self._server.rooms(sid):
            if room != sid:  # a connection is in one conversation at a time
                await self._server.leave_room(sid, room)
        await self._server.enter_room(sid, session)
        await self._server.emit("session_confirm", session, room=sid)

    async def uttered(self, sid: str, data: Any = None) -> bool:
        """Answer a message; True when all there is to say has been said."""
        said, left = Said.read(data), self._allowances.get(sid)
        if said is None or left is None:  # no message of the widget's, or the client is gone
            return False
        answers = Answers(self._server, self._event, said.id)
        if not (left.take() and await self._conversations.take(said.session)):
            await _say(answers, sid, "too_many")
        elif len(said.text) > LONGEST:
            await _say(answers, sid, "too_long")
        else:
            async with self._turns.lock(said.session):
                if not (said.again and await self._say_again(answers, said)):
                    await self._on_new_message(self._message(answers, said))
        return True

    async def delete(self, _sid: str, data: Any = None) -> bool:
        """Delete the conversation; True when it is gone."""
        session = session_of(data)
        if session is None:
            return False
        async with self._turns.lock(session):
            try:
                await delete_conversation(agent().tracker_store, session)
            except Exception as error:  # its text may hold what was said
                logger.error("a conversation could not be deleted: %s", type(error).__name__)
                return False
        return True

    def _message(self, answers: Answers, said: Said) -> UserMessage:
        metadata = {"about": said.about} if said.about else None
        return UserMessage(
            said.text,
            answers,
            said.session,
            input_channel=self._channel,
            message_id=said.id or None,
            metadata=metadata,
        )

    async def _say_again(self, answers: Answers, said: Said) -> bool:
        """What was answered to this message the first time, if it was."""
        replies = answers_to(said.id, await latest_events(said.session))
        for reply in replies or ():
            await answers.send_custom_json(said.session, {"data": reply})
        return bool(replies)


async def _say(answers: Answers, recipient: str, phrase: str) -> None:
    await answers.send_custom_json(recipient, {"data": in_own_words(phrase)})
