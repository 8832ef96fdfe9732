"""Names of people, told by the words before them and by lists of names.

There is no model for it here. A word is a name

- after words that announce one ("my name is", "signed"), unless it can be none;
- after a title, somebody of the family or "I am", if it is on the lists or a capital word that is
  in no dictionary;
- anywhere, if it is a first name that is nothing else.

More words of the same name follow it. Words that are names as well (will, may, hope), places,
and all words of the knowledge (medicines, hospitals that it names) are names only where they are
announced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import symspellpy

from mesoguide import paths
from mesoguide.privacy.people import names_of

HERE = Path(__file__).parent
MOST_WORDS = 4  # of one name
WORD = re.compile(r"<[a-z]+>|(?:[OoDd]['’])?[^\W\d_]+(?:-[^\W\d_]+)*")
ANNOUNCED = re.compile(
    r"(?<![<\w])(?:names?(?:['’]s| is|:| =)|my name|(?:first|last|full|sur) ?name|"
    r"signed(?: by)?|call me|named|patient(?: name)?(?: is|:))"
    r"[\s:,]*$",
    re.IGNORECASE,
)
TITLED = re.compile(
    r"(?<!\w)(?:dr|mr|mrs|ms|miss|mx|prof|sir|dame|rev|sr|sra|herr|frau|mme)\.? $", re.I
)
LIKELY = re.compile(
    r"(?<![<\w])(?:i am|i['’]?m|this is|it['’]?s|it is|s?he['’]?s|called|regards,?|wishes,?|"
    r"(?:love|thanks|yours),?(?: from)?|from|doctor|professor|nurse|sister|consultant|oncologist|"
    r"surgeon|patient|hi|hello|hey|dear|under|"
    r"(?:step|grand)?(?:mum|mom|mam|mother|dad|father|son|daughter|brother|ma|pa|da)(?: in law)?|"
    r"husband|wife|partner|aunt(?:ie|y)?|uncle|cousin|niece|nephew|nan|nana|gran|granny|grandma|"
    r"grandpa|grandad|granddad|friend|neighbou?r|mate|babam|annem|carer|boss|fianc[ée]e?)"
    r"[,:]? $",
    re.IGNORECASE,
)
KEPT = re.compile(  # of hospitals, charities and diseases
    r"\b(?:marie curie|macmillan|mayo|sloan kettering|dana farber|md anderson|johns hopkins|"
    r"royal marsden|st\.? (?:james|thomas|george|bart)\w*|guy['’]s|parkinson|hodgkin|crohn|"
    r"addison|cushing|alzheimer|graves|raynaud|samaritans|karnofsky|cyberknife|da vinci|"
    r"hermann|moffitt|brigham)(?:['’]?s)?\b",
    re.IGNORECASE,
)
MORE_FIRST = frozenset(
    ["will", "pat", "rob", "sue", "art", "kev", "trev", "alf", "des", "ted", "stan"]
)


@dataclass(frozen=True)
class Lists:
    """What is known of words, all in small letters.

    Attributes:
        first: first names, also those that are words.
        last: last names, the same.
        only_first: first names that are nothing else.
        only_last: last names that are nothing else.
        said: what stands in the knowledge.
        words: what stands there or in a dictionary, and is no mere name.
        never: what no name begins with, and none goes on with.
    """

    first: frozenset[str]
    last: frozenset[str]
    only_first: frozenset[str]
    only_last: frozenset[str]
    said: frozenset[str]
    words: frozenset[str]
    never: frozenset[str]


@lru_cache(maxsize=1)
def lists() -> Lists:
    """The lists, read once."""
    first, last = names_of("first") | MORE_FIRST, names_of("last")
    ordinary, never = _words_of("ordinary.txt"), _words_of("never.txt")
    known = _knowledge()
    only_first = first - ordinary - known.difference(last)
    only_last = last - ordinary
    words = frozenset(_dictionary()) | known
    return Lists(first, last, only_first, only_last, known, words - only_first - only_last, never)


def _words_of(name: str) -> frozenset[str]:
    _, *lines = (HERE / name).read_text(encoding="utf-8").splitlines()  # the first says what it is
    return frozenset(" ".join(lines).split())


def _dictionary() -> Iterator[str]:
    """The English words of the package that corrects spelling."""
    file = files(symspellpy) / "frequency_dictionary_en_82_765.txt"
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        yield line.partition(" ")[0]


def _knowledge() -> frozenset[str]:
    """The words in small letters of what may be said, and the names of medicines."""
    folder = paths.knowledge()
    text = " ".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yml")))
    names = (folder / "words.yml").read_text(encoding="utf-8").lower()
    return frozenset(re.findall(r"(?<!\w)[a-z]{3,}(?!\w)", f"{text} {names}"))


def without_names(text: str) -> str:
    """The text with <name> instead."""
    words = [word for word in WORD.finditer(text) if not word[0].startswith("<")]
    kept = [found.span() for found in KEPT.finditer(text)]
    parts, done, at = [], 0, 0
    while at < len(words):
        length = 0
        if not any(start <= words[at].start() < end for start, end in kept):
            length = _length(text, words, at)
        if length:
            parts += [text[done : words[at].start()], "<name>"]
            done = words[at + length - 1].end()
        at += max(length, 1)
    return "".join([*parts, text[done:]])


def _length(text: str, words: list[re.Match[str]], at: int) -> int:
    """How many words the name has that begins with this one; 0 when none does."""
    before = text[max(0, words[at].start() - 30) : words[at].start()]
    word = words[at][0]
    following = _joined(text, words, at)
    if not _begins(word, before, following[1:]):
        return 0
    length = 1
    for other in following[1:MOST_WORDS]:
        if not _goes_on(other, word):
            break
        length += 1
    return length


def _joined(text: str, words: list[re.Match[str]], at: int) -> list[str]:
    """A word and those that follow it with no more than a space or a dot between."""
    found = [words[at][0]]
    for one, other in zip(words[at:], words[at + 1 : at + MOST_WORDS], strict=False):
        if text[one.end() : other.start()] not in (" ", ". "):
            break
        found.append(other[0])
    return found


def _begins(word: str, before: str, following: list[str]) -> bool:
    known, small = lists(), _small(word)
    capital = word[0].isupper()
    if small in known.never:
        return False
    is_new = small not in known.words
    if ANNOUNCED.search(before):
        is_capital = capital and not word.isupper() and small not in known.said
        return is_capital or small in known.first or small in known.last or is_new
    if TITLED.search(before):
        return small in known.only_last or small in known.only_first or is_new or (
            capital and not word.isupper() and (small in known.first or small in known.last)
        )  # fmt: skip
    if len(small) < 2:
        return False
    if LIKELY.search(before):
        if small in known.only_first or (capital and is_new and not word.isupper()):
            return True
        if capital and small in known.first and not before.lower().endswith(("from ", "under ")):
            return True
    if small in known.only_first and len(small) > 2:
        return True
    return bool(
        capital
        and following
        and not word.isupper()
        and (small in known.first)
        and following[0][0].isupper()
        and not following[0].isupper()
        and (_small(following[0]) in known.only_last or _small(following[0]) not in known.words)
    )


def _goes_on(word: str, first: str) -> bool:
    """Whether the word belongs to the name that begins with `first`."""
    known, small = lists(), _small(word)
    if small in known.never:
        return False
    if small in known.only_last or small in known.only_first:
        return True
    if word[0].isupper() and (len(word) == 1 or small not in known.words or small in known.last):
        return not (word.isupper() and not first.isupper() and len(word) > 1)
    return False


def _small(word: str) -> str:
    return word.lower().replace("’", "'")
