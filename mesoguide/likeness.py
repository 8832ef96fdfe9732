"""How alike examples are: arithmetic on their unit vectors and their words, without the encoder."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Labels = NDArray[np.int64]  # the intent of each example, as a number from 0
Pair = tuple[int, int]


@dataclass(frozen=True)
class Variety:
    """How varied the examples of one intent are.

    Attributes:
        alike: mean cosine of every pair, 1 when there is one example only.
        opening: the commonest first two words; `share`: of the examples that begin so.
        first_words: how many different first words there are.
    """

    alike: float
    opening: str
    share: float
    examples: int
    first_words: int

    @property
    def sameness(self) -> float:
        """0 (every example different in meaning and opening) to 1 (all the same)."""
        return (max(self.alike, 0.0) + self.share) / 2


def bare(text: str) -> str:
    """The words in lower case without punctuation; the text itself when there is no word."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip() or text


def likeness_to_intents(vectors: Vectors, labels: Labels, rows: range, nearest: int) -> Vectors:
    """Shape (rows, intents): mean cosine to the `nearest` examples of each intent.

    An example is left out of its own; where nothing is left the value is 0.
    """
    cosine = vectors[rows.start : rows.stop] @ vectors.T
    cosine[np.arange(len(rows)), np.arange(rows.start, rows.stop)] = -np.inf
    found = np.zeros((len(rows), int(labels.max()) + 1), np.float32)
    for intent in range(found.shape[1]):
        of_intent = cosine[:, labels == intent]
        count = min(nearest, of_intent.shape[1])
        best = np.partition(of_intent, -count, axis=1)[:, -count:]
        there = np.isfinite(best)
        found[:, intent] = np.where(there, best, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return found


def gaps(likeness: Vectors, labels: Labels) -> tuple[Labels, Vectors]:
    """For each example: the best other intent, and how much closer it is than the own one."""
    every = np.arange(len(labels))
    others = likeness.copy()
    others[every, labels] = -np.inf
    best = others.argmax(axis=1)
    return best, others[every, best] - likeness[every, labels]


def close_pairs(vectors: Vectors, rows: range, least: float) -> list[Pair]:
    """Pairs (earlier, later) whose cosine is at least `least` and whose earlier one is in rows."""
    cosine = vectors[rows.start : rows.stop] @ vectors[rows.start :].T
    first, second = np.nonzero(np.triu(cosine, 1) >= least)
    return [(rows.start + int(a), rows.start + int(b)) for a, b in zip(first, second, strict=True)]


def equal_pairs(texts: Sequence[str]) -> list[Pair]:
    """Pairs (earlier, later) that are the same words."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        places[bare(text)].append(place)
    return [pair for same in places.values() for pair in combinations(same, 2)]


def folds(labels: Labels, count: int) -> Labels:
    """The fold of each example: shuffled, and each intent spread evenly over the folds."""
    found = np.zeros(len(labels), np.int64)
    random = np.random.default_rng(0)
    for intent in np.unique(labels):
        places = random.permutation(np.flatnonzero(labels == intent))
        found[places] = np.arange(len(places)) % count
    return found


def variety(vectors: Vectors, texts: Sequence[str]) -> Variety:
    """How varied the examples of one intent are, by their vectors and their first words."""
    count = len(texts)
    total = vectors.astype(np.float64).sum(axis=0)
    alike = (total @ total - count) / (count * (count - 1)) if count > 1 else 1.0
    words = [bare(text).split() for text in texts]
    opening, times = Counter(" ".join(one[:2]) for one in words).most_common(1)[0]
    first_words = len({one[0] for one in words if one})
    return Variety(float(alike), opening, times / count, count, first_words)
