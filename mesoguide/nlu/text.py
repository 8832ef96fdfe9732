"""Small text preparations that every component shares."""

from __future__ import annotations

from functools import lru_cache

import spacy
from spacy.language import Language

QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "..."})


def plain(text: str) -> str:
    """Straight quotes and single spaces, nothing else changed."""
    return " ".join(text.translate(QUOTES).split())


@lru_cache(maxsize=1)
def english() -> Language:
    """A blank English spaCy pipeline that splits words and sentences."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer", config={"punct_chars": [".", "!", "?", ";", "\n"]})
    return pipeline


def sentences(text: str) -> list[str]:
    """The sentences of a message, stripped; the whole message if it has one only."""
    parts = [span.text.strip() for span in english()(text).sents]
    return [part for part in parts if part] or [text]
