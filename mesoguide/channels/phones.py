"""Telephone numbers in a line of text, so that a channel can make them tappable.

The same numbers as in the widget (widget/src/links.ts).
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Long numbers are plain by their shape; short ones only where the line speaks of calling.
_LONG = (
    r"\+\d{1,3}(?:[ -]\d{2,4}){2,4}",  # +44 20 ...
    r"(?:1-)?\d{3}-\d{3}-\d{4}",  # US
    r"1-800-\d-[A-Z]{6}",  # US, in letters
    r"0\d{2,4}(?: \d{2,4}){2,3}",  # UK
    r"13 \d\d \d\d",  # Australia
    r"116 ?\d{3}",  # European help lines
)
_SHORT = r"911|999|112|988|111|000"
_OF_CALLING = re.compile(r"\b(?:call|text|dial|ring|phone|emergency|nhs)\b", re.IGNORECASE)
# Part of a longer number or word is no number to call.
_NUMBER = re.compile(rf"(?<![\w.,+$£€-])(?:{'|'.join(_LONG)}|{_SHORT})(?![\w]|[-.,:]\d)")
_KEYPAD = {letter: str(key) for key, letters in enumerate(
    ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"), start=2
) for letter in letters}  # fmt: skip


def dialled(number: str) -> str:
    """The digits to dial, with the + of a country: "1-800-4-CANCER" is "18004226237"."""
    digits = "".join(_KEYPAD.get(one, one) for one in number.upper())
    return ("+" if digits.startswith("+") else "") + re.sub(r"\D", "", digits)


def with_numbers(line: str, write: Callable[[str, str], str], rest: Callable[[str], str]) -> str:
    """The line with each number as `write(digits to dial, number)`, all else as `rest(text)`."""
    calling = bool(_OF_CALLING.search(line))
    parts: list[str] = []
    done = 0
    for found in _NUMBER.finditer(line):
        number = found.group()
        if len(number) == 3 and not calling:
            continue
        parts += [rest(line[done : found.start()]), write(dialled(number), number)]
        done = found.end()
    return "".join((*parts, rest(line[done:])))
