"""What people asked and was not understood: kept only when the operator wants it, for editors.

A row has the words without what tells who somebody is, the day, the channel and the nearest
intents. It has no conversation's id and no time, and its own id is drawn by lot, so that the rows
do not tell which of them one person wrote, nor in which order. A row can therefore not be found
again for the person who wrote it: it goes when it is too old.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mesoguide import paths
from mesoguide.paths import BadSetting
from mesoguide.storage.erasing import SQLITE, wait_no_longer

SETTING = "MESOGUIDE_KEEP_UNANSWERED"
DAYS_SETTING = "MESOGUIDE_KEEP_UNANSWERED_DAYS"
MOST_DAYS = 90
MOST = 10_000  # rows; the oldest days' go first
LONGEST = 1_000  # characters of a message; a longer one is cut off
MAKING = 4_607_183  # any number: PostgreSQL's lock that is held while the table is made
POSTGRES = {"connect_timeout": 5}

TABLE = sa.Table(
    "unanswered",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("nearest", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)


def how_many(connection: Any) -> int:
    """Rows of the table; 0 when there is none."""
    if not sa.inspect(connection).has_table(TABLE.name):
        return 0
    return int(connection.execute(sa.select(sa.func.count()).select_from(TABLE)).scalar())


def erase_all(connection: Any) -> None:
    """Delete every row of the table, which must be there."""
    connection.execute(TABLE.delete())


@dataclass(frozen=True)
class Unanswered:
    """One message that was not understood.

    Attributes:
        text: its words, redacted.
        nearest: intents, the nearest first.
    """

    day: date
    channel: str
    nearest: tuple[str, ...]
    text: str


def is_wanted() -> bool:
    """Whether the operator wants them kept. Raises BadSetting."""
    written = os.environ.get(SETTING, "").strip() or "0"
    if written not in ("0", "1"):
        raise BadSetting(f"{SETTING} is '{written}': use 1 to keep them, or 0.")
    return written == "1"


def keep_days() -> int:
    """For how many days they are kept. Raises BadSetting."""
    written = os.environ.get(DAYS_SETTING, "").strip() or str(MOST_DAYS)
    days = int(written) if written.isascii() and written.isdecimal() else 0
    if not 1 <= days <= MOST_DAYS:
        raise BadSetting(f"{DAYS_SETTING} is '{written}': use a number from 1 to {MOST_DAYS}.")
    return days


def today() -> date:
    """The day, everywhere the same."""
    return datetime.now(timezone.utc).date()


class UnansweredTable:
    """The table, in the database of the conversations. Each call waits: call it in a thread."""

    def __init__(self, days: int, database: str | None = None, most: int = MOST) -> None:
        """`days`: how long a row is kept; `database`: a file or URL, as in MESOGUIDE_DB."""
        where = database or paths.database()
        url = sa.engine.make_url(where if "://" in where else f"sqlite:///{where}")
        self._days, self._most, self._url = days, most, url
        postgres = url.get_backend_name() == "postgresql"
        settings: dict[str, Any] = {"connect_args": POSTGRES} if postgres else {}
        self._engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, **settings)
        if self._is_sqlite:
            sa.event.listen(self._engine, "connect", lambda raw, _: raw.executescript(SQLITE))
        elif postgres:
            sa.event.listen(self._engine, "connect", wait_no_longer)
        self._is_made = False

    @property
    def _is_sqlite(self) -> bool:
        return str(self._url.get_backend_name()) == "sqlite"

    def add(self, one: Unanswered) -> None:
        """Keep one, and no more than may be kept."""
        self._make()
        row = {
            "id": secrets.randbits(62),
            "day": one.day,
            "channel": one.channel,
            "nearest": " ".join(one.nearest),
            "text": _storable(one.text)[:LONGEST],
        }
        with self._engine.begin() as connection:
            connection.execute(TABLE.insert(), row)
            self._drop_too_old(connection)
            self._drop_too_many(connection)

    def tidy(self) -> int:
        """Delete what is too old, also when no more are kept. How many."""
        if not self._exists():
            return 0
        with self._engine.begin() as connection:
            return self._drop_too_old(connection)

    def since(self, day: date) -> list[Unanswered]:
        """Those of this day and later, and no older ones than may be kept, by day and words."""
        if not self._exists():
            return []
        newer = TABLE.c.day >= max(day, self._oldest())
        columns = sa.select(TABLE.c.day, TABLE.c.channel, TABLE.c.nearest, TABLE.c.text)
        with self._engine.connect() as connection:
            rows = connection.execute(columns.where(newer)).all()
        found = [
            Unanswered(row.day, row.channel, tuple(row.nearest.split()), row.text) for row in rows
        ]
        return sorted(found, key=lambda one: (one.day, one.text, one.channel, one.nearest))

    def close(self) -> None:
        """Close what connections there are."""
        self._engine.dispose()

    def _oldest(self) -> date:
        return today() - timedelta(days=self._days - 1)

    def _make(self) -> None:
        if self._is_made:
            return
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":  # another server may make it now, too
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MAKING)))
            TABLE.create(connection, checkfirst=True)
        self._is_made = True

    def _exists(self) -> bool:
        file = self._url.database or ""
        if self._is_sqlite and not Path(file).exists():
            return False  # looking would make an empty one
        return bool(sa.inspect(self._engine).has_table(TABLE.name))

    def _drop_too_old(self, connection: Any) -> int:
        old = sa.delete(TABLE).where(TABLE.c.day < self._oldest())
        return int(connection.execute(old).rowcount)

    def _drop_too_many(self, connection: Any) -> None:
        too_many = connection.execute(sa.select(sa.func.count()).select_from(TABLE)).scalar()
        if too_many > self._most:
            first = sa.select(TABLE.c.id).order_by(TABLE.c.day, TABLE.c.id)
            ids = connection.execute(first.limit(too_many - self._most)).scalars().all()
            connection.execute(sa.delete(TABLE).where(TABLE.c.id.in_(ids)))


def _storable(text: str) -> str:
    """The text without what no database takes: halves of characters, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
