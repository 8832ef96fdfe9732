"""Typing errors as hands make them: always the same ones for the same seed and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

LONG = 4  # letters; shorter words are mistyped only where there is no longer one
MOST = 2  # errors in a message
WORD = re.compile(r"[^\W\d_]+")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def mistyped(text: str, seed: int = 0) -> str:
    """`text` with one or two typing errors, each in a word of its own; without a word, as it is."""
    random = Random(f"{seed} {text}")
    words = list(WORD.finditer(text))
    targets = [word for word in words if len(word.group()) >= LONG] or words
    wanted = min(random.randint(1, MOST), len(targets))
    # from the end, so that the places of the words before stay right
    for word in sorted(random.sample(targets, wanted), key=lambda one: -one.start()):
        before, after = text[: word.start()], text[word.end() :]
        text = before + random.choice(list(_errors(word.group(), after, random)))
    return text


def _errors(word: str, after: str, random: Random) -> Iterator[str]:
    """One error of each kind that this word allows, with what comes after it."""
    place = random.randrange(len(word))
    yield word[: place + 1] + word[place:] + after  # doubled
    if len(word) > 1:
        yield word[:place] + word[place + 1 :] + after  # dropped
    if near := neighbours(word[place]):
        yield word[:place] + random.choice(near) + word[place + 1 :] + after
    swaps = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    if swaps:
        at = random.choice(swaps)
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :] + after
    if re.match(r" [^\W\d_]", after):
        yield word + after[1:]  # joined


def neighbours(letter: str) -> list[str]:
    """The letters left, right, above and below on the keyboard; none for letters not on it."""
    for number, row in enumerate(ROWS):
        place = row.find(letter.lower())
        if place >= 0:
            beside = [(number, place - 1), (number, place + 1)]
            beside += [(number - 1, place), (number - 1, place + 1)]
            beside += [(number + 1, place - 1), (number + 1, place)]
            found = [
                ROWS[line][at]
                for line, at in beside
                if 0 <= line < len(ROWS) and 0 <= at < len(ROWS[line])
            ]
            return [one.upper() if letter.isupper() else one for one in found]
    return []
