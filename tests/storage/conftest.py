"""A real PostgreSQL server of the tests' own, from the system's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port, or_skip

SETTING = "MESOGUIDE_TEST_POSTGRES"  # a server to use instead


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a database; the server is started for it and stopped after it."""
    if os.environ.get(SETTING):
        yield os.environ[SETTING]
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        or_skip("PostgreSQL is missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres"))  # pytest's folders are for one user only
    if os.geteuid() == 0:  # root may not run the server
        shutil.chown(folder, "postgres", "postgres")
    data, port, bin_ = folder / "data", free_port(), programs[-1].parent
    _run([bin_ / "initdb", "-D", data, "-U", "tests", "--auth", "trust"])
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run([bin_ / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"])
    try:
        yield f"postgresql://tests@127.0.0.1:{port}/postgres"
    finally:
        _run([bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
        shutil.rmtree(folder)


def _run(command: list[str | Path]) -> None:
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    done = subprocess.run(  # type: ignore[call-overload]
        [str(part) for part in command], cwd="/", stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, check=False, **user,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
