"""Accuracy at a share of rejected out-of-scope messages."""

from __future__ import annotations

import pytest

from mesoguide.core.rejection import AtRejection, at_rejection
from mesoguide.core.scoring import OUT, Parsed, Row


def message(expected: str, *ranked: tuple[str, float], also: str = "") -> Parsed:
    return Parsed(Row(expected, frozenset({expected, also} - {""}), "text"), ranked)


def outside(*confidences: float) -> list[Parsed]:
    return [message(OUT, ("bread", one), (OUT, one / 2)) for one in confidences]


INSIDE = [
    message("bread", ("bread", 0.9)),
    message("bread", ("bread", 0.5), ("cake", 0.4)),
    message("cake", ("bread", 0.9), ("cake", 0.8)),
    message("cake", ("tart", 0.25), also="tart"),
]


def test_without_rejection_every_right_first_choice_counts() -> None:
    assert at_rejection([*INSIDE, *outside(0.1, 0.2)], 0) == AtRejection(0.0, 0.0, 0.75)


def test_the_threshold_is_the_lowest_that_rejects_enough() -> None:
    found = at_rejection([*INSIDE, *outside(0.1, 0.2, 0.3, 0.4, 0.95)], 0.8)
    assert found.rejected == 0.8
    assert found.threshold == pytest.approx(0.4)
    assert found.threshold > 0.4
    assert found.accuracy == 0.5


def test_a_message_with_just_the_threshold_is_acted_on() -> None:
    kept = at_rejection([message("bread", ("bread", 0.4)), *outside(0.3)], 1)
    lost = at_rejection([message("bread", ("bread", 0.4)), *outside(0.4)], 1)
    assert (kept.accuracy, lost.accuracy) == (1.0, 0.0)


def test_messages_of_the_same_confidence_are_rejected_together() -> None:
    assert at_rejection([*INSIDE, *outside(0.3, 0.3, 0.3, 0.9)], 0.25).rejected == 0.75


@pytest.mark.parametrize(("count", "share", "rejected"), [(100, 0.07, 0.07), (7, 0.8, 6 / 7)])
def test_at_least_the_share_is_rejected(count: int, share: float, rejected: float) -> None:
    messages = outside(*(number / 1000 for number in range(count)))
    assert at_rejection(messages, share).rejected == pytest.approx(rejected)


def test_the_intent_for_everything_else_rejects_whatever_its_confidence() -> None:
    taken_for_it = [message(OUT, (OUT, 0.9), ("bread", 0.1))] * 4
    found = at_rejection([*INSIDE, *taken_for_it, *outside(0.6)], 0.8)
    assert found == AtRejection(0.0, 0.8, 0.75)
    all_of_them = at_rejection([*INSIDE, *taken_for_it, *outside(0.6)], 1)
    assert (all_of_them.rejected, all_of_them.accuracy) == (1.0, 0.25)


def test_that_intent_may_have_another_name() -> None:
    other = [message("NO_NODES_DETECTED", ("NO_NODES_DETECTED", 0.9))]
    assert at_rejection([*INSIDE, *other], 1, "NO_NODES_DETECTED") == AtRejection(0.0, 1.0, 0.75)


def test_the_ranking_counts_and_not_what_a_guard_has_set() -> None:
    row = Row("emergency", frozenset({"emergency"}), "text")
    assert at_rejection([Parsed(row, (("bread", 0.9),), "emergency")], 0).accuracy == 0.0


def test_an_empty_ranking_is_no_understanding() -> None:
    found = at_rejection([message("bread"), message(OUT)], 1)
    assert (found.accuracy, found.rejected) == (0.0, 1.0)


def test_where_there_is_no_message_the_share_is_zero() -> None:
    assert at_rejection([], 0.8) == AtRejection(0.0, 0.0, 0.0)
