"""A real PostgreSQL and a real Redis of the tests' own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.engines import Postgres, Redis

SETTING = "MESOGUIDE_TEST_POSTGRES"  # a server to use instead


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a database; the server is started for it and stopped after it."""
    if os.environ.get(SETTING):
        yield os.environ[SETTING]
        return
    server = Postgres()
    try:
        yield server.start().url
    finally:
        server.remove()


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    """A Redis that has forgotten what other tests did."""
    server = Redis()
    try:
        yield server.start()
    finally:
        server.stop()
