"""Counts of words and letters for the topic classifier, in bulk and for one text at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

Numbers = NDArray[np.float32]


def word_counts(**settings: Any) -> TfidfVectorizer:
    """Words and pairs of words."""
    return TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\b\w+\b", **settings
    )


def letter_counts(**settings: Any) -> TfidfVectorizer:
    """Runs of 2 to 5 letters inside words, which survive spelling mistakes."""
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, **settings)


class OneByOne:
    """A fitted vectorizer from above, for single texts: the same numbers, at a fifth of the cost.

    scikit-learn's `transform` makes and checks half a dozen sparse matrices, whatever their size.
    """

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        """Of a vectorizer that has a vocabulary and `idf_`."""
        self._terms = vectorizer.build_analyzer()
        self._rarity = vectorizer.idf_.astype(np.float32)
        self._places = vectorizer.vocabulary_

    def __len__(self) -> int:
        """The width of what the vectorizer makes of a text."""
        return len(self._rarity)

    def of(self, text: str) -> tuple[NDArray[np.int64], Numbers]:
        """The columns that are not zero, and their values; both of shape (terms,)."""
        places = self._places
        found = Counter(places[term] for term in self._terms(text) if term in places)
        columns = np.fromiter(found.keys(), np.int64, len(found))
        values = np.fromiter(found.values(), np.float32, len(found))
        values = (1 + np.log(values)) * self._rarity[columns]
        return columns, values / max(float(np.linalg.norm(values)), 1e-12)
