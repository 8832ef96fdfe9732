"""Spelling: what was probably meant is understood, and never shown."""

from __future__ import annotations

import json

import pytest
import yaml

from mesoguide import paths
from mesoguide.nlu.spelling import Spelling, _names
from tests.conftest import Server
from tests.reading import Reader


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    data = yaml.safe_load((paths.ROOT / "data" / "nlu.yml").read_text(encoding="utf-8"))
    english = [block for block in data["nlu"] if block["intent"] != "non_english"]
    return Spelling.learn(
        [line[2:] for block in english for line in block["examples"].splitlines()], _names()
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("keytrudda", "keytruda"),
        ("does keytrudda work", "does keytruda work"),
        ("what is mesothelomia", "what is mesothelioma"),
        ("immunothreapy", "immunotherapy"),
        ("chemottherapy", "chemotherapy"),  # doubled
        ("surgeryy", "surgery"),
        ("radiaton", "radiation"),  # dropped
        ("palliatve care", "palliative care"),
        ("what are the sdie effects", "what are the side effects"),  # swapped
        ("biospy results", "biopsy results"),
        ("life expectency", "life expectancy"),
        ("whatis stage 4", "what is stage 4"),  # joined
        ("howlong have i got", "how long have i got"),
        ("sideeffects of chemo", "side effects of chemo"),
        ("immunotherapyside effects", "immunotherapy side effects"),
        ("stagefour", "stage four"),
    ],
)
def test_a_slip_is_corrected(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "tumour",
        "haemoglobin",
        "radiotherapy",
        "diarrhoea and anaemia",
        "the tumour in his oesophagus",
        "is it cancer of the colour centre",
        "Siobhan and Guillaume",
        "they sent us to Addenbrookes then Papworth",
        "ct",
        "pet ct mri",
        "wot is it",
        "idk tbh",
        "hi",
        "can nhs do it at uclh",
        "",
        "4?! 🐶",
    ],
)
def test_what_is_right_short_or_a_name_is_left_alone(spelling: Spelling, text: str) -> None:
    assert spelling.correct(text) == text


def test_all_but_the_wrong_word_stays_as_it_was(spelling: Spelling) -> None:
    typed = "Is it STAGE 4, or is  the “radiaton” wrong?"
    assert spelling.correct(typed) == 'Is it STAGE 4, or is the "radiation" wrong?'


def test_the_neighbours_decide_between_words_that_are_as_near() -> None:
    texts = ["the test was good", "a rest is good", "the test", "a rest"]
    spelling = Spelling.learn(texts)
    assert spelling.correct("the zest") == "the test"
    assert spelling.correct("a zest") == "a rest"


def test_the_share_of_known_words_leaves_out_figures_and_single_letters(
    spelling: Spelling,
) -> None:
    assert spelling.known_share("i have stage 4 a") == 1
    assert spelling.known_share("wie lange noch") < 0.5
    assert spelling.known_share("stage qzxv") == 0.5
    assert spelling.known_share("4 ?") == 1


@pytest.mark.parametrize(
    ("text", "mistyped"),
    [
        ("hes gone blue rond the motuh", True),
        ("thyroid probles from oppdivo", True),
        ("does it help", True),
        ("vielen Dank", False),  # "violent dark": too many letters
        ("wie lange hat er noch zu leben", False),
        ("teşekkür ederim", False),
    ],
)
def test_a_mistyped_message_is_told_from_another_language(
    spelling: Spelling, text: str, mistyped: bool
) -> None:
    assert spelling.is_mistyped(text, spelling.correct(text)) is mistyped


@pytest.mark.parametrize(
    ("text", "intent", "found"),
    [
        ("does kemo make your hair fall out", "chemotherapy", {("treatment", "chemotherapy")}),
        ("what is mesotheleoma", "what_is_mesothelioma", set()),
        ("waht is mesothelomia", "what_is_mesothelioma", set()),
        ("is optivo the same as nivolumab", "drug_names", {("drug", "nivolumab")}),
        ("how does imunotherapy work", "checkpoint_inhibitors_explained",
         {("treatment", "immunotherapy")}),
        ("what kind of drug is keytrudda", "drug_names", {("drug", "pembrolizumab")}),
        ("whatare the sideeffects of immunotherapy", "side_effects",
         {("treatment", "immunotherapy")}),
    ],
)  # fmt: skip
def test_misspelt_questions_are_understood(
    reader: Reader, text: str, intent: str, found: set[tuple[str, str]]
) -> None:
    assert reader.intent(text) == intent
    assert reader.entities(text) >= found


@pytest.mark.parametrize("text", ["my husband cant breeth", "dad has severe chestpain right now"])
def test_misspelt_danger_alarms(reader: Reader, text: str) -> None:
    assert reader.intent(text) == "emergency"


@pytest.mark.parametrize(
    "typed",
    [
        "what are the sdie effects of keytrudda",
        "whatis mesothelomia pleese",
        "qzxv immunothreapyy lorrem",
        "I am Ermentrudde, is my radiaton safe",
    ],
)
def test_neither_what_was_typed_nor_its_correction_is_shown(
    server: Server, reader: Reader, spelling: Spelling, typed: str
) -> None:
    corrected = spelling.correct(typed)
    assert corrected != typed
    unknown = [word for word in typed.split() if word not in corrected.split()]
    for shown in (json.dumps(server.say(typed).messages), json.dumps(reader.parse(typed))):
        said = shown.replace(json.dumps(typed), "")  # the parse keeps the message itself
        assert corrected.lower() not in said.lower()
        assert not [word for word in unknown if word.lower() in said.lower()]
