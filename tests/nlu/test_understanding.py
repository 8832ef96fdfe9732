"""The trained model on messages it was never trained on, and on its own button titles."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.model import get_latest_model

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.scoring import Judged, judge, read_rows, summary

HELDOUT = paths.ROOT / "tests" / "heldout.tsv"
SAFETY = {"emergency", "urgent_symptom", "crisis_self_harm", "crisis_other_person"}


@pytest.fixture(scope="module")
def agent(model: Path) -> Agent:
    return Agent.load(get_latest_model(str(model)))


def parse(agent: Agent, text: str) -> dict[str, Any]:
    return dict(asyncio.run(agent.parse_message(text)))


@pytest.fixture(scope="module")
def judged(agent: Agent) -> list[Judged]:
    found = []
    for row in read_rows(HELDOUT):
        parsed = parse(agent, row.text)
        ranked = [one["name"] for one in parsed["intent_ranking"]]
        intent = parsed["intent"]
        found.append(judge(row, intent["name"], float(intent["confidence"]), ranked))
    return found


def test_heldout_messages_are_understood(judged: list[Judged]) -> None:
    figures = summary(judged)
    assert figures["in_scope"]["right"] >= 0.90
    assert figures["in_scope"]["wrong"] <= 0.03
    assert figures["out_of_scope"]["wrong"] <= 0.10


def test_heldout_messages_in_danger_alarm(judged: list[Judged]) -> None:
    in_danger = [one for one in judged if one.row.expected in SAFETY]
    missed = [one.row.text for one in in_danger if one.predicted not in SAFETY]
    assert len(in_danger) >= 40
    assert len(missed) / len(in_danger) <= 0.02, missed


def test_heldout_messages_without_danger_seldom_alarm(judged: list[Judged]) -> None:
    calm = [one for one in judged if one.row.expected not in SAFETY]
    alarmed = [one.row.text for one in calm if one.predicted in SAFETY]
    assert len(alarmed) / len(calm) <= 0.01, alarmed


def test_button_titles_are_understood_when_typed(agent: Agent, knowledge: Knowledge) -> None:
    topics = ("answer", "signpost", "decline")
    titles = {name: one.title for name, one in knowledge.answers.items() if one.kind in topics}
    wrong = {
        title for name, title in titles.items() if parse(agent, title)["intent"]["name"] != name
    }
    assert not wrong


def test_emoji_alone_are_not_taken_for_an_answer(agent: Agent) -> None:
    assert parse(agent, "🐶🐶🐶")["intent"]["name"] == "nlu_fallback"


def test_heldout_messages_are_not_in_the_training_data() -> None:
    training = yaml.safe_load((paths.ROOT / "data" / "nlu.yml").read_text(encoding="utf-8"))
    lines = [line[2:] for block in training["nlu"] for line in block["examples"].splitlines()]
    trained = {_letters(line) for line in lines}
    assert not [row.text for row in read_rows(HELDOUT) if _letters(row.text) in trained]


def test_there_is_enough_data_for_every_intent(knowledge: Knowledge) -> None:
    training = yaml.safe_load((paths.ROOT / "data" / "nlu.yml").read_text(encoding="utf-8"))
    counts = {block["intent"]: len(block["examples"].splitlines()) for block in training["nlu"]}
    heldout = [row.expected for row in read_rows(HELDOUT)]
    for name, answer in knowledge.answers.items():
        fewest = {"answer": 40, "safety": 40}.get(answer.kind, 25)
        assert counts[name] >= fewest, name
        assert heldout.count(name) >= 8 or name == "who_it_is_for", name
    assert counts["out_of_scope"] >= 200


def _letters(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower()).strip() or text
