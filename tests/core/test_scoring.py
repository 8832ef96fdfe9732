"""Right, offered, wrong or missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesoguide.core.scoring import BadFile, Row, judge, read_rows, summary

FALLBACK = "nlu_fallback"


def row(expected: str, *also: str) -> Row:
    return Row(expected, frozenset({expected, *also}), "text")


@pytest.mark.parametrize(
    ("one", "predicted", "ranked", "outcome"),
    [
        (row("surgery"), "surgery", [], "right"),
        (row("surgery", "radiation"), "radiation", [], "right"),
        (row("surgery"), "radiation", [], "wrong"),
        (row("surgery"), FALLBACK, [FALLBACK, "radiation", "surgery"], "offered"),
        (row("surgery"), FALLBACK, [FALLBACK, "radiation", "prognosis", "surgery"], "missed"),
        (row("surgery"), "out_of_scope", ["out_of_scope", "surgery"], "missed"),
        (row("out_of_scope"), "out_of_scope", [], "right"),
        (row("out_of_scope"), FALLBACK, [], "right"),
        (row("out_of_scope"), "surgery", [], "wrong"),
    ],
)
def test_outcomes(one: Row, predicted: str, ranked: list[str], outcome: str) -> None:
    assert judge(one, predicted, 0.5, ranked).outcome == outcome


def test_the_summary_counts_in_and_out_of_scope_apart() -> None:
    judged = [
        judge(row("surgery"), "surgery", 0.9, []),
        judge(row("surgery"), "radiation", 0.9, []),
    ]
    figures = summary(judged)
    assert figures["in_scope"] == {
        "messages": 2, "right": 0.5, "offered": 0.0, "wrong": 0.5, "missed": 0.0,
    }  # fmt: skip
    assert figures["out_of_scope"]["messages"] == 0
    assert figures["per_intent"]["surgery"]["wrong"] == 1


def test_rows_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("expected\talso_ok\ttext\nsurgery\tradiation, chemotherapy\tcan they cut it\n")
    (one,) = read_rows(file)
    assert one.accepted == {"surgery", "radiation", "chemotherapy"}
    assert one.text == "can they cut it"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", ":1: the first line must be"),
        (b"expected\ttext\n", ":1: the first line must be"),
        (b"expected\talso_ok\ttext\n", "no message"),
        (b"expected\talso_ok\ttext\nsurgery\tx\n", ":2: write three columns"),
        (b"expected\talso_ok\ttext\nsurgery\t\t\n", ":2: write three columns"),
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
