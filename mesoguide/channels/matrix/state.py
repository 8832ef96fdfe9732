"""What the Matrix bridge keeps between two starts; no message and no answer."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

REMEMBERED = 10_000  # ids of events that were answered
TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rooms (
    room TEXT PRIMARY KEY, person TEXT NOT NULL, joining INTEGER NOT NULL,
    told INTEGER NOT NULL, choices TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answered (place INTEGER PRIMARY KEY, event TEXT UNIQUE NOT NULL);
"""


class StateInUse(Exception):
    """The file is no state of this bridge, or another bridge has it open."""


@dataclass(frozen=True)
class Room:
    """A room that the bridge is in.

    Attributes:
        id: the room's.
        person: whom it talks with there.
        joining: whether what was written before it joined has still to be told apart.
        told: whether it has said that it cannot read encrypted messages.
        choices: what the numbers under its last reply stand for.
    """

    id: str
    person: str
    joining: bool = True
    told: bool = False
    choices: tuple[str, ...] = ()


class State:
    """One SQLite file, for its owner only, and for one bridge at a time."""

    def __init__(self, file: Path) -> None:
        """Open or make the file. Raises StateInUse and OSError."""
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(file, timeout=1)
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.executescript(TABLES)
            with self._db:
                self._put("opened", "")  # takes the lock
            file.chmod(0o600)
            rows = self._db.execute("SELECT room, person, joining, told, choices FROM rooms")
            self._rooms = {
                room: Room(room, person, bool(joining), bool(told), tuple(json.loads(choices)))
                for room, person, joining, told, choices in rows
            }
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StateInUse(str(error)) from None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def get(self, name: str) -> str | None:
        """One value about the account: server, user, token, device, since."""
        row = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def put(self, **values: str) -> None:
        """Keep values about the account."""
        with self._db:
            for name, value in values.items():
                self._put(name, value)

    def secret(self) -> bytes:
        """Made once; without it nobody can tell whose a conversation is."""
        if self.get("secret") is None:
            self.put(secret=secrets.token_hex(32))
        return bytes.fromhex(self.get("secret") or "")

    def room(self, room: str) -> Room | None:
        """A room that the bridge is in or about to join."""
        return self._rooms.get(room)

    def keep_room(self, room: Room) -> None:
        """Add a room, or what has changed about it."""
        with self._db:
            self._keep_room(room)

    def forget_room(self, room: str) -> None:
        """The bridge has left it."""
        self._rooms.pop(room, None)
        with self._db:
            self._db.execute("DELETE FROM rooms WHERE room = ?", (room,))

    def is_answered(self, event: str) -> bool:
        """Whether nothing is left to do for an event."""
        query = "SELECT 1 FROM answered WHERE event = ?"
        return self._db.execute(query, (event,)).fetchone() is not None

    def answered(self, event: str, room: Room | None = None) -> None:
        """Nothing is left to do for an event; `room` is how its room is now."""
        with self._db:
            done = self._db.execute("INSERT OR IGNORE INTO answered (event) VALUES (?)", (event,))
            if done.lastrowid:
                oldest = done.lastrowid - REMEMBERED
                self._db.execute("DELETE FROM answered WHERE place <= ?", (oldest,))
            if room is not None and room.id in self._rooms:
                self._keep_room(room)

    def read_until(self, since: str, rooms: Iterable[str]) -> None:
        """All before `since` is answered; `rooms` were among it, so they are joined by now."""
        with self._db:
            for room in rooms:
                if room in self._rooms:
                    self._keep_room(replace(self._rooms[room], joining=False))
            self._put("since", since)

    def _put(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def _keep_room(self, room: Room) -> None:
        self._rooms[room.id] = room
        row = (room.id, room.person, room.joining, room.told, json.dumps(room.choices))
        self._db.execute("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?, ?)", row)
