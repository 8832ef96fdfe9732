"""Numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesoguide.safety.numbers import numbers
from mesoguide.safety.words import tokens


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("38.6", [38.6]),
        ("38,6", [38.6]),
        ("38 point 5", [38.5]),
        ("thirty eight point six", [38.6]),
        ("thirty-nine", [39]),
        ("thirty eight six", [38.6]),
        ("38 and a half", [38.5]),
        ("a hundred and one", [101]),
        ("one hundred and two point five", [102.5]),
        ("hundred and three", [103]),
        ("a hundred", [100]),
        ("a hundred and then", [100]),
        ("one oh two", [102]),
        ("one oh one point four", [101.4]),
        ("101F", [101]),
        ("six times, maybe 7", [6, 7]),
        ("one day", [1]),
        ("nothing here", []),
    ],
)
def test_numbers_are_read(text: str, values: list[float]) -> None:
    assert [one.value for one in numbers(tokens(text))] == pytest.approx(values)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    words = tokens(text)
    last = 0
    for one in numbers(words):
        assert last <= one.start < one.end <= len(words)
        last = one.end
