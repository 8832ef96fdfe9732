"""The bridge between a Matrix homeserver and the assistant: a process of its own, without Rasa.

It keeps its place in what the server tells (`since`) and moves it only past what is answered. So
after a crash of any side everything since is read again: what was answered is known by its id, what
was said but not yet noted is said again with the same transaction and shown once, and what the
assistant has heard already it answers as it did the first time.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from mesoguide import paths
from mesoguide.channels.matrix.answers import Answers
from mesoguide.channels.matrix.assistant import Assistant
from mesoguide.channels.matrix.events import (
    ENCRYPTED,
    Event,
    brings,
    membership,
    said,
    since_invitation,
)
from mesoguide.channels.matrix.home import AllNews, Homeserver, News
from mesoguide.channels.matrix.state import Room, State, StateInUse
from mesoguide.channels.outbox import Refused
from mesoguide.channels.switches import MATRIX
from mesoguide.core.knowledge import load
from mesoguide.errors import where
from mesoguide.paths import BadSetting

logger = logging.getLogger(__name__)
ASSISTANT = "http://127.0.0.1:5005"
USER = re.compile(r"@[^\s:]+:\S+")
MOST = 1000  # pieces of news that are not yet answered, while others are read
FURTHEST_BACK = 30  # times 100 events that are read to fill a gap
Work = Callable[[], Awaitable[None]]


class Bridge:
    """Reads what is new and sees to it that each room is answered in order."""

    def __init__(self, home: Homeserver, state: State, answers: Answers) -> None:
        """Nothing is read yet."""
        self._home = home
        self._state = state
        self._answers = answers
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._not_alone: set[str] = set()  # rooms into which somebody may have come
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(MOST)

    async def run(self) -> None:
        """Until it is cancelled. Raises BadSetting when the account is gone."""
        since = self._state.get("since")
        before: asyncio.Task[None] | None = None
        while True:
            await self._places.acquire()
            try:
                news = await self._home.news(since)
            except Refused as error:
                raise BadSetting(f"The Matrix server tells no news any more: {error}") from None
            works = [self._start(work) for work in self._works(news, since)]
            before = self._start(self._finish(before, works, news))
            since = news.until

    async def close(self) -> None:
        """Stop what is going on; it is done again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _works(self, news: AllNews, since: str | None) -> list[Coroutine[Any, Any, None]]:
        now = time.monotonic()
        works = [self._in_turn(room, partial(self._left, room)) for room in news.left]
        for room, inviter in news.invitations.items():
            works.append(self._in_turn(room, partial(self._accept, room, inviter)))
        for one in news.rooms:
            if self._somebody_came(one):
                self._not_alone.add(one.room)
            works.append(self._in_turn(one.room, partial(self._read, one, since, now)))
        return works

    async def _finish(
        self, before: asyncio.Task[None] | None, works: list[asyncio.Task[None]], news: AllNews
    ) -> None:
        """Move the place on, once all of this and all before it is answered."""
        if before is not None:
            await before
        await asyncio.gather(*works)
        self._state.read_until(news.until, [one.room for one in news.rooms])
        self._places.release()

    async def _in_turn(self, room: str, work: Work) -> None:
        """One thing at a time in a room, in the order in which they came."""
        async with self._turns.setdefault(room, asyncio.Lock()):
            try:
                await work()
            except Refused as error:
                logger.error("matrix: the homeserver refuses: %s", error)
            except BadSetting:
                raise
            except Exception as error:  # its text may hold what was said
                logger.error("matrix: a room could not be read: %s", where(error))

    async def _accept(self, room: str, inviter: str) -> None:
        """Join; whether it is a chat with one person alone is seen when the room is read."""
        try:
            if inviter:
                self._state.keep_room(Room(room, inviter))
                await self._home.join(room)
                logger.info("matrix: an invitation was accepted")
                return
        except Refused as error:
            logger.warning("matrix: an invitation could not be accepted: %s", error)
        self._state.forget_room(room)
        await self._home.leave(room)

    async def _left(self, room: str) -> None:
        """We are no longer in a room, whoever has seen to it."""
        self._state.forget_room(room)
        self._not_alone.discard(room)

    async def _read(self, news: News, since: str | None, arrived: float) -> None:
        room = self._state.room(news.room) or await self._find(news.room, since)
        if room is None:
            return
        if since is None and not room.joining:
            return  # the state file was lost: nobody knows what was answered
        if room.joining or room.id in self._not_alone:
            if not await self._is_private(room):
                return
        events = await self._whole(room, news, since)
        await self._tell_if_encrypted(room, [*news.state, *events])
        for event in events:
            if not await self._answer(room.id, event, arrived):
                return

    async def _answer(self, id_: str, event: Event, arrived: float) -> bool:
        """Answer a message that is not yet; whether the bridge is still in the room."""
        room = self._state.room(id_)
        if room is None:
            return False
        message = said(event, room.person)
        if message is None or self._state.is_answered(message.id):
            return True
        if id_ in self._not_alone and not await self._is_private(room):
            return False
        try:
            await self._answers.answer(room, message, arrived)
        except BadSetting:
            raise
        except Refused as error:
            logger.error("matrix: an answer could not be sent: %s", error)
            self._state.answered(message.id)
        except Exception as error:  # its text may hold what was said
            logger.error("matrix: a message could not be answered: %s", where(error))
            await self._answers.fail(id_, message.id)
            self._state.answered(message.id)
        return True

    async def _whole(self, room: Room, news: News, since: str | None) -> list[Event]:
        """The events since the last time, or since the invitation into a new room."""
        us, events, before = self._home.user, news.events, news.start
        until = None if room.joining else since
        more = news.gap or room.joining
        for _ in range(FURTHEST_BACK):
            invited = room.joining and any(membership(one, us) == "invite" for one in events)
            if not more or not before or invited:
                break
            older, before = await self._home.earlier(room.id, before, until)
            events = [*reversed(older), *events]
            more = bool(older)
        # A client sends the first message before we have joined.
        return since_invitation(events, us) if room.joining else events

    async def _find(self, id_: str, since: str | None) -> Room | None:
        """A room that the state file does not know, such as after the file was lost."""
        others = await self._home.others(id_)
        person = others.pop() if len(others) == 1 else ""
        room = Room(id_, person, joining=since is not None)
        self._state.keep_room(room)
        return room if person or await self._is_private(room) else None

    async def _is_private(self, room: Room) -> bool:
        """Whether the person is there and nobody else; if not, leave, and say why."""
        others = await self._home.others(room.id)
        self._not_alone.discard(room.id)
        if others == {room.person}:
            return True
        if others - {room.person}:
            await self._answers.say(room.id, "not_private", uuid.uuid4().hex)
        self._state.forget_room(room.id)
        await self._home.leave(room.id)
        logger.info("matrix: a room was left")
        return False

    async def _tell_if_encrypted(self, room: Room, events: list[Event]) -> None:
        if room.told:
            return
        seen = any(event.get("type") in ENCRYPTED for event in events)
        if seen or (room.joining and await self._home.is_encrypted(room.id)):
            await self._answers.say(room.id, "encrypted_room", room.id)
            self._state.keep_room(replace(self._state.room(room.id) or room, told=True))

    def _somebody_came(self, news: News) -> bool:
        room = self._state.room(news.room)
        known = {self._home.user, room.person} if room else set()
        return any(brings(event, known) for event in (*news.state, *news.events))


