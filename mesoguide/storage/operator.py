"""What an operator does with stored conversations: export one, delete some.

On the database of MESOGUIDE_DB, also while the server runs. Without Rasa and without a model, so
that it starts at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mesoguide import paths
from mesoguide.storage import erasing, unanswered
from mesoguide.storage.erasing import EVENTS, STATES, NotDeletedYet

PRIVATE = 0o600  # only the operator may read what is exported
WHO = {"user": "person", "bot": "assistant"}
Result = TypeVar("Result")


class NoDatabase(Exception):
    """There is nothing to work on; the message says why."""


def add_commands(commands: Any) -> None:
    """Add `export` and `purge` to a parser's commands."""
    export = commands.add_parser(
        "export",
        help="all that is stored of one conversation",
        description="Writes all that is stored of one conversation. Works while the server runs.",
    )
    export.add_argument("sender", help="the conversation's id")
    export.add_argument("--text", action="store_true", help="lines to read, instead of JSON")
    export.add_argument(
        "--out", type=_here, metavar="FILE", help="write there, instead of on the screen"
    )
    export.set_defaults(run=export_one)
    purge = commands.add_parser(
        "purge",
        help="delete stored conversations for good",
        description="Deletes stored conversations for good, after asking. Works while the server "
        "runs; a message that is being answered at that moment is stored after it.",
    )
    which = purge.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--older-than",
        type=_hours,
        metavar="HOURS",
        help="those whose last message is older",
    )
    which.add_argument("--sender", metavar="ID", help="one of them")
    which.add_argument("--all", action="store_true", help="all of them")
    purge.add_argument("--yes", action="store_true", help="do not ask")
    purge.set_defaults(run=purge_some)


def export_one(options: argparse.Namespace) -> int:
    """Write one conversation. 0 done, 1 there is none or it could not be written."""
    return _on_database(lambda engine: _export(engine, options))


def purge_some(options: argparse.Namespace) -> int:
    """Delete, after asking. 0 done or nothing to do, 1 not done."""
    return _on_database(lambda engine: _purge(engine, options))


def _here(name: str) -> Path:
    return Path(name).absolute()  # before the command changes into the checkout


def _hours(written: str) -> float:
    try:
        hours = float(written)
    except ValueError:
        hours = -1.0
    if not 0 <= hours < float("inf"):
        raise argparse.ArgumentTypeError(f"'{written}' is no number of hours")
    return hours


def _on_database(work: Callable[[Engine], int]) -> int:
    try:
        with _database() as engine:
            return work(engine)
    except NoDatabase as error:
        print(error, file=sys.stderr)
    except NotDeletedYet as error:
        print(f"Deleted, but not yet from the files: {error} Run it again.", file=sys.stderr)
    except sa.exc.SQLAlchemyError as error:  # its text may hold what was said
        print(f"The database could not be used: {type(error).__name__}", file=sys.stderr)
    except OSError as error:
        print(f"Not written: {error}", file=sys.stderr)
    return 1


@contextmanager
def _database() -> Iterator[Engine]:
    where = paths.database()
    url = where if "://" in where else f"sqlite:///{where}"
    try:
        parsed = sa.engine.make_url(url)
        engine = sa.create_engine(parsed, hide_parameters=True)
    except (sa.exc.ArgumentError, ImportError):  # not quoted: it may have a password
        raise NoDatabase("MESOGUIDE_DB is no URL of a database that is known here.") from None
    if engine.dialect.name == "sqlite":
        if not parsed.database or not Path(parsed.database).exists():
            raise NoDatabase(f"There is no database at {parsed.database}.")
        sa.event.listen(engine, "connect", lambda raw, _: raw.executescript(erasing.SQLITE))
    try:
        if not {EVENTS.name, STATES.name} <= set(sa.inspect(engine).get_table_names()):
            raise NoDatabase("There are no conversations in this database.")
        yield engine
    finally:
        engine.dispose()


def _export(engine: Engine, options: argparse.Namespace) -> int:
    mine = sa.select(EVENTS.c.data).where(EVENTS.c.sender_id == options.sender)
    with engine.connect() as connection:
        rows = connection.execute(mine.order_by(EVENTS.c.id))
        events = [json.loads(data) for (data,) in rows]
    if not events:
        print(f"Nothing is stored of a conversation with the id {options.sender}.", file=sys.stderr)
        return 1
    if options.text:
        text = "".join(f"{line}\n" for line in _lines(events))
    else:
        both = {"sender": options.sender, "events": events}
        text = json.dumps(both, ensure_ascii=False, indent=1) + "\n"
    if options.out is None:
        sys.stdout.write(text)
        return 0
    handle = os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    print(f"Written: {options.out}")
    return 0


def _lines(events: list[dict[str, Any]]) -> Iterator[str]:
    """What was said, with the time of it."""
    for event in events:
        who = WHO.get(event["event"])
        if who:
            at = datetime.fromtimestamp(event["timestamp"], timezone.utc)
            yield f"{at:%Y-%m-%d %H:%M:%S} UTC  {who}: {_words(event)}"


def _words(event: dict[str, Any]) -> str:
    custom = ((event.get("data") or {}).get("custom") or {}).get("data") or {}
    return str(event.get("text") or custom.get("text") or "").replace("\n", "\n    ")


def _purge(engine: Engine, options: argparse.Namespace) -> int:
    than = time.time() - options.older_than * 3600 if options.older_than is not None else None
    with engine.connect() as connection:
        senders = _chosen(connection, options, than)
        kept_apart = unanswered.how_many(connection) if options.all else 0
    if not senders and not kept_apart:
        erasing.wipe(engine)  # of what an earlier run could not
        print("There is nothing to delete.")
        return 0
    if not options.yes and not _agrees(f"Delete {_counted(len(senders), kept_apart)} for good?"):
        print("Nothing was deleted.", file=sys.stderr)
        return 1
    deleted = _in_parts(engine, than) if than is not None else _each(engine, senders)
    if kept_apart:
        _committed(engine, unanswered.erase_all)
    erasing.wipe(engine)
    print(f"Deleted: {_counted(deleted, kept_apart)}.")
    return 0


def _chosen(connection: Connection, options: argparse.Namespace, than: float | None) -> list[str]:
    """The conversations that the options mean, also those of which only a state is left."""
    if than is not None:
        return list(erasing.idle(connection, than))
    found = {
        sender_id
        for table in erasing.TABLES
        for (sender_id,) in connection.execute(sa.select(table.c.sender_id).distinct())
        if options.all or sender_id == options.sender
    }
    return sorted(found)


def _in_parts(engine: Engine, than: float) -> int:
    some = partial(erasing.erase_older, than=than)
    return sum(iter(lambda: _committed(engine, some), 0))


def _each(engine: Engine, senders: list[str]) -> int:
    for sender_id in senders:
        _committed(engine, partial(erasing.erase, sender_id=sender_id))
    return len(senders)


def _committed(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return work(connection)


def _agrees(question: str) -> bool:
    try:
        return input(f"{question} Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def _counted(conversations: int, kept_apart: int = 0) -> str:
    also = f" and what was kept of {kept_apart} unanswered messages" if kept_apart else ""
    return f"{conversations} conversation{'' if conversations == 1 else 's'}{also}"
