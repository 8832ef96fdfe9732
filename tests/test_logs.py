"""What the operator reads: an id for each turn, JSON when asked for, and nothing that was typed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mesoguide import paths
from mesoguide.errors import where
from mesoguide.logs import TURN, new_turn
from tests.conftest import start_server

SCRIPT = """
import logging
import structlog
from mesoguide.logs import new_turn, start_logging
start_logging()
logging.getLogger("mesoguide.some").info("begins")
id_ = new_turn()
print(id_)
logging.getLogger("mesoguide.some").warning("inside %s", "it")
logging.getLogger("of.a.library").info("chatter")
try:
    raise ValueError("my secret words")
except ValueError:
    logging.getLogger("of.a.library").exception("it failed")
    logging.getLogger("of.a.library").exception("it failed")
    structlog.get_logger("of.rasa").error("turn.failed", user_text="my secret", exc_info=True)
structlog.get_logger("of.rasa").warning("parsing.failed", user_text="my secret")
"""


def logged(**environment: str) -> tuple[str, list[str], int, str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=paths.ROOT,
        env={**os.environ, "SQLALCHEMY_SILENCE_UBER_WARNING": "1", **environment},
        check=False,
    )
    return done.stdout.strip(), done.stderr.splitlines(), done.returncode, done.stderr


def test_lines_carry_the_turn_and_no_words_of_an_error() -> None:
    id_, lines, status, everything = logged()
    assert status == 0, everything
    assert len(lines) == 6
    assert lines[0].endswith(" INFO begins")
    assert lines[1].endswith(f" WARNING turn {id_}: inside it")
    # every time, not only the first
    assert lines[2].endswith(f" ERROR turn {id_}: it failed (ValueError at <string>:12)")
    assert lines[3].endswith(" it failed (ValueError at <string>:12)")
    assert lines[4].endswith(f" ERROR turn {id_}: turn.failed (ValueError at <string>:12)")
    assert lines[5].endswith(f" WARNING turn {id_}: parsing.failed")
    assert "secret" not in everything


def test_lines_are_json_when_asked_for() -> None:
    id_, lines, status, everything = logged(MESOGUIDE_LOGS="json")
    assert status == 0, everything
    read = [json.loads(line) for line in lines]
    assert [one["event"] for one in read][:2] == ["begins", "inside it"]
    assert [one.get("turn") for one in read] == [None, *[id_] * 5]
    assert read[1]["level"] == "warning"
    assert read[1]["logger"] == "mesoguide.some"
    assert read[1]["timestamp"].endswith("Z")


def test_another_way_of_logging_is_refused() -> None:
    *_, status, everything = logged(MESOGUIDE_LOGS="xml")
    assert status == 1
    assert "MESOGUIDE_LOGS is 'xml': use text or json." in everything


async def test_turns_beside_one_another_have_their_own_ids() -> None:
    async def turn() -> tuple[str, str]:
        id_ = new_turn()
        await asyncio.sleep(0)
        return id_, TURN.get()

    pairs = await asyncio.gather(*(asyncio.create_task(turn()) for _ in range(5)))
    assert all(mine == then for mine, then in pairs)
    assert len({mine for mine, _ in pairs}) == 5


def test_an_error_without_a_trace_has_a_kind() -> None:
    assert where(KeyError("my secret")) == "KeyError"


def test_a_server_counts_turns_by_topic_and_logs_alarms_with_an_id(
    model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    process, server = start_server(tmp_path, MESOGUIDE_LOGS="json")
    try:
        server.say("what does stage 4 mean?")
        server.say("I cant breathe and my chest hurts")
        metrics = server.get("/metrics")[2].decode()
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert (
        'mesoguide_replies_total{channel="rest",topic="stage_4_meaning",type="answer"} 1' in metrics
    )
    assert 'mesoguide_turn_seconds_count{channel="rest"} 2' in metrics
    lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    alarm = next(json.loads(line) for line in lines if "safety alarm" in line)
    assert len(alarm["turn"]) == 8
    assert "chest" not in server.log.read_text()
