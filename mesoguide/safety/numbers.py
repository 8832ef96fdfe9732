"""Numbers as people type them: "38.6", "101,4", "38 point 5", "a hundred and one", "one oh two".

They become ideas that the patterns of knowledge/safety.yml can name, so what counts as a fever is
said there and not in the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: value for value, word in enumerate(UNITS)}
VALUES |= {word: 10 * (place + 2) for place, word in enumerate(TENS)}
POINTS = ("point", "dot")
LONGEST = 9  # characters of a number
HALF = ("and", "a", "half")


@dataclass(frozen=True)
class Number:
    """A number in a list of words: its value and its place (`end` is exclusive)."""

    value: float
    start: int
    end: int
    exact: bool  # with a decimal part


def numbers(words: Sequence[str]) -> Iterator[Number]:
    """The numbers in `words` (lower case), from left to right; each word belongs to one at most."""
    place = 0
    while place < len(words):
        found = _whole(words, place)
        if found is None:
            place += 1
            continue
        value, end = found
        exact = value != int(value)
        if not exact:
            value, end, exact = _with_decimals(words, value, end)
        yield Number(value, place, end, exact)
        place = end


def _whole(words: Sequence[str], place: int) -> tuple[float, int] | None:
    """A number without "point", and where it ends."""
    word = words[place]
    if word[0].isdecimal():
        return (float(word.replace(",", ".")), place + 1) if len(word) <= LONGEST else None
    if word == "hundred" or (word in ("a", "one") and _at(words, place + 1) == "hundred"):
        end = place + (1 if word == "hundred" else 2)
        if _at(words, end) == "and":
            end += 1
        rest = _below_hundred(words, end)
        if rest is None:
            return 100.0, end - (_at(words, end - 1) == "and")
        return 100 + rest[0], rest[1]
    if word == "one" and _at(words, place + 1) in ("oh", "o", "zero"):  # "one oh two"
        last = VALUES.get(_at(words, place + 2), 10)
        if last < 10:
            return 100.0 + last, place + 3
    return _below_hundred(words, place)


def _below_hundred(words: Sequence[str], place: int) -> tuple[float, int] | None:
    value = VALUES.get(_at(words, place))
    if value is None:
        return None
    place += 1
    if value >= 20 and _at(words, place) == "-":
        place += 1
    last = VALUES.get(_at(words, place), 0)
    if value >= 20 and 0 < last < 10:
        return float(value + last), place + 1
    return float(value), place


def _with_decimals(words: Sequence[str], value: float, end: int) -> tuple[float, int, bool]:
    if _at(words, end) in POINTS:
        decimal = _decimal(_at(words, end + 1))
        if decimal is not None:
            return value + decimal, end + 2, True
    if tuple(words[end : end + 3]) == HALF:
        return value + 0.5, end + 3, True
    spoken = VALUES.get(_at(words, end), 10)  # "thirty eight six"
    if value >= 30 and 0 < spoken < 10 and not words[end - 1][0].isdigit():
        return value + spoken / 10, end + 1, True
    return value, end, False


def _decimal(word: str) -> float | None:
    if word.isdecimal():
        return float(f"0.{word}")
    digit = VALUES.get(word, 10)
    return digit / 10 if digit < 10 else None


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""
