"""Whole conversations, written as data in tests/dialogues/, with the real server and model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mesoguide.core.knowledge import Knowledge
from tests.conftest import Heard, Server

FOLDER = Path(__file__).parent / "dialogues"
SCHEMA = Path(__file__).parent / "contract" / "reply.schema.json"
FEWEST = 60
EXPECTATIONS = {
    "says", "topic", "type", "facts", "not_facts", "quotes", "text", "starts", "no_numbers",
    "numbers",
}  # fmt: skip


def _conversations() -> Iterator[dict[str, Any]]:
    for file in sorted(FOLDER.glob("*.yml")):
        yield from yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]


CONVERSATIONS = list(_conversations())


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one["name"])
def test_conversation(
    conversation: dict[str, Any], server: Server, knowledge: Knowledge, schema: Draft202012Validator
) -> None:
    for turn in conversation["turns"]:
        heard = server.say(turn["says"])
        schema.validate(heard.data)
        problems = list(_unmet(turn, heard, knowledge))
        assert not problems, f"{turn['says']!r}: {problems}\n{heard.data['text']}"


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    import json

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _unmet(turn: dict[str, Any], heard: Heard, knowledge: Knowledge) -> Iterator[str]:
    data = heard.data
    said = [fact["id"] for fact in data["facts"]]
    quoted = [quote["id"] for quote in data["quotes"]]
    with_numbers = any(knowledge.needs_yes(id_) for id_ in said)
    if "topic" in turn:
        wanted = turn["topic"] if isinstance(turn["topic"], list) else [turn["topic"]]
        if data["topic"] not in wanted:
            yield f"topic {data['topic']}, not {wanted}"
    if "type" in turn and data["type"] != turn["type"]:
        yield f"type {data['type']}, not {turn['type']}"
    yield from (f"{id_} is not said" for id_ in turn.get("facts", []) if id_ not in said)
    yield from (f"{id_} is said" for id_ in turn.get("not_facts", []) if id_ in said)
    yield from (f"{id_} is not quoted" for id_ in turn.get("quotes", []) if id_ not in quoted)
    if turn.get("text", "") not in data["text"]:
        yield f"the text lacks {turn['text']!r}"
    if not heard.texts[0].startswith(turn.get("starts", "")):
        yield f"it starts {heard.texts[0][:40]!r}"
    if turn.get("no_numbers") and with_numbers:
        yield "survival figures without a yes"
    if turn.get("numbers") and not with_numbers:
        yield "no survival figures after a yes"


def test_there_are_enough_conversations_of_2_to_8_turns() -> None:
    assert len(CONVERSATIONS) >= FEWEST
    assert all(2 <= len(one["turns"]) <= 8 for one in CONVERSATIONS)
    names = [one["name"] for one in CONVERSATIONS]
    assert len(names) == len(set(names))


def test_conversations_cover_every_intent(knowledge: Knowledge) -> None:
    topics = set()
    for conversation in CONVERSATIONS:
        for turn in conversation["turns"]:
            topic = turn.get("topic")
            topics |= set(topic if isinstance(topic, list) else [topic])
    follow_ups = {"affirm", "more_detail", "repeat"}  # they answer with the topic they lean on
    assert set(knowledge.answers) - topics - follow_ups == set()


def test_expectations_are_spelt_right() -> None:
    for conversation in CONVERSATIONS:
        for turn in conversation["turns"]:
            assert set(turn) <= EXPECTATIONS, (conversation["name"], turn)
