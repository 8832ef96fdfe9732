"""benchmarks/fuzz.py as it is run, with fewer inputs and always the same ones; and its judge."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from tests.conftest import or_skip

BENCHMARKS = paths.ROOT / "benchmarks"
INPUTS = 400
CANNOT_BE_HAD = 3
NOT_AS_DESCRIBED = "not as docs/openapi.yml says"


def run(part: str, file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "fuzz.py"), "--part", part, "--seed", "4"]
    command += ["--inputs", str(INPUTS), "--json", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def result(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run found; without Schemathesis, where that cannot be had."""
    file = tmp_path_factory.mktemp("fuzz") / "found.json"
    done = run("both", file)
    if done.returncode == CANNOT_BE_HAD:
        done = run("made", file)
    assert file.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    found = dict(json.loads(file.read_text("utf-8")))
    assert done.returncode == bool(found["found"]), done.stderr[-3000:]
    return found


def test_nothing_made_is_met_with_silence_or_a_stack_trace(result: dict[str, Any]) -> None:
    assert [one for one in result["found"] if one["what"] != NOT_AS_DESCRIBED] == []
    assert result["sent"] == {"message": 240, "body": 80, "request": 80}


def test_every_answer_is_as_the_description_says(result: dict[str, Any]) -> None:
    if not result["described"]:
        or_skip("Schemathesis cannot be had: it needs uv and a package registry.")
    assert [one for one in result["found"] if one["what"] == NOT_AS_DESCRIBED] == []


def test_the_options_are_explained() -> None:
    for script in ("fuzz.py", "soak.py"):
        command = [sys.executable, str(BENCHMARKS / script), "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert "random" in done.stdout if script == "fuzz.py" else "--minutes" in done.stdout


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str | None]:
    monkeypatch.syspath_prepend(BENCHMARKS)  # benchmarks import each other by their names
    module = importlib.import_module("fuzz")

    def judged(kind: str, status: int, body: str) -> str | None:
        odd = module.Odd(kind, sender="a")
        verdict: str | None = module.problem(odd, status, body.encode())
        return verdict

    return judged


GOOD = '[{"recipient_id": "a", "text": "Hello."}]'


@pytest.mark.parametrize(
    ("kind", "status", "body", "verdict"),
    [
        ("message", 200, GOOD, None),
        ("body", 400, '{"error": "No."}', None),
        ("request", 404, "", None),
        ("message", 503, GOOD, "status 503"),
        ("request", 500, "", "status 500"),
        ("request", 404, "Traceback (most recent call last)", "a stack trace"),
        ("message", 200, "[]", "an answer without text"),
        ("message", 200, '[{"recipient_id": "a", "text": " "}]', "an answer without text"),
        ("message", 200, '[{"recipient_id": "a"}]', "an answer that is none"),
        ("message", 200, '[{"recipient_id": "b", "text": "x"}]', "somebody else's answer"),
        ("message", 400, '{"error": "No."}', "a message was refused, status 400"),
        ("body", 400, '{"error": ""}', "status 400 without a reason"),
        ("body", 405, "", "status 405"),
    ],
)
def test_the_judge_sees_what_is_wrong(
    judge: Callable[..., str | None], kind: str, status: int, body: str, verdict: str | None
) -> None:
    assert judge(kind, status, body) == verdict


def test_the_judge_sees_an_excuse(judge: Callable[..., str | None], knowledge: Knowledge) -> None:
    body = json.dumps([{"text": knowledge.text("failed")}])
    assert judge("message", 200, body) == "an excuse for a failure"
