"""Two servers on one PostgreSQL and one Redis, as behind a proxy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Server, start_server
from tests.engines import Postgres, Redis


@dataclass
class Fleet:
    """Both servers, what they share, and a way to start each again at its old address."""

    folder: Path
    postgres: Postgres
    redis: Redis
    settings: dict[str, str] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, number: int) -> None:
        folder = self.folder / str(number)
        folder.mkdir(exist_ok=True)
        known = len(self.servers) > number
        process, server = start_server(
            folder,
            int(self.servers[number].url.rpartition(":")[2]) if known else None,
            MESOGUIDE_DB=self.postgres.url,
            MESOGUIDE_REDIS=self.redis.url,
            MESOGUIDE_MESSAGES_PER_MINUTE="100000",
            **self.settings,
        )
        if known:
            self.processes[number] = process
        else:
            self.processes.append(process)
            self.servers.append(server)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        ends = [process.wait(timeout=30) for process in self.processes]
        assert ends == [0, 0]
        assert not any("Traceback" in log for log in self.logs())

    def logs(self) -> list[str]:
        return [one.log.read_text() for one in self.servers]


@pytest.fixture(scope="module")
def fleet(
    model: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Fleet]:
    """With the SETTINGS of the module, if it has any."""
    settings = getattr(request.module, "SETTINGS", {})
    with ExitStack() as stack:
        postgres, redis = Postgres(), Redis()
        stack.callback(postgres.remove)
        stack.callback(redis.stop)
        fleet = Fleet(tmp_path_factory.mktemp("fleet"), postgres.start(), redis.start(), settings)
        stack.callback(fleet.stop)
        fleet.start(0)
        fleet.start(1)
        yield fleet
