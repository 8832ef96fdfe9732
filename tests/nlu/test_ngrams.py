"""Counting one text at a time gives what scikit-learn gives in bulk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from mesoguide.nlu.ngrams import OneByOne, letter_counts, word_counts

TEXTS = [
    "what does stage 4 mean",
    "does opdivo help my dad, my dad and me?",
    "side effects of chemo",
    "nedir bu hastalık",
    "ok",
]
WORDS = word_counts().fit(TEXTS)
LETTERS = letter_counts(min_df=1).fit(TEXTS)


def same(vectorizer: TfidfVectorizer, text: str) -> bool:
    columns, values = OneByOne(vectorizer).of(text)
    found = np.zeros(len(vectorizer.idf_), np.float32)
    found[columns] = values
    return np.allclose(found, vectorizer.transform([text]).toarray()[0], atol=1e-6)


@pytest.mark.parametrize("vectorizer", [WORDS, LETTERS], ids=["words", "letters"])
@pytest.mark.parametrize("text", [*TEXTS, "", "xyz", "dad dad dad what", "STAGE 4 Mean!"])
def test_it_is_what_transform_gives(vectorizer: TfidfVectorizer, text: str) -> None:
    assert same(vectorizer, text)


@given(st.text(max_size=80))
def test_it_is_so_for_any_text(text: str) -> None:
    assert same(WORDS, text)
    assert same(LETTERS, text)


def test_it_is_as_wide_as_what_transform_gives() -> None:
    assert len(OneByOne(WORDS)) == WORDS.transform(["ok"]).shape[1]
