"""The judge of benchmarks/soak.py: what it must not let pass."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest

from mesoguide import paths

SECONDS, RATE = 120.0, 10.0


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(paths.ROOT / "benchmarks")  # they import each other by their names
    return importlib.import_module("soak")


def watch(soak: ModuleType, *, rate: float = RATE, end: float = 500.0, problem: str = "") -> Any:
    """Two minutes at a steady rate, with one turn that went wrong, if any did."""
    one = soak.Watch(SECONDS, None, 0.8, steady=RATE)
    one.turns = [soak.Turn(n / rate, 0.05, None) for n in range(int(SECONDS * rate))]
    if problem:
        one.turns.append(soak.Turn(90.0, 0.05, problem))
    one.memory = [(at, 500.0 if at <= 70 else end) for at in range(0, int(SECONDS) + 1, 5)]
    return one


def test_a_steady_run_is_well(soak: ModuleType) -> None:
    found = soak.summary(watch(soak))
    assert soak.wrong(found, 0.0) == []
    assert found["held_turns_s"] == pytest.approx(RATE)
    assert found["median_ms"] == pytest.approx(50)


@pytest.mark.parametrize(
    ("run", "failures", "what"),
    [
        ({"problem": "ValueError: silent"}, 0.0, "turns were silent or failed"),
        ({"problem": "another answer than rehearsed"}, 0.0, "answers were not the rehearsed ones"),
        ({"end": 560.0}, 0.0, "memory grew"),
        ({"rate": 9.0}, 0.0, "the rate was not held"),
        ({}, 1.0, "turns failed inside"),
    ],
)
def test_each_fault_alone_is_seen(
    soak: ModuleType, run: dict[str, Any], failures: float, what: str
) -> None:
    assert soak.wrong(soak.summary(watch(soak, **run)), failures) == [what]


def test_every_script_is_whole_and_has_its_own_messages(soak: ModuleType) -> None:
    plays = soak.scripts()
    said = [text for script in plays for text in script]
    assert all(text.strip() for text in said)
    assert len(set(said)) > 0.98 * len(said)
    assert soak.scripts() == plays
