"""First replies are written in plain words: grade 8 of school or lower."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import textstat
import yaml

from mesoguide.core.conversation import Guide
from mesoguide.core.memory import Memory
from mesoguide.core.models import Subject
from mesoguide.core.reply import render
from mesoguide.core.turn import Turn
from tests.core.content import ROOT
from tests.core.walk import PERMISSIONS, SUBJECTS, Respond, openings, responses

HARDEST = 8.0
SHOWN = 10
KINDS = ("answer", "signpost", "decline")
NAMES = ("PD-L1", "PD-1", "CTLA-4", "CheckMate 743", "EVOLVE-Meso", "ATOMIC-meso", "BEAT-meso",
         "DREAM3R", "PROMISE-meso", "IND.227", "MARS 2", "CONFIRM")  # fmt: skip


@pytest.fixture(scope="module")
def names() -> re.Pattern[str]:
    """Names that no plain word can stand for: of medicines, of proteins, of studies."""
    words = yaml.safe_load((ROOT / "knowledge" / "words.yml").read_text(encoding="utf-8"))
    drugs = [form for value, forms in words["drug"].items() for form in (value, *forms)]
    longest_first = sorted((*drugs, *NAMES), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def first_replies(guide: Guide) -> Iterator[tuple[str, str]]:
    """(topic and words, text) of every first reply on every topic."""
    respond = responses(guide)
    for turn in openings(guide):
        if guide.knowledge.answers[turn.intent].kind not in KINDS:
            continue
        for numbers in PERMISSIONS:
            for subject in SUBJECTS:
                yield (
                    f"{turn.intent} {turn.text!r}",
                    _text(guide, respond[turn.intent], turn, numbers, subject),
                )


def _text(
    guide: Guide, respond: Respond, turn: Turn, numbers: bool | None, subject: Subject | None
) -> str:
    memory = Memory(introduced=True, subject=subject, subject_asked=True, numbers=numbers)
    reply = respond(turn, memory)
    return str(render(guide.knowledge, reply, subject, buttons=True).data["text"])


def grade(text: str, names: re.Pattern[str]) -> float:
    plain = names.sub("it", text).replace("\n", " ")
    return float(textstat.flesch_kincaid_grade(plain))


def test_first_replies_are_easy_to_read(guide: Guide, names: re.Pattern[str]) -> None:
    textstat.set_lang("en")
    ways: dict[str, str] = {}
    for way, text in first_replies(guide):
        ways.setdefault(text, way)
    graded = sorted(((grade(text, names), way) for text, way in ways.items()), reverse=True)
    print(f"\nThe {SHOWN} hardest of {len(graded)} first replies:")
    for value, way in graded[:SHOWN]:
        print(f"  {value:4.1f}  {way}")
    too_hard = [f"{value:.1f} {way}" for value, way in graded if value > HARDEST]
    assert len(graded) > 100
    assert not too_hard, "\n".join(too_hard)
