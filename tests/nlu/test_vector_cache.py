"""Vectors of examples are kept between trainings, and a broken cache is no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mesoguide.nlu.vector_cache import Vectors, remembered


class Encoder:
    """Encodes a text as its length, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.delenv("RASA_MAX_CACHE_SIZE", raising=False)
    return tmp_path / "cache"


def test_only_new_texts_are_encoded() -> None:
    first, second = Encoder(), Encoder()
    remembered(first, ["a", "bb"], "one")
    vectors = remembered(second, ["bb", "ccc", "a"], "one")
    assert first.asked == ["a", "bb"]
    assert second.asked == ["ccc"]
    assert vectors[:, 0].tolist() == [2, 3, 1]
    assert vectors.dtype == np.float32


def test_a_text_that_stands_twice_is_encoded_once() -> None:
    encoder = Encoder()
    assert remembered(encoder, ["a", "a"], "one").shape == (2, 2)
    assert encoder.asked == ["a"]


def test_vectors_of_another_encoder_are_not_taken() -> None:
    encoder = Encoder()
    remembered(encoder, ["a"], "one")
    remembered(encoder, ["a"], "another")
    assert encoder.asked == ["a", "a"]


def test_what_is_not_used_any_more_is_forgotten(cache: Path) -> None:
    remembered(Encoder(), [f"text {number}" for number in range(500)], "one")
    (file,) = cache.iterdir()
    before = file.stat().st_size
    remembered(Encoder(), ["text 1"], "one")
    assert file.stat().st_size < before / 10


@pytest.mark.parametrize("damage", [b"", b"rubbish", None], ids=["empty", "rubbish", "half"])
def test_a_damaged_file_is_written_anew(cache: Path, damage: bytes | None) -> None:
    remembered(Encoder(), ["a", "bb"], "one")
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    encoder = Encoder()
    assert remembered(encoder, ["bb"], "one")[0, 0] == 2
    assert encoder.asked == ["bb"]
    assert [one.name for one in cache.iterdir()] == [file.name]


def test_it_keeps_nothing_when_rasa_is_told_so(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_MAX_CACHE_SIZE", "0")
    encoder = Encoder()
    for _ in range(2):
        remembered(encoder, ["a"], "one")
    assert encoder.asked == ["a", "a"]
    assert not cache.exists()
