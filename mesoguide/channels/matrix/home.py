"""The bridge's homeserver: one account on it, and what is asked of it, tried again until it works.

A server that is down is waited for without end, since nobody can be answered without it. Nothing
that it sends is logged but error codes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import aiohttp
import nio  # type: ignore[import-untyped]
from tenacity import RetryCallState

from mesoguide.channels.layout import Message
from mesoguide.channels.matrix.state import State
from mesoguide.channels.outbox import Busy, Refused, tries
from mesoguide.paths import BadSetting

logger = logging.getLogger(__name__)
DEVICE = "mesoguide"  # how the login is called in the account's list of sessions
POLL = 30_000  # milliseconds that the server may keep a question for news open
TIMEOUT = 30.0  # seconds for anything else
LATEST = 50  # events of a room in one piece of news; older ones are asked for
MOST_ERRORS = 100  # in a row from a server that is not down, each after up to 20 s
JOINING_ERRORS = 5  # the same for a room of another server, which may be gone
EVENTS = ("m.room.message", "m.sticker", "m.room.encrypted", "m.room.encryption", "m.room.member")
NONE: dict[str, list[str]] = {"not_types": ["*"]}
FILTER = {
    "presence": NONE,
    "account_data": NONE,
    "room": {
        "timeline": {"limit": LATEST, "types": EVENTS},
        "state": {"types": EVENTS[3:], "lazy_load_members": True},
        "ephemeral": NONE,
        "account_data": NONE,
    },
}
Event = dict[str, Any]
logging.getLogger("nio").setLevel(logging.CRITICAL)  # its warnings quote what it received


class Down(Busy):
    """The server cannot be reached, or something in front of it answers in its place."""


class _Troubled(Busy):
    """The server answers that it has failed."""


@dataclass(frozen=True)
class News:
    """What is new in a room that the bridge is in.

    Attributes:
        events: as the server sends them, oldest first.
        gap: whether older ones since the last time were left out.
        start: the place where `events` begin.
        state: events about the room from among those that were left out.
    """

    room: str
    events: list[Event]
    gap: bool
    start: str | None
    state: list[Event]


@dataclass(frozen=True)
class AllNews:
    """What is new since the last time.

    Attributes:
        until: what to ask from the next time.
        invitations: the room, and who invites into it.
    """

    until: str
    invitations: dict[str, str]
    rooms: list[News]
    left: list[str]


class _Client(nio.AsyncClient):
    """Without nio's own picture of the rooms: it grows, and the state file has what is needed."""

    async def receive_response(self, response: Any) -> None:
        """Keep what a login gives, nothing else."""
        if isinstance(response, nio.LoginResponse):
            await super().receive_response(response)


