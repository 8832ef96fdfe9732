"""The product's content as it is now, read once for each state of its files.

The checks at the start, the actions and the safety gate share it: reading it for each of them
made the start two seconds longer.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge, load
from mesoguide.core.models import Region
from mesoguide.safety.gate import SafetyGate

State = tuple[tuple[str, int, int], ...]


def knowledge() -> Knowledge:
    """The whole content. Raises ContentError."""
    return _knowledge(paths.knowledge(), paths.region(), _state())


def gate() -> SafetyGate:
    """The gate over its signs of danger. Raises ContentError, and KeyError for an unknown idea."""
    return _gate(paths.knowledge(), _state())


def _state() -> State:
    files = sorted(paths.knowledge().glob("*"))
    return tuple((one.name, one.stat().st_mtime_ns, one.stat().st_size) for one in files)


@lru_cache(maxsize=1)
def _knowledge(folder: Path, region: Region, _: State) -> Knowledge:
    return load(folder, region)


@lru_cache(maxsize=1)
def _gate(_folder: Path, _: State) -> SafetyGate:
    return SafetyGate(knowledge().protocol)
