"""The list of English words, which the spelling, the safety gate and the languages share."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def dictionary() -> dict[str, int]:
    """English words and how often they are used (SymSpell's own list of 82,765)."""
    source = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    return {word: int(uses) for word, uses in (line.split() for line in lines)}
