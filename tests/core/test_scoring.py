"""Right, offered, wrong or missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesoguide.core.scoring import (
    BadFile,
    Parsed,
    Row,
    Threshold,
    choose,
    columns_of,
    judge,
    read_report,
    read_rows,
    summary,
    thresholds,
)

FALLBACK = "nlu_fallback"
NOTHING = {"messages": 0, "right": 0.0, "offered": 0.0, "wrong": 0.0, "missed": 0.0}


def row(expected: str, *also: str, kind: str = "") -> Row:
    return Row(expected, frozenset({expected, *also}), "text", kind)


@pytest.mark.parametrize(
    ("one", "predicted", "offers", "outcome"),
    [
        (row("surgery"), "surgery", [], "right"),
        (row("surgery", "radiation"), "radiation", [], "right"),
        (row("surgery"), "radiation", [], "wrong"),
        (row("surgery"), FALLBACK, ["radiation", "surgery"], "offered"),
        (row("surgery"), FALLBACK, ["radiation", "prognosis"], "missed"),
        (row("surgery"), "out_of_scope", ["surgery"], "missed"),
        (row("out_of_scope"), "out_of_scope", [], "right"),
        (row("out_of_scope"), FALLBACK, [], "right"),
        (row("out_of_scope"), "surgery", [], "wrong"),
    ],
)
def test_outcomes(one: Row, predicted: str, offers: list[str], outcome: str) -> None:
    assert judge(one, predicted, 0.5, offers).outcome == outcome


def test_the_summary_counts_in_and_out_of_scope_apart() -> None:
    judged = [
        judge(row("surgery"), "surgery", 0.9, []),
        judge(row("surgery"), "radiation", 0.9, []),
    ]
    figures = summary(judged)
    assert figures["in_scope"] == {
        "messages": 2, "right": 0.5, "offered": 0.0, "wrong": 0.5, "missed": 0.0,
    }  # fmt: skip
    assert figures["out_of_scope"] == NOTHING
    assert figures["per_intent"]["surgery"]["wrong"] == 1


def test_the_summary_of_nothing_is_all_zero() -> None:
    assert summary([]) == {"in_scope": NOTHING, "out_of_scope": NOTHING, "per_intent": {}}


def test_the_summary_counts_near_and_far_apart() -> None:
    judged = [
        judge(row("out_of_scope", kind="near"), "surgery", 0.9, []),
        judge(row("out_of_scope", kind="near"), FALLBACK, 0.0, []),
        judge(row("out_of_scope", kind="near"), "out_of_scope", 0.9, []),
        judge(row("out_of_scope", kind="near"), "out_of_scope", 0.9, []),
        judge(row("out_of_scope", kind="far"), "out_of_scope", 0.9, []),
    ]
    figures = summary(judged)
    assert figures["out_of_scope_near"] == {
        "messages": 4, "right": 0.75, "offered": 0.0, "wrong": 0.25, "missed": 0.0,
    }  # fmt: skip
    assert figures["out_of_scope_far"] == {
        "messages": 1, "right": 1.0, "offered": 0.0, "wrong": 0.0, "missed": 0.0,
    }  # fmt: skip
    assert figures["out_of_scope"]["messages"] == 5
    assert figures["out_of_scope"]["right"] == 0.8


def test_kinds_that_are_not_there_have_no_shares() -> None:
    far = judge(row("out_of_scope", kind="far"), "out_of_scope", 0.9, [])
    assert "out_of_scope_near" not in summary([far])
    unmarked = judge(row("out_of_scope"), "out_of_scope", 0.9, [])
    assert list(summary([unmarked])) == ["in_scope", "out_of_scope", "per_intent"]
    mixed = summary([far, unmarked])
    assert (mixed["out_of_scope"]["messages"], mixed["out_of_scope_far"]["messages"]) == (2, 1)


def test_a_kind_of_a_message_in_scope_has_no_shares() -> None:
    inside = judge(row("surgery", kind="near"), "surgery", 0.9, [])
    assert list(summary([inside])) == ["in_scope", "out_of_scope", "per_intent"]


# --- thresholds

SURE = Parsed(row("surgery"), (("surgery", 0.505), ("radiation", 0.2)))
OUTSIDE = Parsed(row("out_of_scope"), (("surgery", 0.205), ("radiation", 0.1)))
GUARDED = Parsed(row("emergency"), (("symptoms", 0.3),), "emergency")


def test_a_topic_is_acted_on_from_the_threshold_on() -> None:
    parsed = Parsed(row("surgery"), (("surgery", 0.5), ("radiation", 0.2)), offers=("surgery",))
    assert parsed.predicted(0.5) == "surgery"
    assert parsed.predicted(0.51) == FALLBACK
    assert parsed.judged(0.51).outcome == "offered"
    assert parsed.judged(0.5).confidence == 0.5


def test_what_a_guard_has_set_holds_whatever_the_threshold() -> None:
    assert GUARDED.predicted(0.6) == "emergency"
    assert GUARDED.judged(0.6).outcome == "right"


def test_each_threshold_has_its_shares() -> None:
    found = thresholds([SURE, OUTSIDE])
    assert [one.value for one in found] == [step / 100 for step in range(1, 61)]
    assert found[19] == Threshold(0.2, right=1.0, wrong=0.0, answered_outside=1.0)
    assert found[20] == Threshold(0.21, right=1.0, wrong=0.0, answered_outside=0.0)
    assert found[50] == Threshold(0.51, right=0.0, wrong=0.0, answered_outside=0.0)


def test_the_lowest_threshold_that_keeps_both_limits_is_chosen() -> None:
    found = [
        Threshold(0.1, right=0.9, wrong=0.1, answered_outside=0.3),
        Threshold(0.2, right=0.8, wrong=0.03, answered_outside=0.08),
        Threshold(0.3, right=0.7, wrong=0.0, answered_outside=0.0),
    ]
    assert choose(found, most_wrong=0.03, most_outside=0.08).value == 0.2
    assert choose(found[::2], most_wrong=0.0, most_outside=0.0).value == 0.3


def test_when_none_keeps_both_limits_the_least_breach_is_chosen() -> None:
    found = [
        Threshold(0.1, right=0.9, wrong=0.1, answered_outside=0.3),
        Threshold(0.2, right=0.8, wrong=0.05, answered_outside=0.1),
    ]
    assert choose(found, most_wrong=0.0, most_outside=0.0).value == 0.2


# --- files


def test_rows_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("expected\talso_ok\ttext\nsurgery\tradiation, chemotherapy\tcan they cut it\n")
    (one,) = read_rows(file)
    assert one.accepted == {"surgery", "radiation", "chemotherapy"}
    assert one.text == "can they cut it"
    assert one.kind == ""


def test_rows_with_a_kind_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text(
        "expected\talso_ok\ttext\tkind\n"
        "out_of_scope\t\tis my hip arthritis\tnear\n"
        "surgery\tradiation\tcan they cut it\t\n"
    )
    outside, inside = read_rows(file)
    assert (outside.expected, outside.text, outside.kind) == (
        "out_of_scope", "is my hip arthritis", "near",
    )  # fmt: skip
    assert (inside.accepted, inside.kind) == ({"surgery", "radiation"}, "")


@pytest.mark.parametrize(
    ("header", "width"),
    [
        ("expected\talso_ok\ttext", 3),
        ("expected\talso_ok\ttext\tkind", 4),
        ("expected\talso_ok\ttext\tsort", 0),
        ("expected\talso_ok\tkind\ttext", 0),
        ("expected\talso_ok\ttext\tkind\tmore", 0),
        ("expected,also_ok,text", 0),
        ("", 0),
    ],
)
def test_three_or_four_columns_are_known(header: str, width: int) -> None:
    assert columns_of(header) == width


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", ":1: the first line must be"),
        (b"expected\ttext\n", ":1: the first line must be"),
        (b"expected\talso_ok\ttext\n", "no message"),
        (b"expected\talso_ok\ttext\tsort\n", ":1: the first line must be"),
        (b"expected\talso_ok\ttext\tkind\n", "no message"),
        (b"expected\talso_ok\ttext\nsurgery\tx\n", ":2: write 3 columns"),
        (b"expected\talso_ok\ttext\nsurgery\t\t\n", ":2: write 3 columns"),
        (b"expected\talso_ok\ttext\nsurgery\t\tx\tnear\n", ":2: write 3 columns"),
        (b"expected\talso_ok\ttext\n\t\tx\n", ":2: write 3 columns"),
        (b"expected\talso_ok\ttext\tkind\nsurgery\t\tx\n", ":2: write 4 columns"),
        (b"expected\talso_ok\ttext\tkind\nsurgery\t\t\tnear\n", ":2: write 4 columns"),
        (b"caf\xe9", "cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, text: bytes, says: str) -> None:
    file = tmp_path / "rows.tsv"
    file.write_bytes(text)
    with pytest.raises(BadFile, match=says):
        read_rows(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_rows(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "is not an evaluation.json"),
        ('{"in_scope": {}}', "is not an evaluation.json"),
    ],
)
def test_a_file_that_is_no_report_is_named(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "earlier.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadFile, match=f"earlier.json {says}"):
        read_report(file)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    file, report = tmp_path / "evaluation.json", {"in_scope": {"right": 1.0}, "per_intent": {}}
    file.write_text(json.dumps(report))
    assert read_report(file) == report
