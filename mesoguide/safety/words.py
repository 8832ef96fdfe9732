"""A message as the gate reads it: plain words in lower case, slips of the pen mended.

The words the protocol knows are looked for in what was typed: exactly, by a near spelling
(SymSpell: one letter, two in long words) when the typed word is no English word, and inside words
that were run together. What is read here is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from math import log

from symspellpy import SymSpell, Verbosity

from mesoguide.english import dictionary

TOKEN = re.compile(r"\d+[.,]\d+|\d+|[^\W\d_]+|[^\w\s]")
APOSTROPHES = re.compile(r"(?<=\w)['’‘`´](?=\w)")
ENDS = frozenset(".!?;")
ASKS = "?"
STRETCHED = re.compile(r"(.)\1{2,}")
COMMON = 50_000  # uses in SymSpell's list, which has slips of the pen further down
FEWEST_LETTERS = 4  # of a word whose spelling is mended
LONG = 7  # letters, from which two may be wrong
JOINED = 7  # letters, from which an unknown word may be several
BREAK = "\n"


def tokens(text: str) -> list[str]:
    """Words without apostrophes, numbers, and single marks; line breaks count as marks."""
    straight = APOSTROPHES.sub("", text.lower())
    return [token for line in straight.splitlines() for token in (*TOKEN.findall(line), BREAK)][:-1]


class Reader:
    """Reads messages with one vocabulary."""

    def __init__(self, vocabulary: Collection[str], spellings: Mapping[str, str]) -> None:
        """`vocabulary`: words to be found; `spellings`: short forms and what they stand for."""
        self._vocabulary = frozenset(vocabulary)
        self._spellings = {key: value.split() for key, value in spellings.items()}
        common = (word for word, uses in dictionary().items() if uses > COMMON)
        self._english = frozenset(common) | self._vocabulary | frozenset(spellings)
        self._near = SymSpell(2)
        for word in self._vocabulary:
            if len(word) >= FEWEST_LETTERS:
                self._near.create_dictionary_entry(word, 1 + dictionary().get(word, 0))
        total = sum(dictionary().values())
        self._chance = {word: log(uses / total) for word, uses in dictionary().items()}
        self._chance |= {word: log(1e-4) for word in self._vocabulary if len(word) > 2}
        self._mended: dict[str, list[list[str]]] = {}

    def readings(self, text: str) -> list[list[list[str]]]:
        """The sentences of a message, each a list of words; once more where spelling leaves two."""
        first: list[str] = []
        second: list[str] = []
        for token in tokens(text):
            meant = self._meant(token)
            first += meant[0]
            second += meant[-1]
        both = [first] if first == second else [first, second]
        return [_sentences(one) for one in both]

    def _meant(self, token: str) -> list[list[str]]:
        """What a token may stand for, the likeliest first: one or two lists of words."""
        if token in self._spellings:
            return [self._spellings[token]]
        if not token[0].isalpha() or token in self._english or len(token) < FEWEST_LETTERS:
            return [[token]]
        if token not in self._mended:
            if len(self._mended) > 10_000:
                self._mended.clear()
            self._mended[token] = self._mend(token)
        return self._mended[token]

    def _mend(self, token: str) -> list[list[str]]:
        token = STRETCHED.sub(r"\1", token)  # "heeeelp"
        if token in self._english:
            return [[token]]
        far = 2 if len(token) >= LONG else 1
        near = self._near.lookup(token, Verbosity.ALL, max_edit_distance=far)
        near.sort(key=lambda one: (one.distance + (one.term[0] != token[0]), -one.count))
        alternatives = [[one.term] for one in near[:2] if one.distance <= near[0].distance]
        if len(token) >= JOINED and (not near or near[0].distance > 1):
            apart = self._apart(token)
            if apart:
                alternatives.insert(0, apart)
        if not alternatives:
            return [[token]]
        return [alternatives[0], alternatives[-1]]

    def _apart(self, token: str) -> list[str]:
        """The likeliest words that, run together, make `token`; empty when there are none."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(token) + 1):
            choices = [
                (best[start][0] + self._chance[token[start:end]], start)
                for start in range(max(0, end - 20), end)
                if token[start:end] in self._chance and (end - start > 1 or token[start] in "ai")
            ]
            best.append(max(choices, default=(float("-inf"), 0)))
        if best[-1][0] == float("-inf"):
            return []
        words, end = [], len(token)
        while end:
            start = best[end][1]
            words.append(token[start:end])
            end = start
        return words[::-1]


def _sentences(words: Iterable[str]) -> list[list[str]]:
    """Split at marks and line breaks, which are left out; only a question keeps its mark."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == ASKS and found[-1]:
            found[-1].append(word)
        if word in ENDS or word == BREAK:
            found.append([])
        else:
            found[-1].append(word)
    return [sentence for sentence in found if sentence]
