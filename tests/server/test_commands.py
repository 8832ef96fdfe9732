"""The commands of the README and of every Rasa user, run as they run them."""

from __future__ import annotations

import json
import os
import re
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
from mesoguide.calibration import write_threshold
from mesoguide.core.scoring import Threshold
from tests.conftest import Server, free_port
from tests.project import Project, copy_project

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
    commands = re.findall(r"^    (\w+)\b", done.stdout, re.MULTILINE)
    assert {"serve", "shell", "matrix", "train", "check", "evaluate", "calibrate"} <= {*commands}
    for command in commands:
        assert command in done.stdout
        assert mesoguide(command, "--help").returncode == 0


def test_check_is_content_with_the_content() -> None:
    done = mesoguide("check")
    assert done.returncode == 0
    first, *channels = done.stdout.splitlines()
    assert first == "All content is in order."
    assert [line.partition(":")[0] for line in channels][0] == "Telegram"


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


def test_evaluate_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "messages.tsv"
    file.write_text("text,expected\n")
    done = mesoguide("evaluate", str(file))
    assert done.returncode == 1
    assert "messages.tsv:1: the first line must be: expected, also_ok, text" in done.stderr


def surer_of(intent: str, report: Path, right: int, wrong: int) -> None:
    """Write a report as if more of `intent`, and fewer in all, had been understood before."""
    data = json.loads(report.read_text())
    data["per_intent"][intent] |= {"right": right, "wrong": wrong}
    data["in_scope"]["right"] = 0.25
    report.write_text(json.dumps(data))


@pytest.mark.usefixtures("model")
def test_evaluate_against_an_earlier_report_prints_what_changed(tmp_path: Path) -> None:
    file, earlier = tmp_path / "messages.tsv", tmp_path / "earlier" / "evaluation.json"
    rows = [
        "expected\talso_ok\ttext\tkind",
        "surgery\t\tcan they operate\t",
        "radiation\t\tis radiotherapy used for mesothelioma\t",
        "out_of_scope\t\tnice weather\tfar",
    ]
    file.write_text("\n".join(rows) + "\n")
    first = mesoguide("evaluate", str(file), "--out", str(earlier.parent))
    assert first.returncode == 0, first.stderr
    assert "Since the earlier" not in first.stdout
    surer_of("surgery", earlier, right=1, wrong=3)
    done = mesoguide(
        "evaluate", str(file), "--out", str(tmp_path / "now"), "--against", str(earlier)
    )
    assert done.returncode == 0, done.stderr
    changes = done.stdout.split("Since the earlier evaluation, in points:\n")[1].splitlines()
    assert changes[0].split() == [
        "in_scope", "right", "+75.0", "offered", "+0.0", "wrong", "+0.0", "missed", "+0.0",
    ]  # fmt: skip
    assert [line.split()[0] for line in changes[1:3]] == ["out_of_scope", "out_of_scope_far"]
    assert "  surgery: recall +75" in changes
    assert not [line for line in changes if line.startswith("  radiation")]
    for picture in ("evaluation.png", "confusion.png", "reliability.png"):
        assert (tmp_path / "now" / picture).read_bytes().startswith(b"\x89PNG")


def test_evaluate_against_something_else_is_one_sentence(tmp_path: Path) -> None:
    file, earlier = tmp_path / "messages.tsv", tmp_path / "earlier.json"
    file.write_text("expected\talso_ok\ttext\nsurgery\t\tcan they operate\n")
    earlier.write_text("[]")
    out = tmp_path / "out"
    done = mesoguide("evaluate", str(file), "--out", str(out), "--against", str(earlier))
    assert done.returncode == 1
    assert "earlier.json is not an evaluation.json" in done.stderr.splitlines()[-1]
    assert "Loading" not in done.stdout
    assert "Traceback" not in done.stderr
    assert not out.exists()


MESSAGES = [
    "expected\talso_ok\ttext",
    "surgery\t\tcan they operate",
    "side_effects\t\twhat are the side effects of immunotherapy",
    "clinical_trials\t\thow do I find a clinical trial",
    "out_of_scope\t\twho won the football last night",
    "out_of_scope\t\tnice weather",
]


@pytest.fixture
def project(tmp_path: Path, model: Path) -> Project:
    return copy_project(tmp_path / "copy", model)


def test_calibrate_writes_the_threshold_and_its_figures(project: Project) -> None:
    (project.root / "mine.tsv").write_text("\n".join(MESSAGES) + "\n")
    before = project.read("config.yml").splitlines()
    done = project.run("calibrate", "mine.tsv", "--out", "drawn")
    assert done.returncode == 0, done.stderr
    after = project.read("config.yml").splitlines()
    (line,) = [line for line in after if line.lstrip().startswith("threshold:")]
    place = after.index(line)
    assert [*after[:place], *after[place + 1 :]] == [*before[:place], *before[place + 1 :]]
    value = re.search(
        r"threshold: (\d\.\d\d)  # mesoguide calibrate on mine\.tsv: 100\.0% right, "
        r"0\.0% wrong, 0\.0% of out of scope answered$",
        line,
    )
    assert value, line
    assert 0.01 <= float(value[1]) <= 0.6
    assert f"Threshold {value[1]}: 100.0% right" in done.stdout
    assert "of 5 messages" in done.stdout
    assert (project.root / "drawn" / "threshold.png").read_bytes().startswith(b"\x89PNG")


def test_calibrate_says_what_is_wrong_with_a_file_and_changes_nothing(project: Project) -> None:
    (project.root / "mine.tsv").write_text("expected\talso_ok\ttext\nsurgery\n")
    before = project.read("config.yml")
    done = project.run("calibrate", "mine.tsv", "--out", "drawn")
    assert done.returncode == 1
    assert "mine.tsv:2: write 3 columns" in done.stderr.splitlines()[-1]
    assert "Loading" not in done.stdout
    assert "Traceback" not in done.stderr
    assert project.read("config.yml") == before
    assert not (project.root / "drawn").exists()


def test_a_config_without_one_threshold_is_not_written(tmp_path: Path) -> None:
    chosen = Threshold(0.1, right=1.0, wrong=0.0, answered_outside=0.0)
    config = tmp_path / "config.yml"
    for text in ("pipeline: []\n", "  threshold: 0.1\n  threshold: 0.2\n"):
        config.write_text(text)
        with pytest.raises(ValueError, match="one line with 'threshold:'"):
            write_threshold(config, chosen, tmp_path / "mine.tsv")
        assert config.read_text() == text


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
