"""The dialogue suite on two servers with PostgreSQL and Redis, messages spread by lot: answered as
by one; afterwards nothing planted is anywhere, and what was deleted is nowhere.
"""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from mesoguide.core.knowledge import Knowledge
from mesoguide.privacy.redaction import redacted
from tests.conftest import Heard, Server
from tests.privacy.planted import planted
from tests.server.conftest import Fleet
from tests.test_dialogues import CONVERSATIONS

SETTINGS = {"MESOGUIDE_KEEP_UNANSWERED": "1"}
LONG_ENOUGH = 6  # characters that are nowhere by chance
TELLING = 25  # characters of a message that no sentence of ours has
PEOPLE = 4  # at once


def tables(fleet: Fleet) -> dict[str, str]:
    """Every row of every table, as text."""
    engine = sa.create_engine(fleet.postgres.url)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        rows = {
            name: connection.execute(sa.text(f'SELECT one::text FROM "{name}" one')).scalars().all()
            for name in names
        }
    engine.dispose()
    return {f"table {name}": "\n".join(all_) for name, all_ in rows.items()}


def in_redis(fleet: Fleet) -> str:
    """Every key and its value."""
    client = redis.Redis.from_url(fleet.redis.url)
    parts = [key + b" " + (client.dump(key) or b"") for key in client.scan_iter()]
    client.close()
    return b"\n".join(parts).decode(errors="replace")


def everywhere(fleet: Fleet) -> dict[str, str]:
    metrics = [server.get("/metrics")[2].decode() for server in fleet.servers]
    return {
        **tables(fleet),
        "redis": in_redis(fleet),
        **{f"log {number}": log for number, log in enumerate(fleet.logs())},
        **{f"metrics {number}": one for number, one in enumerate(metrics)},
    }


def found(places: dict[str, str], texts: list[str]) -> list[str]:
    """Which texts are where, plain or as JSON writes them."""
    return [
        f"{text!r} in {place}"
        for place, all_ in places.items()
        for text in texts
        if text in all_ or json.dumps(text)[1:-1] in all_
    ]


def talk(fleet: Fleet, messages: list[str], sender: str) -> list[Heard]:
    """Say them one after the other, each to a server drawn by lot."""
    servers = [secrets.choice(fleet.servers) for _ in messages]
    pairs = zip(messages, servers, strict=True)
    return [Server(one.url, one.log, sender).say(text) for text, one in pairs]


def talk_all(fleet: Fleet, conversations: dict[str, list[str]]) -> dict[str, list[Heard]]:
    with ThreadPoolExecutor(PEOPLE) as people:
        talks = {who: people.submit(talk, fleet, said, who) for who, said in conversations.items()}
    return {who: one.result() for who, one in talks.items()}


def of_anybody(heard: Heard) -> list[dict[str, Any]]:
    return [{**one, "recipient_id": ""} for one in heard.messages]


@pytest.fixture(scope="module")
def conversations() -> dict[str, list[str]]:
    """The messages of the dialogue suite, by conversation."""
    return {secrets.token_hex(16): [turn["says"] for turn in one["turns"]] for one in CONVERSATIONS}


@pytest.fixture(scope="module")
def answers(fleet: Fleet, conversations: dict[str, list[str]]) -> dict[str, list[Heard]]:
    """What the fleet answered to them."""
    return talk_all(fleet, conversations)


def test_they_are_answered_as_by_one_server(
    conversations: dict[str, list[str]], answers: dict[str, list[Heard]], running: Server
) -> None:
    for who, said in conversations.items():
        one = running.someone_else()
        for text, heard in zip(said, answers[who], strict=True):
            assert of_anybody(heard) == of_anybody(one.say(text)), (said, text)


@pytest.mark.usefixtures("answers")
def test_nothing_planted_is_anywhere(fleet: Fleet) -> None:
    caught = [one for one in planted() if not one.left_in(redacted(one.text))]
    assert len(caught) >= 200
    talk_all(fleet, {secrets.token_hex(16): [one.text] for one in caught})
    pieces = [piece for one in caught for piece in one.pieces if len(piece) >= LONG_ENOUGH]
    places = everywhere(fleet)
    assert "<name>" in places["table events"]
    assert places["table unanswered"]
    assert found(places, pieces) == []
    on_disk = fleet.postgres.files().decode(errors="replace")
    assert "<name>" in on_disk
    assert found({"PostgreSQL's files": on_disk}, pieces) == []


@pytest.mark.usefixtures("answers")
def test_what_was_deleted_is_nowhere(
    fleet: Fleet, conversations: dict[str, list[str]], knowledge: Knowledge
) -> None:
    telling = [text for said in conversations.values() for text in said if len(text) >= TELLING]
    assert len(telling) > 100
    assert found(everywhere(fleet), telling)
    ends = talk_all(fleet, dict.fromkeys(conversations, ["delete my data please", "yes"]))
    done = knowledge.text("delete_done")
    kept = {who: heard for who, heard in ends.items() if done not in heard[-1].data["text"]}
    assert [(conversations[who], heard[0].data["text"]) for who, heard in kept.items()] == []
    places = everywhere(fleet)
    kept_for_editors = places.pop("table unanswered")  # of nobody: docs/privacy.md
    assert not any(who in kept_for_editors for who in conversations)
    assert found(places, telling) == []
    assert found(places, list(conversations)) == []
