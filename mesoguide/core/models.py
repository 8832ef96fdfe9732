"""The shapes of what may be said. Field names are those of the files in knowledge/."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConstrainedStr, Extra, Field

Kind = Literal["answer", "signpost", "decline", "safety", "meta"]
Subject = Literal["self", "other"]
Region = Literal["us", "uk", "eu", "tr"]


class NeedsText(ConstrainedStr):
    """A text that may not be empty."""

    strip_whitespace = True
    min_length = 1


class Title(NeedsText):
    """The words on a button."""

    max_length = 40


class ClaimId(ConstrainedStr):
    """C01 to C99."""

    regex = re.compile(r"^C\d{2}$")


class FactId(ConstrainedStr):
    """Small letters and digits joined by hyphens."""

    regex = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


class WebAddress(ConstrainedStr):
    """An http or https address."""

    regex = re.compile(r"^https?://\S+$")


class Strict(BaseModel):
    """Unknown keys are mistakes; what was loaded does not change."""

    class Config:
        extra = Extra.forbid
        frozen = True


class Claim(Strict):
    """One sentence of the article, with the verdict of those who checked it."""

    id: ClaimId
    paragraph: int
    text: NeedsText
    verdict: NeedsText
    note: str | None = None

    @property
    def needs_correction(self) -> bool:
        """True where the article is contradicted or outdated."""
        return self.verdict.startswith(("contradicted", "outdated"))


class Source(Strict):
    """Where a fact was read."""

    title: NeedsText
    publisher: NeedsText
    url: WebAddress
    dated: NeedsText


class Fact(Strict):
    """A checked statement in plain words with its source."""

    id: FactId
    topic: str
    statement: NeedsText
    use: Literal["open", "open_with_care", "ask_first", "emergency", "crisis"]
    jurisdiction: Literal["all", "US", "UK", "AU", "EU", "TR"]
    source: Source
    checked: NeedsText
    grade: Literal["A", "B", "U"]
    article_claims: dict[str, list[str]] = Field(default_factory=dict)
    editor_note: str | None = None  # for editors; never shown


class Wording(Strict):
    """A phrase whose wording depends on whom the person asks for."""

    any: NeedsText
    self: NeedsText
    other: NeedsText

    def for_subject(self, subject: Subject | None) -> str:
        """The wording that fits `subject`; the neutral one while it is unknown."""
        return str(getattr(self, subject or "any"))


class Asked(Strict):
    """Another way to start an answer, when the message holds one of these words."""

    words: list[NeedsText] = Field(min_items=1)
    say: list[str] = Field(min_items=1)
    quote: list[str] | None = None


class Answer(Strict):
    """The recipe of one topic. All names are ids; see the head of answers.yml."""

    kind: Kind
    title: Title
    say: list[str] = Field(min_items=1)
    say_in: dict[Region, list[str]] = Field(default_factory=dict)  # instead of `say`, there
    asked: list[Asked] = Field(default_factory=list)
    quote: list[str] = Field(default_factory=list)
    more: list[str] = Field(default_factory=list)
    numbers: list[str] = Field(default_factory=list)
    offer_numbers: bool = False  # ask about the numbers at once, not only after `more`
    next: list[str] = Field(default_factory=list)
    question: str | None = None


class Word(Strict):
    """A hard word, and the fact or phrase that says what it means."""

    word: NeedsText
    also: list[str] = Field(default_factory=list)
    says: str
