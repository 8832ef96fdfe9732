"""What is deleted, in SQL: one conversation, or those that nobody goes on with.

Without Rasa, so that the operator's commands start at once. Events and states go together. Of a
conversation in which somebody writes at the same moment only what is older than the limit goes:
every statement looks for newer events itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

AT_ONCE = 200  # conversations in one transaction, so that others can write between two
WAIT = 3000  # milliseconds for somebody else who has locked the database
# For every connection to a file: what is deleted is written over with zeros.
SQLITE = f"""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA busy_timeout = {WAIT};
    PRAGMA secure_delete = ON;
"""
EVENTS = sa.table(
    "events",
    *(sa.column(name) for name in ("id", "sender_id", "type_name", "timestamp", "data")),
)
STATES = sa.table(
    "conversation_states", *(sa.column(name) for name in ("sender_id", "event_id", "timestamp"))
)
TABLES = (EVENTS, STATES)


def wait_no_longer(raw: Any, _: Any) -> None:
    """PostgreSQL waits for a lock for ever, unless it is told."""
    with raw.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {WAIT}")
    raw.commit()


class NotDeletedYet(Exception):
    """Something of a conversation may be in the database, or in its files, still."""


def erase(connection: Any, sender_id: str) -> int:
    """Delete a conversation. How many events it had."""
    events, _ = (
        connection.execute(sa.delete(table).where(table.c.sender_id == sender_id)).rowcount
        for table in TABLES
    )
    return int(events)


def erase_older(connection: Any, than: float, at_most: int = AT_ONCE) -> int:
    """Delete conversations whose last event is older, and states of none. How many there were."""
    senders = idle(connection, than, at_most)
    deleted = 0
    for sender_id in senders:
        mine = sa.delete(EVENTS).where(EVENTS.c.sender_id == sender_id, *_all_older(EVENTS, than))
        deleted += bool(connection.execute(mine).rowcount)  # another server may have been quicker
    connection.execute(sa.delete(STATES).where(*_all_older(STATES, than)))
    return deleted


def idle(connection: Any, than: float, at_most: int | None = None) -> Sequence[str]:
    """The conversations whose last event is older."""
    # As an expression, or SQLite goes through all conversations in their order instead.
    sender_id = sa.cast(EVENTS.c.sender_id, sa.String)
    found = sa.select(sender_id).where(*_all_older(EVENTS, than)).distinct()
    return [one for (one,) in connection.execute(found.limit(at_most))]


def wipe(engine: Any) -> None:
    """Write SQLite's file anew and empty its write-ahead log. Raises NotDeletedYet.

    Rows that moved between pages while the file grew have left copies in unused bytes, which no
    setting of SQLite writes over. This takes 9 ms for each MB of the file.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(sa.text("VACUUM"))
            busy = connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
        except sa.exc.OperationalError as error:  # locked, or no room for the copy
            raise NotDeletedYet(str(error.orig)) from error
    if busy:
        raise NotDeletedYet(f"{engine.url.database} is being read by somebody else.")


def _all_older(table: Any, than: float) -> tuple[Any, Any]:
    """Rows that are older, of conversations of which all events are."""
    newer = EVENTS.alias("newer")
    since = sa.exists().where(newer.c.sender_id == table.c.sender_id, newer.c.timestamp >= than)
    return table.c.timestamp < than, ~since
