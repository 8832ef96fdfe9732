"""`mesoguide review`: what to mend in the training examples.

Three kinds of findings: examples that look like those of another intent, near duplicates, and
intents whose examples are all of one kind. It reports only; the editor decides. A doubtful example
may be right and hard, and those are worth keeping.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.training_data.entities_parser import replace_entities
from rich.progress import track
from sklearn.svm import LinearSVC

from mesoguide.core.files import ContentError, Document
from mesoguide.likeness import (
    Labels,
    Pair,
    Variety,
    Vectors,
    close_pairs,
    equal_pairs,
    folds,
    gaps,
    likeness_to_intents,
    variety,
)
from mesoguide.nlu.classifier import TOLERANCE
from mesoguide.nlu.encoder import EncoderFileError, load_encoder
from mesoguide.nlu.text import plain
from mesoguide.pictures import draw_variety

TWICE, CLOSER, PREDICTED = "doubted twice", "closer to another", "taken for another"
ACROSS, WITHIN = "duplicate across intents", "duplicate"
MONOTONOUS = "variety"
HEADINGS = {
    TWICE: "closer to another intent, and a classifier takes them for another",
    CLOSER: "only closer to another intent",
    PREDICTED: "only taken for another intent by the classifier",
    ACROSS: "nearly the same example in two intents",
    WITHIN: "nearly the same example twice in one intent",
    MONOTONOUS: "intents, the least varied first",
}
COLUMNS = ("problem", "intent", "other_intent", "score", "line", "text", "other_text")
NEAREST = 5  # examples of each intent that are compared
FOLDS = 5
SAME = 0.97  # cosine from which two examples say the same
SHOWN = 15  # of each kind, on the terminal
ROWS = 512  # examples at a time: all at once would take 0.4 GB
WIDTH = 90  # letters of an example, on the terminal


@dataclass(frozen=True)
class Example:
    """One training example and where it stands."""

    intent: str
    text: str
    line: int


@dataclass(frozen=True)
class Finding:
    """One thing to look at: a row of review.tsv."""

    problem: str
    intent: str
    other_intent: str
    score: float
    line: int
    text: str
    other_text: str


@dataclass(frozen=True)
class Taught:
    """All examples of a file, their vectors, and their intents as numbers into `names`."""

    examples: list[Example]
    vectors: Vectors
    names: list[str]
    labels: Labels

    def blocks(self) -> list[range]:
        """The places of all examples, some at a time."""
        total = len(self.examples)
        return [range(start, min(start + ROWS, total)) for start in range(0, total, ROWS)]


def review_file(file: Path, out: Path) -> int:
    """Review a Rasa NLU file: print the worst, write review.tsv and review.png into `out`."""
    try:
        examples = read_examples(file)
        vectors = load_encoder().encode_all([one.text for one in examples])
    except (ContentError, EncoderFileError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:  # such as a folder instead of a file
        print(f"{file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 1
    names = sorted({one.intent for one in examples})
    position = {name: number for number, name in enumerate(names)}
    labels = np.array([position[one.intent] for one in examples], np.int64)
    taught = Taught(examples, vectors, names, labels)
    doubts = doubtful(taught)
    varieties = variety_by_intent(taught)
    findings = [*doubts, *duplicates(taught), *_monotonous(taught, varieties)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "review.tsv").write_text(_table(findings), encoding="utf-8")
    twice = Counter(one.intent for one in doubts if one.problem == TWICE)
    once = Counter(one.intent for one in doubts if one.problem != TWICE)
    draw_variety(varieties, twice, once, out / "review.png")
    _print(taught, findings)
    print(f"Written to {out}: review.tsv, review.png")
    return 0


def read_examples(file: Path) -> list[Example]:
    """The examples of all intents of a Rasa NLU file, with their lines. Raises ContentError."""
    document = Document(file)
    blocks = document.data.get("nlu") if isinstance(document.data, dict) else None
    if not isinstance(blocks, list):
        what = "This is no Rasa NLU file: there is no list under 'nlu'."
        raise ContentError([document.problem((), what, "Give one such as data/nlu.yml.")])
    examples: list[Example] = []
    for place, block in enumerate(blocks):
        if not isinstance(block, dict):
            problem = document.problem(("nlu", place), "This is no entry.", "Write: - intent: NAME")
            raise ContentError([problem])
        if "intent" in block:
            examples += _of_block(document, place, block)
    counts = Counter(one.intent for one in examples)
    if sum(count > 1 for count in counts.values()) < 2:
        what = "There are no two intents with two examples each, so there is nothing to compare."
        raise ContentError([document.problem(("nlu",), what, "Write more examples.")])
    return examples


def _of_block(document: Document, place: int, block: dict[str, Any]) -> list[Example]:
    """The examples of one intent: one text with a line for each, or a list of entries."""
    where = ("nlu", place, "examples")
    content, intent = block.get("examples"), str(block["intent"])
    if isinstance(content, str):
        start = document.line(where) + 1
        lines = [(start + number, line) for number, line in enumerate(content.splitlines())]
    elif isinstance(content, list):
        texts = [one.get("text") if isinstance(one, dict) else one for one in content]
        lines = [(document.line((*where, at)), str(text)) for at, text in enumerate(texts)]
    else:
        do = "Write under it: examples: | and a line for each, beginning with - ."
        raise ContentError([document.problem(where, f"'{intent}' has no examples.", do)])
    found = [
        (line, plain(replace_entities(text.strip().removeprefix("- ")))) for line, text in lines
    ]
    return [Example(intent, text, line) for line, text in found if text.strip("- ")]


def doubtful(taught: Taught) -> list[Finding]:
    """Examples that are doubted twice first, then by how much closer another intent is."""
    labels, vectors = taught.labels, taught.vectors
    blocks = track(taught.blocks(), description="Comparing")
    likeness = [likeness_to_intents(vectors, labels, rows, NEAREST) for rows in blocks]
    closest, gap = gaps(np.vstack(likeness), labels)
    predicted = out_of_fold(vectors, labels)
    alone = np.bincount(labels)[labels] == 1  # has nothing of its own to be compared with
    closer, taken = (gap > 0) & ~alone, (predicted != labels) & ~alone
    kinds = ((TWICE, closer & taken), (CLOSER, closer & ~taken), (PREDICTED, taken & ~closer))
    findings: list[Finding] = []
    for problem, mask in kinds:
        for place in sorted(np.flatnonzero(mask), key=lambda one: -gap[one]):
            others = [closest[place]] if problem != PREDICTED else []
            others += [predicted[place]] if problem != CLOSER else []
            findings.append(_doubt(taught, problem, int(place), others, float(gap[place])))
    return findings


def _doubt(taught: Taught, problem: str, place: int, others: list[int], gap: float) -> Finding:
    one = taught.examples[place]
    there = np.flatnonzero(taught.labels == others[0])
    nearest = there[(taught.vectors[there] @ taught.vectors[place]).argmax()]
    named = ", ".join(dict.fromkeys(taught.names[other] for other in others))
    other_text = taught.examples[nearest].text
    return Finding(problem, one.intent, named, gap, one.line, one.text, other_text)


def out_of_fold(vectors: Vectors, labels: Labels) -> Labels:
    """What a linear classifier takes each example for that has not seen it."""
    predicted: NDArray[np.int64] = np.zeros_like(labels)
    fold = folds(labels, FOLDS)
    for number in track(range(FOLDS), description="Classifying"):
        here = fold == number
        if here.any():
            model = LinearSVC(tol=TOLERANCE, random_state=0)
            model.fit(vectors[~here], labels[~here])
            predicted[here] = model.predict(vectors[here])
    return predicted


def duplicates(taught: Taught) -> list[Finding]:
    """Pairs of examples that say the same: those across two intents first, then the closest."""
    pairs: set[Pair] = set(equal_pairs([one.text for one in taught.examples]))
    for rows in taught.blocks():
        pairs.update(close_pairs(taught.vectors, rows, SAME))
    findings = [_duplicate(taught, pair) for pair in pairs]
    return sorted(findings, key=lambda one: (one.problem != ACROSS, -one.score, one.line))


def _duplicate(taught: Taught, pair: Pair) -> Finding:
    first, second = (taught.examples[place] for place in pair)
    cosine = float(taught.vectors[pair[0]] @ taught.vectors[pair[1]])
    problem = WITHIN if first.intent == second.intent else ACROSS
    # the later one is the one to delete, so its line is given
    texts = (second.text, first.text)
    return Finding(problem, second.intent, first.intent, cosine, second.line, *texts)


def variety_by_intent(taught: Taught) -> dict[str, Variety]:
    """How varied each intent is, the least varied first."""
    found: dict[str, Variety] = {}
    for number, name in enumerate(taught.names):
        places = np.flatnonzero(taught.labels == number)
        texts = [taught.examples[place].text for place in places]
        found[name] = variety(taught.vectors[places], texts)
    return dict(sorted(found.items(), key=lambda item: -item[1].sameness))


def _monotonous(taught: Taught, varieties: dict[str, Variety]) -> list[Finding]:
    findings: list[Finding] = []
    for name, one in varieties.items():
        line = next(example.line for example in taught.examples if example.intent == name)
        text = (
            f"alike {one.alike:.2f}; {one.share:.0%} begin with '{one.opening}'; "
            f"{one.examples} examples, {one.first_words} different first words"
        )
        findings.append(Finding(MONOTONOUS, name, "", one.sameness, line, text, ""))
    return findings


def _table(findings: list[Finding]) -> str:
    rows: list[Sequence[str]] = [COLUMNS]
    for one in findings:
        cells = astuple(one)
        rows.append([f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells])
    return "\n".join("\t".join(row) for row in rows) + "\n"


def _print(taught: Taught, findings: list[Finding]) -> None:
    counts = Counter(one.problem for one in findings)
    for problem, heading in HEADINGS.items():
        print(f"\n{counts[problem]} {heading}")
        for one in [item for item in findings if item.problem == problem][:SHOWN]:
            to = f" -> {one.other_intent}" if one.other_intent not in ("", one.intent) else ""
            print(f"  line {one.line}: {one.intent}{to} ({one.score:.2f}): {one.text[:WIDTH]}")
    print(f"\n{len(taught.examples)} examples of {len(taught.names)} intents were reviewed.")
