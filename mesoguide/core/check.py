"""`mesoguide check`: whether content, domain, examples, rules and safety words fit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mesoguide.core.files import ContentError, Document, Problem, read_text
from mesoguide.core.knowledge import Knowledge, load, unknown_id
from mesoguide.core.protocol import LEVELS
from mesoguide.core.scoring import COLUMNS, columns_of

FEWEST_EXAMPLES = 20
DANGER = "data/danger.tsv"  # what teaches the safety gate's second opinion
DANGER_COLUMNS = ("kind", "about", "text")
CALM = "calm"
LABELLED = ("tests/heldout.tsv", "tests/calibration.tsv")  # messages never trained on


def check(root: Path, knowledge_folder: Path) -> list[Problem]:
    """Every problem of the content and of what is tied to it; an empty list when all is well."""
    try:
        knowledge = load(knowledge_folder)
    except ContentError as error:
        return error.problems
    problems: list[Problem] = []
    answers = Document(knowledge_folder / "answers.yml")
    ties: list[Callable[[], Iterator[Problem]]] = [
        lambda: _domain(knowledge, answers, Document(root / "domain.yml")),
        lambda: _examples(knowledge, answers, Document(root / "data" / "nlu.yml")),
        lambda: _rules(knowledge, answers, Document(root / "data" / "rules.yml")),
        lambda: _words(Document(knowledge_folder / "words.yml")),
        *(partial(_labelled, knowledge, root, file) for file in LABELLED),
        lambda: _danger(root),
    ]
    for tie in ties:
        try:
            problems += tie()
        except ContentError as error:
            problems += error.problems
    return problems


def _domain(knowledge: Knowledge, answers: Document, domain: Document) -> Iterator[Problem]:
    listed = [str(intent) for intent in _part(domain, "intents")]
    for name in knowledge.answers:
        if name not in listed:
            do = f"Add '{name}' under 'intents' there."
            yield answers.problem((name,), f"'{name}' is not in domain.yml.", do)
    for position, name in enumerate(listed):
        if name not in knowledge.answers:
            yield unknown_id(domain, ("intents", position), name, list(knowledge.answers))


def _examples(knowledge: Knowledge, answers: Document, nlu: Document) -> Iterator[Problem]:
    counts: dict[str, int] = {}
    owner: dict[str, str] = {}
    for position, block in enumerate(_part(nlu, "nlu")):
        if not isinstance(block, dict):
            yield nlu.problem(("nlu", position), "This is no entry.", "Write: - intent: NAME")
            continue
        if "intent" not in block:
            continue  # a synonym, lookup or regex of Rasa's
        name = str(block["intent"])
        lines = [line[2:].strip() for line in str(block.get("examples", "")).splitlines()]
        counts[name] = counts.get(name, 0) + len(lines)
        for line in lines:
            key = re.sub(r"\W+", " ", line.lower()).strip() or line
            if owner.setdefault(key, name) != name:
                what = f"'{line}' is an example of {owner[key]} and of {name}."
                yield nlu.problem(("nlu", position), what, "Keep one of them.")
    for name in knowledge.answers:
        if counts.get(name, 0) < FEWEST_EXAMPLES:
            what = f"'{name}' has {counts.get(name, 0)} examples in data/nlu.yml."
            do = f"Write at least {FEWEST_EXAMPLES} there, as people type."
            yield answers.problem((name,), what, do)


def _rules(knowledge: Knowledge, answers: Document, rules: Document) -> Iterator[Problem]:
    ruled = set(_values(rules.data, "intent"))
    for name in knowledge.answers:
        if name not in ruled:
            do = "Add it to the list of the rule for topics there."
            yield answers.problem((name,), f"'{name}' is in no rule of data/rules.yml.", do)


def _values(data: Any, key: str) -> Iterator[str]:
    """Every value of `key`, however deep."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield str(value)
            else:
                yield from _values(value, key)
    elif isinstance(data, list):
        for item in data:
            yield from _values(item, key)


def _part(document: Document, key: str) -> list[Any]:
    """The list under `key`. Raises ContentError when there is none."""
    data = document.data.get(key) if isinstance(document.data, dict) else None
    if not isinstance(data, list) or not data:
        what = f"There should be a list under '{key}'."
        raise ContentError([document.problem((), what, "Compare with the version in git.")])
    return data


def _are_texts(*lists: object) -> bool:
    """Whether each is a list of texts with something in it."""
    return all(
        isinstance(one, list) and one and all(isinstance(item, str) for item in one)
        for one in lists
    )


def _words(words: Document) -> Iterator[Problem]:
    if not isinstance(words.data, dict) or not words.data:
        what = "There should be entities with their words."
        yield words.problem((), what, "Compare with the version in git.")
        return
    do = "Write: value: [form, form]"
    for entity, values in words.data.items():
        if not isinstance(values or {}, dict):
            yield words.problem((entity,), f"'{entity}' has no values with their words.", do)
            continue
        for value, forms in (values or {}).items():
            if not _are_texts(forms):
                what = f"'{value}' of {entity} is not a list of words."
                yield words.problem((entity, value), what, do)


def _labelled(knowledge: Knowledge, root: Path, name: str) -> Iterator[Problem]:
    rows = read_text(root / name).splitlines()
    width = columns_of(rows[0]) if rows else 0
    if not width:
        columns = ", ".join(COLUMNS)
        yield Problem(name, 1, "The first line is not the columns.", f"Write {columns} with tabs.")
        return
    for number, row in enumerate(rows[1:], start=2):
        cells = row.split("\t")
        if len(cells) != width:
            what = f"There are not {width} columns."
            yield Problem(name, number, what, "Separate them with tabs.")
            continue
        for intent in [cells[0], *filter(None, map(str.strip, cells[1].split(",")))]:
            if intent not in knowledge.answers:
                yield Problem(name, number, f"There is no topic '{intent}'.", "Correct the name.")


def _danger(root: Path) -> Iterator[Problem]:
    rows = [row.split("\t") for row in read_text(root / DANGER).splitlines()]
    if not rows or tuple(rows[0]) != DANGER_COLUMNS:
        do = f"Write {', '.join(DANGER_COLUMNS)} with tabs."
        yield Problem(DANGER, 1, "The first line is not the columns.", do)
        return
    for number, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(DANGER_COLUMNS) or not cells[-1].strip():
            what = f"There are not {len(DANGER_COLUMNS)} columns with a text."
            yield Problem(DANGER, number, what, "Separate them with tabs.")
        elif cells[0] not in (*LEVELS, CALM):
            what = f"There is no kind '{cells[0]}'."
            yield Problem(DANGER, number, what, f"Write {CALM} or a safety topic.")
