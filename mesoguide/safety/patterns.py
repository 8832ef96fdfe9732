"""The little language of knowledge/safety.yml, matched on spaCy.

    plain words   side by side             CAPITALS   an idea: any of the phrases listed for it
    ..            up to `GAP` words        +          near each other, in either order
    swell*        every word that begins so

Whatever is written there becomes phrases for one spaCy PhraseMatcher and, on top of these, chains
of phrases. Adding a pattern never needs code.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Generic, NamedTuple, TypeVar

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from mesoguide.english import dictionary
from mesoguide.safety.words import tokens

GAP = 5  # words
USED = 100_000  # uses in the list of English words, for one that stands for "swell*"
IDEA = re.compile(r"^[A-Z][A-Z_]+$")
What = TypeVar("What")
ANY_ORDER, SOME_WORDS = " + ", " .. "


def is_idea(word: str) -> bool:
    """Whether a word of a pattern names an idea."""
    return IDEA.match(word) is not None


class Span(NamedTuple):
    """A place in a sentence, in words; `end` is exclusive."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        """Whether both hold the same word."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Link:
    """One element of a chain: an idea or a phrase, and how many words may stand before it."""

    label: str
    gap: int


Chain = tuple[Link, ...]
Spans = Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class Pattern:
    """Chains that stand near each other in any order; mostly there is one only."""

    written: str
    chains: tuple[Chain, ...]
    labels: frozenset[str]  # all of them must be there

    @classmethod
    def parse(cls, written: str) -> Pattern:
        """A pattern as it is written in safety.yml."""
        chains = tuple(_links(part) for part in f" {written} ".split(ANY_ORDER))
        return cls(written, chains, frozenset(link.label for one in chains for link in one))

    def find(self, spans: Spans) -> Iterator[Span]:
        """Every place where the pattern stands."""
        if len(self.chains) == 1:
            yield from _places(self.chains[0], spans)
            return
        for chosen in product(*(list(_places(chain, spans)) for chain in self.chains)):
            ordered = sorted(chosen)
            if all(0 <= after.start - before.end <= GAP for before, after in pairwise(ordered)):
                yield Span(ordered[0].start, ordered[-1].end)


def _links(part: str) -> Chain:
    links: list[Link] = []
    for number, run in enumerate(f" {part} ".split(SOME_WORDS)):
        gap = GAP if number else 0
        for label in _labels(run.split()):
            links.append(Link(label, gap))
            gap = 0
    return tuple(links)


def _labels(words: Iterable[str]) -> Iterator[str]:
    """Ideas one by one, the plain words between them as one phrase each."""
    phrase: list[str] = []
    for word in words:
        if is_idea(word):
            if phrase:
                yield " ".join(phrase)
                phrase = []
            yield word
        else:
            phrase.append(word)
    if phrase:
        yield " ".join(phrase)


def _places(chain: Chain, spans: Spans, after: int | None = None) -> Iterator[Span]:
    """Where the links of a chain follow one another, the first of them after word `after`."""
    first, rest = chain[0], chain[1:]
    for span in spans.get(first.label, ()):
        if after is not None and not 0 <= span.start - after <= first.gap:
            continue
        if not rest:
            yield span
        else:
            for end in _places(rest, spans, span.end):
                yield Span(span.start, end.end)


class Patterns(Generic[What]):
    """Many patterns, each standing for something; only those that can match are tried."""

    def __init__(self, written: Iterable[tuple[What, str]]) -> None:
        """`written`: what a pattern stands for, and the pattern as in safety.yml."""
        parsed = [(what, Pattern.parse(one)) for what, one in written]
        uses = Counter(label for _, pattern in parsed for label in pattern.labels)
        self.labels = frozenset(uses)
        self._by_rarest: dict[str, list[tuple[What, Pattern]]] = {}
        for what, pattern in parsed:
            rarest = min(sorted(pattern.labels), key=uses.__getitem__)
            self._by_rarest.setdefault(rarest, []).append((what, pattern))

    def find(self, spans: Spans) -> Iterator[tuple[What, Span]]:
        """What stands in a sentence, and where."""
        for label in sorted(spans):
            for what, pattern in self._by_rarest.get(label, ()):
                if pattern.labels <= spans.keys():
                    for span in pattern.find(spans):
                        yield what, span


class Phrases:
    """Finds ideas and plain phrases in a sentence."""

    def __init__(self, ideas: Mapping[str, Iterable[str]], labels: Iterable[str]) -> None:
        """`labels`: of patterns; those that are no ideas are phrases themselves."""
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self.vocabulary: set[str] = set()
        for idea, phrases in ideas.items():
            for phrase in phrases:
                self._add(idea, phrase)
        for label in sorted(label for label in labels if not is_idea(label)):
            self._add(label, label)

    def _add(self, label: str, phrase: str) -> None:
        choices = [expand(word) for word in _words(phrase)]
        for words in product(*choices):
            self.vocabulary.update(words)
            self._matcher.add(label, [Doc(self._vocab, words=list(words))])

    def find(self, words: Sequence[str]) -> dict[str, list[Span]]:
        """The places of every idea and phrase that stands in a sentence."""
        found: dict[str, list[Span]] = {}
        for key, start, end in sorted(self._matcher(Doc(self._vocab, words=list(words)))):
            found.setdefault(self._vocab.strings[key], []).append(Span(start, end))
        return found


def _words(phrase: str) -> list[str]:
    found: list[str] = []
    for word in phrase.split():
        parts = tokens(word.rstrip("*"))
        if word.endswith("*"):
            parts[-1] += "*"
        found += parts
    return found


@lru_cache(maxsize=1)
def _in_order() -> list[str]:
    return sorted(word for word, uses in dictionary().items() if uses >= USED)


def expand(word: str) -> list[str]:
    """The word, or for "swell*" itself and the English words that begin so."""
    if not word.endswith("*"):
        return [word]
    start, known = word.rstrip("*"), _in_order()
    place = bisect_left(known, start)
    found = [start]
    while place < len(known) and known[place].startswith(start):
        found.append(known[place])
        place += 1
    return found
