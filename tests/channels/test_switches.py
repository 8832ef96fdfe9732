"""Which channels are on, and what the operator is told about those that are not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mesoguide import paths
from mesoguide.channels.switches import SWITCHES, TELEGRAM, Switch, state_of_channels
from mesoguide.paths import BadSetting


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for switch in SWITCHES:
        for name in (*switch.own, *switch.also, *switch.may):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda one: one.title)
def test_a_channel_is_off_until_all_its_variables_are_set(
    switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert switch.read() is None
    needed = (*switch.own, *switch.also)
    for number, name in enumerate(needed, start=1):
        monkeypatch.setenv(name, f" value {number} ")
        if number < len(needed):
            with pytest.raises(BadSetting, match=f"also set {needed[number]}"):
                switch.read()
    assert switch.read() == {name: f"value {n}" for n, name in enumerate(needed, start=1)}


def test_what_is_shared_switches_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TELEGRAM.also[0], "https://chat.example.org")
    monkeypatch.setenv(TELEGRAM.own[0], "  ")
    assert TELEGRAM.read() is None
    assert all(in_order for _, in_order in state_of_channels())


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mesoguide", "check"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=paths.ROOT,
        env={**os.environ, **environment},
        check=False,
    )


def test_check_says_which_channels_are_on_and_what_is_missing() -> None:
    done = check(
        MESOGUIDE_SLACK_TOKEN="xoxb-1",
        MESOGUIDE_SLACK_SIGNING_SECRET="abc",
        MESOGUIDE_TELEGRAM_TOKEN="1:abc",
    )
    assert done.returncode == 1
    assert "Slack: on" in done.stdout
    assert "Telegram: not complete, also set MESOGUIDE_PUBLIC_URL" in done.stdout
    assert "Matrix (mesoguide matrix): off (to switch it on, set MESOGUIDE_MATRIX" in done.stdout
    assert check().returncode == 0


def test_a_half_set_channel_stops_the_server_with_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mesoguide", "serve", "--port", "1"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=paths.ROOT,
        env={**os.environ, "MESOGUIDE_TWILIO_ACCOUNT_SID": "AC1"},
        check=False,
    )
    assert done.returncode == 1
    assert "WhatsApp and SMS (Twilio) is not complete: also set" in done.stderr
    assert "Traceback" not in done.stderr
