"""`mesoguide report`: what people asked and was not understood, as a page for an editor."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from mesoguide import content
from mesoguide.alike import Encode, groups
from mesoguide.core.topics import GROUNDED
from mesoguide.nlu.encoder import EncoderFileError, load_encoder
from mesoguide.storage.unanswered import (
    SETTING,
    Unanswered,
    UnansweredTable,
    is_wanted,
    keep_days,
    today,
)

OUTSIDE = "out_of_scope"
SHOWN = 20  # groups
EXAMPLES = 3  # lines of each
PRIVATE = 0o600  # the page has people's words: only the operator may read it
OFF = f"Nothing is kept: start the server with {SETTING}=1, and look again in some days."
NONE_YET = (
    "Nothing to report: in these days no message was kept that was not understood. "
    f"They are kept only by a server that was started with {SETTING}=1 on the same database."
)


@dataclass(frozen=True)
class Group:
    """Messages that ask much the same.

    Attributes:
        size: how many there are.
        examples: some of their words, the most typical first.
        nearest: intents that came nearest first, with how many messages they did so for.
    """

    size: int
    examples: tuple[str, ...]
    nearest: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Report:
    """What the page says.

    Attributes:
        days: how many messages each day, every day of the time.
        outside: how many came nearest to what the assistant is not for.
        groups: the biggest first; `more`: how many smaller groups are left out.
        titles: intents, as people read them; `topics`: those that have an answer of their own.
    """

    days: dict[date, int]
    outside: int
    channels: dict[str, int]
    groups: tuple[Group, ...]
    more: int
    titles: dict[str, str]
    topics: frozenset[str]

    @property
    def total(self) -> int:
        """How many messages."""
        return sum(self.days.values())


def report(out: Path, days: int) -> int:
    """Write the page for the last `days`. 0 done or nothing to report, 1 it could not be done."""
    from mesoguide.questions_page import html

    try:
        found = _read(days)
        if not found:
            print(NONE_YET if is_wanted() else OFF)
            return 0
        page = html(summary(found, days, load_encoder().encode_all))
        _write(page, out)
    except EncoderFileError as error:
        print(error, file=sys.stderr)
        return 1
    except (sa.exc.SQLAlchemyError, ImportError) as error:  # its text may hold words or passwords
        print(f"The database could not be used: {type(error).__name__}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Not written: {error}", file=sys.stderr)
        return 1
    print(f"Written: {out} ({len(found)} messages). It has people's words in it: keep it private.")
    return 0


def summary(found: list[Unanswered], days: int, encode: Encode) -> Report:
    """Count and group."""
    knowledge = content.knowledge()
    last = today()
    counts = Counter(one.day for one in found)
    time = [last - timedelta(days=ago) for ago in reversed(range(days))]
    grouped = groups([one.text for one in found], encode)
    by_text: dict[str, list[Unanswered]] = {}
    for one in found:
        by_text.setdefault(one.text, []).append(one)
    return Report(
        days={day: counts[day] for day in time},
        outside=sum(one.nearest[:1] == (OUTSIDE,) for one in found),
        channels=dict(Counter(one.channel for one in found).most_common()),
        groups=tuple(_group(texts, by_text) for texts in grouped[:SHOWN]),
        more=len(grouped[SHOWN:]),
        titles={name: one.title for name, one in knowledge.answers.items()},
        topics=frozenset(n for n, one in knowledge.answers.items() if one.kind in GROUNDED),
    )


def _group(texts: list[str], by_text: dict[str, list[Unanswered]]) -> Group:
    distinct = list(dict.fromkeys(texts))
    first = Counter(one.nearest[0] for text in distinct for one in by_text[text] if one.nearest)
    nearest = sorted(first.items(), key=lambda pair: (-pair[1], pair[0]))
    return Group(len(texts), tuple(distinct[:EXAMPLES]), tuple(nearest[:EXAMPLES]))


def _read(days: int) -> list[Unanswered]:
    table = UnansweredTable(keep_days())
    try:
        return table.since(today() - timedelta(days=days - 1))
    finally:
        table.close()


def _write(page: str, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(page)
