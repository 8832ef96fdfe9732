"""The second opinion: a linear classifier for danger, learnt from examples.

It weighs what the gate found (ideas, pairs of ideas, signs, cues) and the words and letters of the
message. So danger said in words that the protocol does not hold can still alarm, and what only
sounds like danger can pass. Hashed features: nothing but arrays is saved, and it needs no
vocabulary in memory. Sentence vectors were tried beside them: with as many false alarms on
look-alikes they found 2 points less danger, and cost 90 s of each training.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC

from mesoguide.core.check import CALM

WIDTHS = {"words": 2**17, "letters": 2**18, "evidence": 2**14}
TEXT_WEIGHT, EVIDENCE_WEIGHT = 0.7, 0.15  # length of each text's counts; of each finding
C = 1.5  # of LinearSVC; of 0.2 to 4 the one that kept most danger at equal false alarms
TOLERANCE = 0.05
Scores = NDArray[np.float32]
FILE = "danger.npz"


@dataclass(frozen=True)
class Opinion:
    """How much a message speaks of danger, and of which kind.

    Attributes:
        score: signed distance from calm; above 0 danger is likelier than not.
        kind: the likeliest safety intent.
    """

    score: float
    kind: str


def _words() -> HashingVectorizer:
    return HashingVectorizer(
        ngram_range=(1, 2), token_pattern=r"\b\w+\b", n_features=WIDTHS["words"],
        alternate_sign=False, norm=None,
    )  # fmt: skip


def _letters() -> HashingVectorizer:
    return HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), n_features=WIDTHS["letters"],
        alternate_sign=False, norm=None,
    )  # fmt: skip


class SecondOpinion:
    """Learns and gives opinions. Texts are given in lower case or not: it makes no difference."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        """From the arrays that `save` wrote."""
        self._kinds = [str(kind) for kind in arrays["kinds"]]
        self._weights = arrays["weights"].astype(np.float32)  # (features, kinds)
        self._bias = arrays["bias"].astype(np.float32)
        self._counts = {"words": _words(), "letters": _letters()}
        self._rarity = {name: arrays[f"{name}_idf"].astype(np.float32) for name in self._counts}
        self._evidence = FeatureHasher(
            WIDTHS["evidence"], input_type="string", alternate_sign=False
        )

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        evidence: Sequence[Collection[str]],
        kinds: Sequence[str],
    ) -> SecondOpinion:
        """Fit on examples of danger (safety intents) and of none (CALM).

        Args:
            evidence: of each text, what the gate found in it.
            kinds: of each text, a safety intent or CALM.
        """
        counted = {"words": _words().transform(texts), "letters": _letters().transform(texts)}
        rarity = {f"{name}_idf": TfidfTransformer().fit(one).idf_ for name, one in counted.items()}
        empty = {"weights": np.zeros((0, 0)), "bias": np.zeros(0), "kinds": np.array([])}
        self = cls({**empty, **rarity})
        model = LinearSVC(C=C, tol=TOLERANCE, random_state=0)
        model.fit(hstack(self._blocks(counted, evidence)).tocsr(), kinds)
        self._kinds = [str(kind) for kind in model.classes_]
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = model.intercept_.astype(np.float32)
        return self

    def opinions(self, texts: Sequence[str], evidence: Sequence[Collection[str]]) -> list[Opinion]:
        """The opinion on each text, and what the gate found in it. All at once costs less."""
        counted = {name: one.transform(texts) for name, one in self._counts.items()}
        scores = np.tile(self._bias, (len(texts), 1))
        start = 0
        for block in self._blocks(counted, evidence):
            scores += block @ self._weights[start : start + block.shape[1]]
            start += block.shape[1]
        calm = self._kinds.index(CALM)
        of_calm = scores[:, calm].copy()
        scores[:, calm] = -np.inf
        likeliest = scores.argmax(axis=1)
        return [
            Opinion(-float(score), self._kinds[kind])
            for score, kind in zip(of_calm, likeliest, strict=True)
        ]

    def _blocks(
        self, counted: dict[str, csr_matrix], evidence: Sequence[Collection[str]]
    ) -> list[csr_matrix]:
        """The features side by side. Multiplied one by one, a message costs half of the time."""
        blocks = []
        for name, counts in counted.items():
            found = counts.astype(np.float32)
            found.data = 1 + np.log(found.data)
            found.data *= self._rarity[name][found.indices]
            _scale(found, TEXT_WEIGHT)
            blocks.append(found)
        hashed = self._evidence.transform(evidence).astype(np.float32)
        hashed.data[:] = EVIDENCE_WEIGHT
        return [*blocks, hashed]

    def save(self, folder: Path) -> None:
        """Write it to `folder`."""
        np.savez_compressed(
            folder / FILE,
            weights=self._weights.astype(np.float16),
            bias=self._bias,
            kinds=np.array(self._kinds),
            **{f"{name}_idf": idf.astype(np.float16) for name, idf in self._rarity.items()},
        )

    @classmethod
    def load(cls, folder: Path) -> SecondOpinion:
        """Read what `save` wrote. Raises OSError or KeyError when it is not there or not whole."""
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            return cls(dict(arrays))


def _scale(rows: csr_matrix, length: float) -> None:
    """Scale rows to one length, in place; empty ones stay empty."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    norms = np.sqrt(np.bincount(row, rows.data**2, minlength=rows.shape[0]))
    rows.data *= (length / norms[row]).astype(np.float32)
