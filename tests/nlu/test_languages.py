"""Other languages are noticed, named and answered in one line; English is not taken for one."""

from __future__ import annotations

from collections import Counter

import pytest

from mesoguide import paths
from mesoguide.core.languages import LINE, TOPIC
from mesoguide.core.scoring import OUT, read_rows
from mesoguide.nlu.languages import UNKNOWN, foreign_language
from tests.reading import Reader
from tests.typing_errors import mistyped

FOLDER = paths.ROOT / "tests"
OWN = ("tr", "es", "de", "fr")
MOST_TAKEN = 0.01  # of English messages
MOST_MISTYPED_TAKEN = 0.015
FEWEST_FOUND = 0.90  # of foreign messages
FEWEST_OWN = 0.80  # of the messages in the four languages, in the right one


def foreign() -> list[tuple[str, str]]:
    header, *lines = (FOLDER / "foreign.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "language\ttext"
    rows = [line.split("\t") for line in lines]
    return [(language, text) for language, text in rows]


def english(file: str) -> list[str]:
    """The messages in scope of a labelled file, but for those in another language."""
    return [row.text for row in read_rows(FOLDER / file) if row.expected not in (OUT, TOPIC)]


# --- by itself


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Babamda mezotelyoma var, ne yapmalıyım?", "tr"),
        ("¿La inmunoterapia funciona para el mesotelioma?", "es"),
        ("Mein Vater hat ein Mesotheliom im vierten Stadium", "de"),
        ("Ma mère a un mésothéliome, quels sont les traitements ?", "fr"),
        ("Mia madre ha un mesotelioma, cosa possiamo fare?", "it"),
        ("что такое мезотелиома", UNKNOWN),
        ("ما هو العلاج المناعي", UNKNOWN),
        ("間皮腫とは何ですか", UNKNOWN),
    ],
)
def test_a_language_is_named(text: str, language: str) -> None:
    assert foreign_language(text, known=0.0) == language


@pytest.mark.parametrize("text", ["", "4", "?!", "🐶🐶", "38.6 / 120"])
def test_without_a_letter_there_is_no_language(text: str) -> None:
    assert foreign_language(text, known=0.0) is None


def test_a_text_whose_words_are_known_is_english_whatever_it_looks_like() -> None:
    text = "Mein Vater hat ein Mesotheliom im vierten Stadium"
    assert foreign_language(text, known=0.7) is None
    assert foreign_language(text, known=0.69) == "de"


def test_one_unknown_word_is_not_a_language() -> None:
    assert foreign_language("Krankenhaus", known=0.0) is None


def test_unknown_words_in_english_sentences_are_not_a_language() -> None:
    text = "what did the registrar mean by that thing he scribbled"
    assert foreign_language(text, known=0.3) is None


# --- with the trained model


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Babamda mezotelyoma var, bağışıklık tedavisi işe yarar mı?", "tr"),
        ("¿La inmunoterapia funciona para el mesotelioma?", "es"),
        ("Mein Vater hat ein Mesotheliom im vierten Stadium, was können wir tun?", "de"),
        ("Bonjour, ma mère a un mésothéliome, quels sont les traitements possibles ?", "fr"),
    ],
)
def test_the_four_languages_are_answered_in_their_own_line(
    reader: Reader, text: str, code: str
) -> None:
    assert reader.reply(text).say == (f"{LINE}_{code}",)


@pytest.mark.parametrize(
    "text",
    [
        "Mia madre ha un mesotelioma, cosa possiamo fare adesso?",
        "что такое мезотелиома и как её лечат",
        "ما هو العلاج المناعي للورم",
        "間皮腫とは何ですか",
        "Czy immunoterapia pomaga na międzybłoniaka opłucnej?",
    ],
)
def test_other_languages_are_answered_in_english(reader: Reader, text: str) -> None:
    reply = reader.reply(text)
    assert reply.topic == TOPIC
    assert reply.say[0] == LINE


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "ok thx",
        "yes pls",
        "ta love",
        "no ta",
        "opdivo",
        "Opdivo Yervoy",
        "keytruda vs opdivo",
        "nivolumab ipilimumab",
        "pembrolizumab?",
        "pemetrexed cisplatin bevacizumab",
        "sarcomatoid meso",
        "pleurodesis vs pleurectomy",
        "PDL1 TPS",
        "my name is Siobhan",
        "i am Mehmet",
        "Dr Papadopoulos says immunotherapy, is that right",
        "we live in Llanelli near Swansea",
    ],
)
def test_short_english_names_and_medicines_are_not_foreign(reader: Reader, text: str) -> None:
    assert reader.intent(text) != TOPIC
    assert not [value for name, value in reader.entities(text) if name == "language"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hes gone blue rond the motuh", "emergency"),
        ("thyroid probles from oppdivo", "side_effects"),
        ("Can htey do it at hom?", "how_treatment_is_given"),
        ("opdivo pric per infsuion", "cost_and_insurance"),
    ],
)
def test_slips_of_the_pen_are_not_a_language(reader: Reader, text: str, intent: str) -> None:
    assert reader.intent(text) == intent


@pytest.mark.parametrize("file", ["heldout.tsv", "calibration.tsv"])
def test_english_messages_are_seldom_taken_for_foreign(reader: Reader, file: str) -> None:
    messages = english(file)
    taken = [text for text in messages if reader.intent(text) == TOPIC]
    assert len(messages) >= 800
    assert len(taken) / len(messages) <= MOST_TAKEN, taken


def test_mistyped_messages_are_seldom_taken_for_foreign(reader: Reader) -> None:
    messages = [mistyped(text) for text in english("heldout.tsv")]
    taken = [text for text in messages if reader.intent(text) == TOPIC]
    assert len(taken) / len(messages) <= MOST_MISTYPED_TAKEN, taken


def test_foreign_messages_are_found(reader: Reader) -> None:
    rows = foreign()
    missed = [text for _, text in rows if reader.intent(text) != TOPIC]
    assert len(rows) >= 150
    assert 1 - len(missed) / len(rows) >= FEWEST_FOUND, missed


def test_foreign_messages_get_the_line_of_their_own_language(reader: Reader) -> None:
    """Short ones are found by the classifier, which does not name the language."""
    rows = [(language, text) for language, text in foreign() if language in OWN]
    right: Counter[str] = Counter()
    for language, text in rows:
        right[language] += reader.reply(text).say == (f"{LINE}_{language}",)
    assert {language for language, _ in rows} == set(OWN)
    assert sum(right.values()) / len(rows) >= FEWEST_OWN, right
