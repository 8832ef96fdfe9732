"""The benchmarks of understanding as they are run: their help, their errors, a small curve."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mesoguide import paths
from tests.nlu.tiny import write_nlu, write_tsv

SCRIPTS = ("understanding.py", "learning_curve.py")


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(paths.ROOT / "benchmarks" / script), *map(str, arguments)]
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_names_the_files_and_options(script: str) -> None:
    done = run(script, "--help")
    assert done.returncode == 0, done.stderr
    for name in ("NLU.yml", "TEST.tsv", "--out-of-scope NAME"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("script", "option"), zip(SCRIPTS, ("--json", "--out"), strict=True), ids=SCRIPTS
)
def test_a_place_that_cannot_be_written_is_named_first(
    tmp_path: Path, script: str, option: str
) -> None:
    done = run(script, "nlu.yml", "test.tsv", option, tmp_path / "none" / "file")
    assert done.returncode == 1
    assert "cannot be written: its folder is missing." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    tsv = tmp_path / "test.tsv"
    tsv.write_text("text,expected\n", encoding="utf-8")
    done = run("understanding.py", write_nlu(tmp_path / "nlu.yml"), tsv)
    assert done.returncode == 1
    assert f"{tsv}:1: the first line must be: expected, also_ok, text" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_small_learning_curve_is_printed_and_drawn(tmp_path: Path) -> None:
    nlu, tsv = write_nlu(tmp_path / "nlu.yml", "out_of_scope"), write_tsv(tmp_path / "test.tsv")
    picture = tmp_path / "curve.png"
    done = run("learning_curve.py", nlu, tsv, "--out", picture)
    assert done.returncode == 0, done.stderr
    for share in ("1/16", "1/8", "1/4", "1/2", "all"):
        assert f"│  {share:>4} │" in done.stdout
    assert "90% of out of scope" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
