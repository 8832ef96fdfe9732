"""The typing errors that the model is measured with."""

from __future__ import annotations

import re

import pytest
from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from mesoguide import paths
from mesoguide.core.scoring import read_rows
from tests.typing_errors import MOST, ROWS, mistyped, neighbours

MESSAGES = [row.text for row in read_rows(paths.ROOT / "tests" / "calibration.tsv")]
SEEDS = range(60)
KNOWN = {
    "what does stage four mean": "what does sstage four mean",
    "can my father have immunotherapy": "can my fatherhae immunotherapy",
    "how long have I got": "how long hsve I got",
}


def distance(one: str, other: str) -> int:
    """Letters dropped, added, changed, or swapped with the next one."""
    return EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare(one, other, 9)


@pytest.mark.parametrize("seed", [0, 7])
def test_every_message_gets_one_or_two_errors(seed: int) -> None:
    with_words = [text for text in MESSAGES if re.search(r"[^\W\d_]", text)]
    found = [distance(text, mistyped(text, seed)) for text in with_words]
    assert set(found) == {1, MOST}
    assert 0.3 < found.count(1) / len(found) < 0.7


def test_the_errors_are_the_same_every_time_and_on_every_machine() -> None:
    for seed, (text, wrong) in enumerate(KNOWN.items(), start=1):
        assert mistyped(text, seed) == mistyped(text, seed) == wrong


def test_another_seed_makes_other_errors() -> None:
    text = "what are the side effects of immunotherapy"
    assert len({mistyped(text, seed) for seed in SEEDS}) > len(SEEDS) / 2


def test_long_words_are_mistyped_rather_than_short_ones() -> None:
    found = {mistyped("is it a big tumour", seed) for seed in SEEDS}
    assert len(found) > 10
    assert all(one.startswith("is it a big ") for one in found)


def test_short_words_are_mistyped_where_there_is_no_longer_one() -> None:
    assert {distance("is it ok", mistyped("is it ok", seed)) for seed in SEEDS} == {1, 2}


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("swapped", "hcemo now"),
        ("dropped", "hemo now"),
        ("doubled", "chemmo now"),
        ("neighbour key", "cgemo now"),
        ("joined", "chemonow"),
    ],
)
def test_every_kind_of_error_is_made(kind: str, wrong: str) -> None:
    assert wrong in {mistyped("chemo now", seed) for seed in range(400)}, kind


@pytest.mark.parametrize("text", ["", "4 ?", "🐶🐶", "123 - 45"])
def test_without_a_word_nothing_is_changed(text: str) -> None:
    assert mistyped(text) == text


@pytest.mark.parametrize("text", ["a", "Ö", "ааа", "II"])
def test_the_shortest_words_can_be_mistyped_too(text: str) -> None:
    assert all(distance(text, mistyped(text, seed)) == 1 for seed in SEEDS)


def test_spaces_punctuation_and_figures_stay_but_for_joined_words() -> None:
    text = "Stage 4, what's that?  (Dad is 71)"
    for seed in SEEDS:
        kept = re.sub(r"[^\W\d_]", "", mistyped(text, seed))
        assert kept.replace(" ", "") == "4,'?(71)"


def test_neighbours_are_mutual_and_keep_capitals() -> None:
    for letter in "".join(ROWS):
        assert 2 <= len(neighbours(letter)) <= 6
        assert all(letter in neighbours(other) for other in neighbours(letter))
    assert neighbours("S") == ["A", "D", "W", "E", "Z", "X"]
    assert neighbours("é") == []
