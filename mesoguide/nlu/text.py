"""Small text preparations that every component shares, and the names of what they pass on."""

from __future__ import annotations

import re
from functools import lru_cache

import spacy
from spacy.language import Language

QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "..."})
# What components add to a message, for one another:
CORRECTED = "corrected"  # the text with its spelling corrected, when it differs
KNOWN = "known"  # the share of its words that are English or taught; 1 when merely mistyped
VIEWS = "views"  # [(text, vector)]: as typed and as corrected
PARTS = "parts"  # [(text, vector)]: its sentences, when it has several
CLAUSES = "clauses"  # [(text, vector)]: parts of sentences that could be questions themselves
JOINTS = re.compile(
    r"[,:]\s+|\s+[-–—]+\s+|\s+(?:and also|and|also|plus|as well as|but|or)\s+", re.IGNORECASE
)
CLAUSE = 3  # words, at least


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


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence that could each be a question; empty when it has one only."""
    parts = [part.strip() for part in JOINTS.split(sentence)]
    enough = [part for part in parts if len(part.split()) >= CLAUSE]
    return enough if len(enough) > 1 else []
