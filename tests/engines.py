"""Real servers of the tests' own, from the system's packages: PostgreSQL and Redis.

Each can be stopped and started again at the same address.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.conftest import free_port, or_skip

LIMIT = 20  # seconds to start


class Postgres:
    """A PostgreSQL server; what is stored outlives a stop."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not programs:
            or_skip("PostgreSQL is missing: apt-get install postgresql")
        self._bin = programs[-1].parent
        self._folder = Path(tempfile.mkdtemp(prefix="postgres"))  # pytest's are for one user only
        if os.geteuid() == 0:  # root may not run the server
            shutil.chown(self._folder, "postgres", "postgres")
        self._data, self._port = self._folder / "data", free_port()
        self.url = f"postgresql://tests@127.0.0.1:{self._port}/postgres"
        self._run([self._bin / "initdb", "-D", self._data, "-U", "tests", "--auth", "trust"])

    def start(self) -> Postgres:
        at = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._control("-l", self._folder / "log", "-w", "-o", at, "start")
        return self

    def stop(self, how: str = "immediate") -> None:
        """`immediate` is a crash."""
        self._control("-m", how, "stop")

    def files(self) -> bytes:
        """All that is on its disk: tables, write-ahead log, its own log."""
        files = [one for one in sorted(self._folder.rglob("*")) if one.is_file()]
        return b"".join(one.read_bytes() for one in files)

    def remove(self) -> None:
        with suppress(AssertionError):  # stopped already
            self.stop()
        shutil.rmtree(self._folder)

    def _control(self, *what: str | Path) -> None:
        self._run([self._bin / "pg_ctl", "-D", self._data, *what])

    def _run(self, command: list[str | Path]) -> None:
        user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        done = subprocess.run(  # type: ignore[call-overload]
            [str(part) for part in command], cwd="/", stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, check=False, **user,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


class Redis:
    """A Redis server that keeps nothing on disk: a stop makes it forget."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if not program:
            or_skip("Redis is missing: apt-get install redis-server")
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._command = [program, "--port", str(self._port), "--bind", "127.0.0.1"]
        self._command += ["--save", "", "--appendonly", "no", "--dir", tempfile.gettempdir()]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Redis:
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet)
        until = time.monotonic() + LIMIT
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return self
            time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
