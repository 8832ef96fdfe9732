"""What MESOGUIDE_REDIS may be, and that a wrong one is refused before anybody is served."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mesoguide import paths
from mesoguide.paths import BadSetting

SECRET = "hunter2"


@pytest.mark.parametrize("written", ["", "  "])
def test_without_it_there_is_one_server(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("MESOGUIDE_REDIS", written)
    assert paths.redis() is None


@pytest.mark.parametrize(
    "written",
    ["redis://host", "redis://host:6379/0", f"rediss://:{SECRET}@host:6380/3", "redis://[::1]:1/"],
)
def test_urls_that_are_taken(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("MESOGUIDE_REDIS", f" {written} ")
    assert paths.redis() == written


@pytest.mark.parametrize(
    "written",
    [
        "host:6379",
        "http://host:6379",
        "redis://",
        f"redis://:{SECRET}@:6379/0",
        f"redis://:{SECRET}@host:many/0",
        f"redis://:{SECRET}@host:99999/0",
        f"redis://:{SECRET}@host:6379/zero",
        f"redis://:{SECRET}@[::1:6379/0",
    ],
)
def test_others_are_refused_without_the_password(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("MESOGUIDE_REDIS", written)
    with pytest.raises(BadSetting, match="redis://host:6379/0") as refused:
        paths.redis()
    assert SECRET not in str(refused.value)


def test_serve_says_so_and_ends() -> None:
    env = {**os.environ, "MESOGUIDE_REDIS": f"redis://:{SECRET}@host:many"}
    command = [sys.executable, "-m", "mesoguide", "serve"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, env=env, check=False
    )
    assert done.returncode == 1
    assert "MESOGUIDE_REDIS" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
