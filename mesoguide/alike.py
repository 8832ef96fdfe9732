"""Messages that ask the same, put together; always in the same way for the same messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]
# Mean cosine of what is put together. On tests/calibration.tsv four in five messages find a group,
# and seven in ten of a group are of one intent.
ALIKE = 0.45
MOST = 4000  # different texts that are compared with one another: 10,000 would take 0.8 GB


def groups(texts: list[str], encode: Encode, alike: float = ALIKE) -> list[list[str]]:
    """Each text with those that ask the same, the biggest group first, its most typical text first.

    Args: `encode` gives unit vectors.
    """
    counts = Counter(texts)
    distinct = sorted(counts, key=lambda text: (-counts[text], text))
    if not distinct:
        return []
    vectors = encode(distinct)
    times = np.array([counts[text] for text in distinct])
    found = [_typical_first(mine, vectors, times) for mine in _together(vectors, alike)]
    in_words = [[distinct[one] for one in mine for _ in range(times[one])] for mine in found]
    return sorted(in_words, key=lambda group: (-len(group), group[0]))


def _together(vectors: Vectors, alike: float) -> list[list[int]]:
    """The places of those that belong together; beyond MOST each goes to the nearest group."""
    first = vectors[:MOST]
    if len(first) == 1:
        return [[0]]
    grouping = AgglomerativeClustering(
        n_clusters=None, affinity="cosine", linkage="average", distance_threshold=1 - alike
    )
    found: dict[int, list[int]] = {}
    for place, group in enumerate(grouping.fit_predict(first)):
        found.setdefault(int(group), []).append(place)
    members = list(found.values())
    middles = np.stack([first[mine].mean(axis=0) for mine in members])
    for place in range(MOST, len(vectors)):
        likeness = middles @ vectors[place]
        nearest = int(np.argmax(likeness))
        if likeness[nearest] >= alike:
            members[nearest].append(place)
        else:
            members.append([place])
            middles = np.vstack([middles, vectors[place]])
    return members


def _typical_first(mine: list[int], vectors: Vectors, times: NDArray[np.int_]) -> list[int]:
    middle = times[mine] @ vectors[mine]
    likeness = vectors[mine] @ middle
    return [mine[one] for one in np.argsort(-likeness, kind="stable")]