def run() -> int:
    """Bridge until stopped. Raises BadSetting and ContentError."""
    settings = MATRIX.read()
    if settings is None:
        raise BadSetting(f"Matrix is off: to switch it on, set {' and '.join(MATRIX.own)}.")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("mesoguide.channels").setLevel(logging.INFO)
    return asyncio.run(_run(settings))


async def _run(settings: dict[str, str]) -> int:
    server, user = settings[MATRIX.own[0]].rstrip("/"), settings[MATRIX.own[1]]
    assistant = Assistant(
        _url("MESOGUIDE_MATRIX_ASSISTANT", settings.get(MATRIX.may[0], ASSISTANT))
    )
    _url(MATRIX.own[0], server)
    if not USER.fullmatch(user):
        raise BadSetting(f"{MATRIX.own[1]} is '{user}': write it as @name:server.")
    state = _state(settings, server, user)
    home = Homeserver(server, user, settings[MATRIX.own[2]], state)
    try:
        bridge = Bridge(
            home, state, Answers(load(paths.knowledge(), paths.region()), assistant, home, state)
        )
        await _until_stopped(home, bridge)
    finally:
        await home.close()
        await assistant.close()
        state.close()
    return 0


async def _until_stopped(home: Homeserver, bridge: Bridge) -> None:
    async def work() -> None:
        await home.log_in()
        print(f"mesoguide answers on Matrix as {home.user}  (stop with Ctrl+C)", flush=True)
        await bridge.run()

    working = asyncio.create_task(work())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        print("mesoguide: the bridge was stopped", flush=True)
    finally:
        await bridge.close()


def _url(name: str, written: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(?:/\S*)?", written):
        raise BadSetting(f"{name} is '{written}': write an address such as https://example.org.")
    return written


def _state(settings: dict[str, str], server: str, user: str) -> State:
    """The state file, which is for one account."""
    file = Path(settings.get(MATRIX.may[1], paths.ROOT / "matrix.db"))
    try:
        state = State(file)
    except (OSError, StateInUse) as error:
        raise BadSetting(
            f"The state file {file} cannot be used ({error}): is another bridge running, or is it "
            "another kind of file? MESOGUIDE_MATRIX_STATE names another one."
        ) from None
    whose = state.get("user")
    if whose not in (None, f"{user} {server}"):
        state.close()
        raise BadSetting(
            f"The state file {file} belongs to {whose}: name another one in MESOGUIDE_MATRIX_STATE."
        )
    state.put(user=f"{user} {server}")
    return state