class Homeserver:
    """One account. Whatever it does may raise Refused, and BadSetting for a wrong password."""

    def __init__(self, server: str, user: str, password: str, state: State) -> None:
        """Nothing is asked yet."""
        once = nio.AsyncClientConfig(
            max_limit_exceeded=0, max_timeouts=0, request_timeout=TIMEOUT, encryption_enabled=False
        )
        self._client = _Client(server, user, config=once)
        self._server = server
        self._password = password
        self._state = state
        self._logging_in = asyncio.Lock()

    @property
    def user(self) -> str:
        """Our own id."""
        return str(self._client.user_id or self._client.user)

    async def log_in(self) -> None:
        """With what was kept of an earlier login, if anything was."""
        token, device = self._state.get("token"), self._state.get("device")
        if token and device:
            self._client.restore_login(self._client.user, device, token)
            await self._call(self._client.whoami)
            return
        self._client.device_id = device or None
        try:
            await self._log_in_anew("")
        except Busy as error:
            raise BadSetting(
                f"The Matrix server {self._server} lets nobody in ({error}): is "
                "MESOGUIDE_MATRIX_SERVER right, and is it running?"
            ) from None

    async def close(self) -> None:
        """End the connections; the login stays."""
        await self._client.close()

    async def news(self, since: str | None) -> AllNews:
        """What is new; waits for a while when nothing is."""
        call = partial(self._client.sync, POLL, sync_filter=FILTER, since=since)
        answer = await self._call(call, None)
        rooms = answer.rooms
        return AllNews(
            answer.next_batch,
            {room: self._inviter(info.invite_state) for room, info in rooms.invite.items()},
            [_news(room, info) for room, info in rooms.join.items()],
            list(rooms.leave),
        )

    async def earlier(
        self, room: str, before: str, since: str | None
    ) -> tuple[list[Event], str | None]:
        """Events before a place, newest first, and the place to go on from."""
        kinds = {"types": EVENTS}
        answer = await self._call(
            partial(
                self._client.room_messages,
                room,
                before,
                end=since,
                limit=100,
                message_filter=kinds,
            )
        )
        return [event.source for event in answer.chunk], answer.end

    async def join(self, room: str) -> None:
        """Accept an invitation."""
        await self._call(partial(self._client.join, room), JOINING_ERRORS)

    async def leave(self, room: str) -> None:
        """Leave a room, or decline an invitation."""
        await self._call(partial(self._client.room_leave, room), JOINING_ERRORS)

    async def others(self, room: str) -> set[str]:
        """Who is in a room beside us."""
        answer = await self._call(partial(self._client.joined_members, room))
        return {member.user_id for member in answer.members} - {self.user}

    async def is_encrypted(self, room: str) -> bool:
        """Whether messages in a room are encrypted end to end."""
        try:
            answer = await self._call(
                partial(self._client.room_get_state_event, room, "m.room.encryption")
            )
        except Refused:  # nothing is said about it
            return False
        return "algorithm" in answer.content

    async def say(self, room: str, messages: Iterable[Message], about: str) -> None:
        """Send a reply. The same `about` again is not shown again."""
        for part, message in enumerate(messages):
            content = {
                "msgtype": "m.text",
                "body": message.plain,
                "format": "org.matrix.custom.html",
                "formatted_body": message.text.replace("\n", "<br>"),
            }
            transaction = sha256(f"{about} {part}".encode()).hexdigest()[:32]
            call = partial(self._client.room_send, room, "m.room.message", content, transaction)
            await self._call(call)

    async def seen(self, room: str, event: str) -> None:
        """Show that a message was read; may fail."""
        await self._maybe(partial(self._client.update_receipt_marker, room, event))

    async def typing(self, room: str, seconds: float) -> None:
        """Show that we are writing for up to so long, or at 0 no longer; may fail."""
        milliseconds = int(seconds * 1000)
        await self._maybe(
            partial(self._client.room_typing, room, milliseconds > 0, milliseconds or 1)
        )

    async def _maybe(self, call: Callable[[], Awaitable[Any]]) -> None:
        try:
            await self._once(call)
        except (Busy, Refused) as error:
            logger.info("matrix: a sign of life could not be shown: %s", error)

    async def _call(
        self, call: Callable[[], Awaitable[Any]], most_errors: int | None = MOST_ERRORS
    ) -> Any:
        """The answer, after as many tries as it takes. Raises Refused."""
        errors = 0

        def enough(state: RetryCallState) -> bool:
            nonlocal errors
            error = state.outcome.exception() if state.outcome else None
            errors = errors + 1 if isinstance(error, _Troubled) else 0
            return most_errors is not None and errors >= most_errors

        try:
            async for attempt in tries(enough, _tell):
                with attempt:
                    return await self._once(call)
        except Busy as error:
            raise Refused(str(error)) from None

    async def _once(self, call: Callable[[], Awaitable[Any]], with_token: bool = True) -> Any:
        token = self._client.access_token
        try:
            answer = await call()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise Down(type(error).__name__) from None
        if not isinstance(answer, nio.ErrorResponse):
            return answer
        code, status = answer.status_code, answer.transport_response.status
        if status == 429:
            raise Busy(f"status {status}", (answer.retry_after_ms or 1000) / 1000)
        if not isinstance(code, str):  # no server of Matrix has answered
            raise Down(f"status {status}")
        if status >= 500:
            raise _Troubled(f"status {status}, {code}")
        if with_token and code in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
            await self._log_in_anew(token)
            raise Busy(code, 0)
        raise Refused(code)

    async def _log_in_anew(self, old_token: str) -> None:
        """As the same device, so that what was sent before is still known. Raises BadSetting."""
        async with self._logging_in:
            if self._client.access_token != old_token:
                return  # somebody else was quicker
            call = partial(self._client.login, self._password, DEVICE)
            try:
                answer = await self._once(call, with_token=False)
            except Refused as error:
                raise BadSetting(
                    f"The Matrix server {self._server} refuses {self._client.user} ({error}): are "
                    "MESOGUIDE_MATRIX_USER and MESOGUIDE_MATRIX_PASSWORD right?"
                ) from None
            self._state.put(token=answer.access_token, device=answer.device_id)
            logger.info("matrix: logged in")

    def _inviter(self, invitation: list[Any]) -> str:
        for event in invitation:
            if isinstance(event, nio.InviteMemberEvent) and event.state_key == self.user:
                return str(event.sender)
        return ""


def _news(room: str, info: Any) -> News:
    timeline = info.timeline
    return News(
        room,
        [event.source for event in timeline.events],
        bool(timeline.limited),
        timeline.prev_batch,
        [event.source for event in info.state],
    )


def _tell(state: RetryCallState) -> None:
    """One line when it begins, and again from time to time."""
    if state.attempt_number % 20 == 1 and state.outcome:
        logger.warning("matrix: the homeserver is waited for: %s", state.outcome.exception())
