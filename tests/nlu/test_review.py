"""`mesoguide review`: the findings on a small NLU file, through the real encoder."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mesoguide.likeness import (
    Vectors,
    bare,
    close_pairs,
    equal_pairs,
    folds,
    gaps,
    likeness_to_intents,
    variety,
)
from mesoguide.review import COLUMNS, read_examples, review_file

SURGERY = [
    "can they operate on the tumour",
    "is surgery possible at stage 4",
    "would a surgeon take out the lining of the lung",
    "is an operation still an option for my dad",
    "who decides whether somebody gets surgery",
    "what does a pleurectomy involve",
    "risks of such a big operation",
    "do people go home soon after lung surgery",
]
COST = [
    "how much does immunotherapy cost",
    "will my insurance pay for this",
    "does medicare cover the drugs",
    "we cannot afford the bills from the hospital",
    "any grants to help with money",
    "what is the price of one infusion without cover",
    "my insurer refused to pay, what now",
    "is treatment free on the nhs",
]
THANKS = [f"thank you {rest}" for rest in (
    "so much", "very much", "a lot", "dear", "kindly", "indeed", "again", "all",
)]  # fmt: skip
WRONG = "does the insurance company pay the bills"  # put under surgery
TWICE = "Is SURGERY possible, at stage 4?"
Reviewed = tuple[list[str], list[dict[str, str]], Path]
HEAD = 'version: "3.1"\n# a comment\nnlu:\n'


def nlu(folder: Path, **intents: list[str]) -> Path:
    file = folder / "nlu.yml"
    text = HEAD
    for name, examples in intents.items():
        lines = "".join(f"      - {example}\n" for example in examples)
        text += f"  - intent: {name}\n    examples: |\n{lines}"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def reviewed(
    tmp_path_factory: pytest.TempPathFactory,
) -> Reviewed:
    """The lines of the file, the rows of review.tsv, and the folder of the reports."""
    folder = tmp_path_factory.mktemp("review")
    surgery = [*SURGERY, WRONG, TWICE]
    file = nlu(
        folder, surgery=surgery, cost=[*COST, "what does a pleurectomy involve"], thank=THANKS
    )
    out = folder / "reports"
    assert review_file(file, out) == 0
    with (out / "review.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    return file.read_text(encoding="utf-8").splitlines(), rows, out


def of(rows: list[dict[str, str]], *problems: str) -> list[dict[str, str]]:
    return [row for row in rows if row["problem"] in problems]


def test_a_mislabelled_example_is_doubted_twice(reviewed: Reviewed) -> None:
    lines, rows, _ = reviewed
    found = [row for row in of(rows, "doubted twice") if row["text"] == WRONG]
    assert [(row["intent"], row["other_intent"]) for row in found] == [("surgery", "cost")]
    assert float(found[0]["score"]) > 0.1
    assert found[0]["other_text"] in COST
    assert lines[int(found[0]["line"]) - 1].strip() == f"- {WRONG}"


def test_rightly_labelled_examples_are_left_alone(reviewed: Reviewed) -> None:
    doubted = {row["text"] for row in of(reviewed[1], "doubted twice")}
    assert not doubted & {"is surgery possible at stage 4", "will my insurance pay for this"}


def test_the_largest_gap_comes_first_and_what_both_doubt_before_all_else(
    reviewed: Reviewed,
) -> None:
    rows = reviewed[1]
    assert rows[0]["problem"] == "doubted twice"
    for problem in ("doubted twice", "closer to another", "taken for another"):
        scores = [float(row["score"]) for row in of(rows, problem)]
        assert scores == sorted(scores, reverse=True)


def test_duplicates_are_found_and_those_across_intents_come_first(reviewed: Reviewed) -> None:
    lines, rows, _ = reviewed
    found = of(rows, "duplicate", "duplicate across intents")
    across, within = found[0], found[1]
    assert across["problem"] == "duplicate across intents"
    assert {across["intent"], across["other_intent"]} == {"surgery", "cost"}
    assert across["text"] == across["other_text"] == "what does a pleurectomy involve"
    assert (within["text"], within["other_text"]) == (TWICE, "is surgery possible at stage 4")
    assert lines[int(within["line"]) - 1].strip() == f"- {TWICE}"


def test_a_monotonous_intent_is_the_least_varied(reviewed: Reviewed) -> None:
    found = of(reviewed[1], "variety")
    assert [row["intent"] for row in found][0] == "thank"
    assert len(found) == 3
    assert "100% begin with 'thank you'; 8 examples, 1 different first words" in found[0]["text"]


def test_the_table_and_the_picture_are_written(reviewed: Reviewed) -> None:
    _, _, out = reviewed
    first = (out / "review.tsv").read_text(encoding="utf-8").splitlines()[0]
    assert first.split("\t") == list(COLUMNS)
    assert (out / "review.png").read_bytes().startswith(b"\x89PNG")


def test_the_terminal_tells_counts_and_the_worst(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = nlu(tmp_path, surgery=[*SURGERY, WRONG], cost=COST)
    assert review_file(file, tmp_path / "out") == 0
    shown = capsys.readouterr().out
    assert "surgery -> cost" in shown
    assert WRONG in shown
    assert "0 nearly the same example in two intents" in shown
    assert "17 examples of 2 intents were reviewed." in shown


def test_every_form_of_examples_is_read_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    parts = [
        'version: "3.1"', "nlu:",
        "- intent: a", "  examples: |", "    - take [opdivo](drug) now", "", "    -  two  words",
        "- synonym: chemo", "  examples: |", "    - kemo",
        "- intent: b", "  examples:", "  - text: |", "      three", "  - text: four",
    ]  # fmt: skip
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")
    found = [(one.intent, one.text, one.line) for one in read_examples(file)]
    texts = [
        ("a", "take opdivo now", 5),
        ("a", "two words", 7),
        ("b", "three", 13),
        ("b", "four", 15),
    ]
    assert found == texts


BAD = {
    "nlu: [": "not valid YAML",
    "stories:\n- story: x\n": "This is no Rasa NLU file",
    "just text": "This is no Rasa NLU file",
    "nlu: []\n": "nothing to compare",
    "nlu:\n- hello\n": "This is no entry",
    "nlu:\n- intent: a\n": "'a' has no examples",
    HEAD + "  - intent: a\n    examples: |\n      - one\n      - two\n": "nothing to compare",
}


@pytest.mark.parametrize(("text", "said"), BAD.items())
def test_a_bad_file_is_one_clear_sentence(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(text, encoding="utf-8")
    assert review_file(file, tmp_path / "out") == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert "nlu.yml:" in shown.err
    assert not (tmp_path / "out").exists()


def test_a_missing_file_and_a_folder_are_one_clear_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review_file(tmp_path / "no.yml", tmp_path / "out") == 1
    assert "no.yml:1: The file is missing." in capsys.readouterr().err
    assert review_file(tmp_path, tmp_path / "out") == 1
    assert capsys.readouterr().err == f"{tmp_path} cannot be read: Is a directory.\n"


# The arithmetic, without the encoder


def unit(*rows: tuple[float, float]) -> Vectors:
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_likeness_leaves_an_example_out_of_its_own_intent() -> None:
    vectors, labels = unit((1, 0), (0, 1), (1, 0), (1, 0)), np.array([0, 0, 1, 2])
    found = likeness_to_intents(vectors, labels, range(4), nearest=5)
    assert found[0] == pytest.approx([0, 1, 1])  # its own: the second only
    assert found[3] == pytest.approx([0.5, 1, 0])  # alone in its intent: nothing left
    part = likeness_to_intents(vectors, labels, range(2, 4), nearest=5)
    assert part == pytest.approx(found[2:])


def test_likeness_takes_the_nearest_only() -> None:
    vectors, labels = unit((1, 0), (1, 0), (-1, 0), (1, 0)), np.array([0, 0, 0, 1])
    found = likeness_to_intents(vectors, labels, range(3, 4), nearest=2)
    assert found[0, 0] == pytest.approx(1)


def test_the_gap_is_to_the_best_other_intent() -> None:
    likeness = np.array([[0.2, 0.9, 0.5], [0.1, 0.8, 0.3]], np.float32)
    best, gap = gaps(likeness, np.array([0, 1]))
    assert best.tolist() == [1, 2]
    assert gap == pytest.approx([0.7, -0.5])


def test_close_pairs_are_told_once_whatever_the_block() -> None:
    vectors = unit((1, 0), (0, 1), (1, 0.01), (0, 1))
    assert close_pairs(vectors, range(4), 0.97) == [(0, 2), (1, 3)]
    assert close_pairs(vectors, range(1), 0.97) == [(0, 2)]
    assert close_pairs(vectors, range(1, 4), 0.97) == [(1, 3)]


def test_equal_words_are_a_pair_whatever_case_and_punctuation() -> None:
    assert equal_pairs(["Stage 4?", "no", "stage-4", "👍", "🙏"]) == [(0, 2)]
    assert bare("Don't_stop!!") == "don t stop"


def test_each_fold_has_a_share_of_each_intent() -> None:
    labels = np.array([0] * 10 + [1] * 5 + [2] * 2)
    found = folds(labels, 5)
    assert np.bincount(found[:10]).tolist() == [2] * 5
    assert sorted(found[10:15]) == [0, 1, 2, 3, 4]
    assert len(set(found[15:])) == 2
    assert (found == folds(labels, 5)).all()


def test_variety_counts_openings_and_mean_likeness() -> None:
    found = variety(unit((1, 0), (0, 1), (1, 0)), ["Can I eat", "can i, drive?", "why"])
    assert found.alike == pytest.approx(1 / 3)
    assert (found.opening, found.share) == ("can i", pytest.approx(2 / 3))
    assert (found.examples, found.first_words) == (3, 2)
    assert found.sameness == pytest.approx(0.5)
    assert variety(unit((1, 0)), ["hi"]).alike == 1
