"""Everything that may be said: article, facts and phrases, and the recipes that use them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mesoguide.core.files import ContentError, Document, Problem, read_text
from mesoguide.core.models import Answer, Claim, Fact, Region, Subject, Word, Wording
from mesoguide.core.protocol import Protocol

CORRECTION = "main-correction"  # leads wherever an outdated sentence is quoted
LIMIT = "prog-stats-limit"  # leads wherever survival figures are said
MODEL = TypeVar("MODEL", bound=BaseModel)


@dataclass(frozen=True)
class Knowledge:
    """The loaded content. Ids of claims, facts and phrases never overlap."""

    claims: Mapping[str, Claim]
    facts: Mapping[str, Fact]
    phrases: Mapping[str, Wording]
    answers: Mapping[str, Answer]
    glossary: tuple[Word, ...]
    protocol: Protocol
    region: Region = "us"

    def text(self, id_: str, subject: Subject | None = None) -> str:
        """The sentence or sentences behind an id, in the wording of the region if it has one.

        Raises KeyError for an unknown id.
        """
        regional = f"{id_}_{self.region}"
        if regional in self.phrases:
            return self.phrases[regional].for_subject(subject)
        if id_ in self.phrases:
            return self.phrases[id_].for_subject(subject)
        return self.facts[id_].statement if id_ in self.facts else self.claims[id_].text

    def needs_yes(self, id_: str) -> bool:
        """True for a fact that is said only after a yes to numbers."""
        return id_ in self.facts and self.facts[id_].use == "ask_first"


def load(folder: Path, region: Region = "us") -> Knowledge:
    """Read and check `folder` as a whole. The numbers of `region` are said first.

    Raises:
        ContentError: with every problem found, each with file, line and remedy. Nothing is
            half-loaded: there is either a whole Knowledge or none.
    """
    return replace(_Reading(folder).knowledge(), region=region)


class _Reading:
    """One reading of the folder. Problems are collected and raised together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def knowledge(self) -> Knowledge:
        claims_file, claims = self._list("claims.yml", "claims", Claim, "id")
        facts_file, facts = self._list("evidence.yml", "facts", Fact, "id")
        words_file, glossary = self._list("glossary.yml", "words", Word, "word")
        phrases_file, phrases = self._phrases()
        answers_file, answers = self._answers()
        safety_file, protocol = self._protocol()
        self._raise_if_any()
        assert protocol is not None
        found = Knowledge(claims, facts, phrases, answers, tuple(glossary.values()), protocol)
        self._claims_are_verbatim(claims_file, claims)
        for id_ in phrases:
            if id_ in facts or id_ in claims:
                self._add(phrases_file, ("phrases", id_), f"The id '{id_}' is taken.", "Rename it.")
        for id_ in (CORRECTION, LIMIT):
            if id_ not in facts:
                self._add(facts_file, (), f"The fact '{id_}' is missing.", "Put it back.")
        for position, word in enumerate(glossary.values()):
            if word.says not in facts and word.says not in phrases:
                self._unknown(words_file, ("words", position), word.says, [*facts, *phrases])
            if found.needs_yes(word.says):
                what = f"'{word.says}' is a survival figure (ask_first)."
                self._add(words_file, ("words", position, "says"), what, "Use another id.")
        self._signs(safety_file, protocol, found)
        for name, answer in answers.items():
            self.problems += _AnswerCheck(found, answers_file, name, answer).problems()
        self._raise_if_any()
        return found

    def _raise_if_any(self) -> None:
        if self.problems:
            raise ContentError(self.problems)

    def _add(self, document: Document, where: tuple[str | int, ...], what: str, do: str) -> None:
        self.problems.append(document.problem(where, what, do))

    def _unknown(
        self, document: Document, where: tuple[str | int, ...], id_: str, known: list[str]
    ) -> None:
        self.problems.append(unknown_id(document, where, id_, known))

    def _document(self, name: str) -> Document | None:
        try:
            return Document(self.folder / name)
        except ContentError as error:
            self.problems += error.problems
            return None

    def _list(
        self, file: str, key: str, model: type[MODEL], id_field: str
    ) -> tuple[Document, dict[str, MODEL]]:
        document = self._document(file)
        found: dict[str, MODEL] = {}
        if document is None:
            return Document.__new__(Document), found
        for position, item in enumerate(_section(document, key, list, self.problems)):
            parsed = self._parse(document, (key, position), model, item)
            if parsed is None:
                continue
            id_ = getattr(parsed, id_field)
            if id_ in found:
                self._add(document, (key, position), f"'{id_}' is here twice.", "Keep one of them.")
            found[id_] = parsed
        return document, found

    def _phrases(self) -> tuple[Document, dict[str, Wording]]:
        document = self._document("phrases.yml")
        found: dict[str, Wording] = {}
        if document is None:
            return Document.__new__(Document), found
        for id_, item in dict(_section(document, "phrases", dict, self.problems)).items():
            wording = {"any": item, "self": item, "other": item} if isinstance(item, str) else item
            parsed = self._parse(document, ("phrases", id_), Wording, wording)
            if parsed is not None:
                found[id_] = parsed
        return document, found

    def _answers(self) -> tuple[Document, dict[str, Answer]]:
        document = self._document("answers.yml")
        found: dict[str, Answer] = {}
        if document is None:
            return Document.__new__(Document), found
        for name, item in dict(_section(document, None, dict, self.problems)).items():
            parsed = self._parse(document, (name,), Answer, item)
            if parsed is not None:
                found[name] = parsed
        return document, found

    def _protocol(self) -> tuple[Document, Protocol | None]:
        document = self._document("safety.yml")
        if document is None:
            return Document.__new__(Document), None
        data = _section(document, None, dict, self.problems)
        return document, self._parse(document, (), Protocol, data) if data else None

    def _signs(self, document: Document, protocol: Protocol, found: Knowledge) -> None:
        names: set[str] = set()
        for position, sign in enumerate(protocol.signs):
            if sign.name in names:
                what = f"The sign '{sign.name}' is here twice."
                self._add(document, ("signs", position), what, "Keep one of them.")
            names.add(sign.name)
            if sign.intent in ("emergency", "urgent_symptom") and not sign.facts:
                what = f"The sign '{sign.name}' has no reply."
                self._add(document, ("signs", position), what, "Name a fact under 'facts'.")
            for place, id_ in enumerate(sign.facts):
                if id_ not in found.facts:
                    where = ("signs", position, "facts", place)
                    self._unknown(document, where, id_, [*found.facts])
            if sign.intent not in found.answers:
                what = f"There is no answer '{sign.intent}' in answers.yml."
                self._add(document, ("signs", position, "intent"), what, "Put it back there.")

    def _parse(
        self, document: Document, where: tuple[str | int, ...], model: type[MODEL], item: Any
    ) -> MODEL | None:
        try:
            return model.parse_obj(item)
        except ValidationError as error:
            for one in error.errors():
                place = (*where, *one["loc"])
                label = ".".join(str(step) for step in one["loc"] if step != "__root__")
                what = f"'{label}' in {_label(where, item)}: {one['msg']}."
                self._add(document, place, what, "Correct that entry.")
            return None

    def _claims_are_verbatim(self, document: Document, claims: Mapping[str, Claim]) -> None:
        try:
            article = read_text(self.folder / "article.md")
        except ContentError as error:
            self.problems += error.problems
            return
        paragraphs = [
            part for part in article.split("\n\n") if part.strip() and not part.startswith("#")
        ]
        for position, claim in enumerate(claims.values()):
            number = claim.paragraph
            inside = 1 <= number <= len(paragraphs) and claim.text in paragraphs[number - 1]
            if not inside:
                what = f"{claim.id} is not word for word in paragraph {number} of article.md."
                do = "Copy the sentence from the article exactly."
                self._add(document, ("claims", position, "text"), what, do)


