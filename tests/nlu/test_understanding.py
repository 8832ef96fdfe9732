"""The trained model on messages it was never trained on, and on its own button titles."""

from __future__ import annotations

import re

import pytest
import yaml

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.scoring import OUT, Judged, Row, read_rows, summary
from tests.reading import Reader
from tests.typing_errors import mistyped

HELDOUT = paths.ROOT / "tests" / "heldout.tsv"
SAFETY = {"emergency", "urgent_symptom", "crisis_self_harm", "crisis_other_person"}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows(HELDOUT)


@pytest.fixture(scope="module")
def judged(reader: Reader, rows: list[Row]) -> list[Judged]:
    return [reader.judge(row) for row in rows]


def test_messages_in_scope_are_understood(judged: list[Judged]) -> None:
    figures = summary(judged)["in_scope"]
    assert figures["messages"] >= 1000
    assert figures["right"] >= 0.90
    assert figures["wrong"] <= 0.03


@pytest.mark.parametrize(("kind", "fewest"), [("far", 0.97), ("near", 0.88)])
def test_messages_out_of_scope_are_not_answered(
    judged: list[Judged], kind: str, fewest: float
) -> None:
    figures = summary(judged)[f"out_of_scope_{kind}"]
    answered = [one.row.text for one in judged if one.row.kind == kind and one.outcome == "wrong"]
    assert figures["messages"] >= 100
    assert figures["right"] >= fewest, answered


def test_typing_errors_cost_little(reader: Reader, judged: list[Judged], rows: list[Row]) -> None:
    typed = [reader.judge(row, mistyped(row.text)) for row in rows if row.expected != OUT]
    before, after = summary(judged)["in_scope"], summary(typed)["in_scope"]
    assert after["messages"] == before["messages"]
    assert before["right"] - after["right"] <= 0.03


def test_heldout_messages_in_danger_alarm(judged: list[Judged]) -> None:
    in_danger = [one for one in judged if one.row.expected in SAFETY]
    missed = [one.row.text for one in in_danger if one.predicted not in SAFETY]
    assert len(in_danger) >= 40
    assert len(missed) / len(in_danger) <= 0.02, missed


def test_heldout_messages_without_danger_seldom_alarm(judged: list[Judged]) -> None:
    calm = [one for one in judged if one.row.expected not in SAFETY]
    alarmed = [one.row.text for one in calm if one.predicted in SAFETY]
    assert len(alarmed) / len(calm) <= 0.01, alarmed


def test_button_titles_are_understood_when_typed(reader: Reader, knowledge: Knowledge) -> None:
    topics = ("answer", "signpost", "decline")
    titles = {name: one.title for name, one in knowledge.answers.items() if one.kind in topics}
    wrong = {title for name, title in titles.items() if reader.intent(title) != name}
    assert not wrong


def test_emoji_alone_are_not_taken_for_an_answer(reader: Reader) -> None:
    assert reader.intent("🐶🐶🐶") == "nlu_fallback"


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
        assert counts[name] >= (60 if answer.kind == "meta" else 120), name
        assert heldout.count(name) >= 15, name
    assert counts["out_of_scope"] >= 800


def _letters(text: str) -> str:
    return re.sub(r"[^\w ]", "", text.lower()).strip() or text
