"""The commands of the README and of every Rasa user, run as they run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pexpect
import pytest
import yaml

from mesoguide import paths
from tests.conftest import Server, free_port

BIN = Path(sys.executable).parent
RASA_MODULE = [str(BIN / "rasa")]
LIMIT = 240  # seconds


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        cwd=paths.ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", **environment},
        check=False,
    )


def mesoguide(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(str(BIN / "mesoguide"), *arguments, **environment)


def test_help_names_every_command() -> None:
    done = mesoguide("--help")
    assert done.returncode == 0
    for command in ("serve", "shell", "train", "check", "evaluate"):
        assert command in done.stdout
        assert mesoguide(command, "--help").returncode == 0


def test_check_is_content_with_the_content() -> None:
    done = mesoguide("check")
    assert (done.returncode, done.stdout.strip()) == (0, "All content is in order.")


def test_check_and_serve_refuse_damaged_content(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(paths.knowledge(), folder)
    answers = folder / "answers.yml"
    answers.write_text(answers.read_text().replace("say: [stage4-def]", "say: [stage4-deff]"))
    for command in ("check", "serve"):
        done = mesoguide(command, MESOGUIDE_KNOWLEDGE=str(folder))
        assert done.returncode == 1
        shown = done.stdout + done.stderr
        assert "answers.yml:" in shown
        assert "Did you mean 'stage4-def'?" in shown
        assert "Traceback" not in shown


@pytest.mark.usefixtures("model")
def test_evaluate_prints_and_writes_figures_and_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "messages.tsv"
    rows = [
        "expected\talso_ok\ttext",
        "surgery\t\tcan they operate",
        "out_of_scope\t\tnice weather",
    ]
    file.write_text("\n".join(rows) + "\n")
    done = mesoguide("evaluate", str(file), "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "in_scope" in done.stdout
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["in_scope"]["messages"] == report["out_of_scope"]["messages"] == 1
    assert (tmp_path / "out" / "evaluation.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("model")
def test_evaluate_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "messages.tsv"
    file.write_text("text,expected\n")
    done = mesoguide("evaluate", str(file))
    assert done.returncode == 1
    assert "messages.tsv:1: the first line must be: expected, also_ok, text" in done.stderr


def test_rasa_finds_the_training_data_valid() -> None:
    done = run(*RASA_MODULE, "data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("model")
def test_rasa_test_stories_pass(tmp_path: Path) -> None:
    done = run(
        *RASA_MODULE, "test", "core", "--stories", "tests/test_stories.yml",
        "--model", str(paths.models()), "--out", str(tmp_path), "--fail-on-prediction-errors",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.usefixtures("model")
def test_rasas_two_processes_answer_the_same(tmp_path: Path, server: Server) -> None:
    actions, rasa = free_port(), free_port()
    endpoints = tmp_path / "endpoints.yml"
    address = {"action_endpoint": {"url": f"http://localhost:{actions}/webhook"}}
    endpoints.write_text(yaml.safe_dump(address))
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    commands = [
        [*RASA_MODULE, "run", "actions", "--port", str(actions)],
        [*RASA_MODULE, "run", "--port", str(rasa), "--endpoints", str(endpoints),
         "--model", str(paths.models()), "--credentials", "credentials.yml"],
    ]  # fmt: skip
    log = (tmp_path / "rasa.log").open("wb")
    started = [
        subprocess.Popen(command, cwd=paths.ROOT, stdout=log, stderr=log, env=env)
        for command in commands
    ]
    try:
        stock = Server(f"http://127.0.0.1:{rasa}", tmp_path / "rasa.log", uuid.uuid4().hex)
        until = time.monotonic() + LIMIT
        while True:
            try:
                if stock.get("/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.5)
            assert time.monotonic() < until, stock.log.read_text()[-3000:]
        question = "can my dad have immunotherapy, he has lupus"
        assert stock.say(question).data == server.say(question).data
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=60)
        log.close()


@pytest.mark.usefixtures("model")
def test_shell_answers_in_plain_text(tmp_path: Path) -> None:
    env = {**os.environ, "MESOGUIDE_DB": str(tmp_path / "c.db"), "TERM": "xterm"}
    child = pexpect.spawn(
        str(BIN / "mesoguide"), ["shell"], env=env, timeout=LIMIT, dimensions=(50, 200),
        encoding="utf-8",
    )  # fmt: skip
    try:
        child.expect("Your input")
        child.send("what is stage 4\r")
        child.expect("Stage 4 means the cancer has spread")
        child.expect("Please talk this over with the oncologist")
        child.expect("You can type: ")
        child.expect("Your input")
        assert "{" not in child.before
        child.send("/stop\r")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