def _label(where: tuple[str | int, ...], item: Any) -> str:
    if isinstance(item, dict) and item.get("id"):
        return str(item["id"])
    return str(where[-1]) if where else "the file"


def _section(document: Document, key: str | None, kind: type, problems: list[Problem]) -> Any:
    data = document.data
    if key is not None:
        data = data.get(key) if isinstance(data, dict) else None
    if isinstance(data, kind) and data:
        return data
    shape = "a list" if kind is list else "entries with names"
    what = f"There should be {shape} under '{key}'." if key else f"There should be {shape}."
    problems.append(document.problem((), what, "Compare with the version in git."))
    return kind()


def unknown_id(
    document: Document, where: tuple[str | int, ...], id_: str, known: list[str]
) -> Problem:
    """The problem 'there is no such id', with the nearest one that exists."""
    near = difflib.get_close_matches(id_, known, n=1)
    remedy = f"Did you mean '{near[0]}'?" if near else "Add it, or use an id that exists."
    return document.problem(where, f"There is no '{id_}'.", remedy)


@dataclass(frozen=True)
class _AnswerCheck:
    """The rules that one entry of answers.yml must keep."""

    knowledge: Knowledge
    document: Document
    name: str
    answer: Answer

    def problems(self) -> list[Problem]:
        return [*self._ids_exist(), *self._numbers_wait(), *self._correction(), *self._complete()]

    def _at(self, what: str, do: str, *where: str | int) -> Problem:
        return self.document.problem((self.name, *where), f"{self.name}: {what}", do)

    def _ids_exist(self) -> Iterator[Problem]:
        sayable = [*self.knowledge.facts, *self.knowledge.phrases]
        claims = list(self.knowledge.claims)
        answer = self.answer
        places: list[tuple[tuple[str | int, ...], list[str], list[str]]] = [
            (("say",), answer.say, sayable),
            (("quote",), answer.quote, claims),
            (("more",), answer.more, sayable),
            (("numbers",), answer.numbers, list(self.knowledge.facts)),
            *((("say_in", region), say, sayable) for region, say in answer.say_in.items()),
            (("next",), answer.next, list(self.knowledge.answers)),
            (("question",), [answer.question] if answer.question else [], sayable),
        ]
        for position, asked in enumerate(answer.asked):
            places.append((("asked", position, "say"), asked.say, sayable))
            places.append((("asked", position, "quote"), asked.quote or [], claims))
        for where, ids, known in places:
            for position, id_ in enumerate(ids):
                if id_ not in known:
                    yield unknown_id(self.document, (self.name, *where, position), id_, known)

    def _numbers_wait(self) -> Iterator[Problem]:
        said = [*self.answer.say, *self.answer.more]
        said += [id_ for asked in self.answer.asked for id_ in asked.say]
        said += [self.answer.question] if self.answer.question else []
        for id_ in said:
            if self.knowledge.needs_yes(id_):
                do = "Move it to 'numbers', which waits for a yes."
                yield self._at(f"'{id_}' is a survival figure (ask_first).", do)
        numbers = self.answer.numbers
        if numbers and not any(self.knowledge.needs_yes(id_) for id_ in numbers):
            what = "No fact under 'numbers' is a survival figure (ask_first)."
            yield self._at(what, "Move them to 'more'.", "numbers")

    def _correction(self) -> Iterator[Problem]:
        starts = [(self.answer.say, self.answer.quote)]
        starts += [(asked.say, asked.quote or []) for asked in self.answer.asked]
        for say, quote in starts:
            for id_ in quote:
                claim = self.knowledge.claims.get(id_)
                if claim and claim.needs_correction and say[0] != CORRECTION:
                    do = f"Put '{CORRECTION}' first in 'say', or leave the quote out."
                    yield self._at(f"{id_} is out of date and stands uncorrected.", do, "quote")

    def _complete(self) -> Iterator[Problem]:
        answer = self.answer
        only_phrases = all(id_ in self.knowledge.phrases for id_ in answer.say)
        if answer.kind in ("answer", "signpost") and only_phrases:
            yield self._at("It says no fact.", "Add the id of a fact to 'say'.", "say")
        if answer.kind in ("answer", "signpost", "decline"):
            if not answer.question:
                yield self._at("It has no 'question'.", "Add one for the oncologist.")
            if not answer.next:
                yield self._at("It offers nothing 'next'.", "Name one to three topics.")
        if answer.offer_numbers and not answer.numbers:
            yield self._at("It offers numbers and has none.", "Add them to 'numbers'.")
        if len(answer.next) > 3:
            yield self._at("It offers more than three topics.", "Keep three.", "next")
