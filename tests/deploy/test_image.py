"""The server as its container runs it: files that cannot be written, no privileges, SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from tests.deploy.conftest import Image

START = paths.ROOT / "deploy" / "start.sh"


def start(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        ["sh", str(START), *command], capture_output=True, text=True, check=False, env=env
    )


def test_a_setting_may_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://a:b $c'd\"@e/f\n")
    done = start("printenv", "MESOGUIDE_DB", "MESOGUIDE_REGION", MESOGUIDE_DB_FILE=str(secret),
                 MESOGUIDE_REGION="uk")  # fmt: skip
    assert done.stdout == secret.read_text() + "uk\n"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = start("true", MESOGUIDE_DB_FILE=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "MESOGUIDE_DB_FILE names" in done.stderr


def test_it_answers_though_its_files_cannot_be_written(image: Image, knowledge: Knowledge) -> None:
    heard = image.server.someone_else().say("what does stage 4 mean?")
    assert heard.data["topic"] == "stage_4_meaning"
    assert (image.data / "conversations.db").exists()
    for page in ("/", "/about", "/embed", "/mesoguide.js", "/safety"):
        assert image.server.get(page)[0] == 200
    assert not [one for one in image.app.rglob("*") if one.name in ("__pycache__", ".rasa")]


def test_a_setting_from_a_file_counts(image: Image) -> None:
    heard = image.server.someone_else().say("my dad can't breathe and his lips are blue")
    assert heard.texts[0].startswith("Call for help now: 999")


def test_answers_in_flight_are_finished_when_it_is_told_to_stop(image: Image) -> None:
    people = [image.server.someone_else() for _ in range(8)]
    with ThreadPoolExecutor(len(people)) as pool:
        answers = [pool.submit(one.say, "which side effects are there?") for one in people]
        until = time.monotonic() + 30
        while not any(one.done() for one in answers):  # the others wait behind the first
            assert time.monotonic() < until
            time.sleep(0.001)
        image.process.send_signal(signal.SIGTERM)
        heard = [one.result() for one in answers]
    assert all(one.data["topic"] == "side_effects" for one in heard)
    assert image.process.wait(timeout=30) == 0
    assert "Traceback" not in image.server.log.read_text()
