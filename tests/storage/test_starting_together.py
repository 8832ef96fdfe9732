"""Servers that start at the same moment on an empty PostgreSQL do not trip over each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from mesoguide.storage.bounded import BoundedTrackerStore

AT_ONCE = 4
DATABASE = "starting_together"


def test_tables_are_made_once(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    url = postgres_url.rpartition("/")[0] + f"/{DATABASE}"
    for _ in range(5):
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {DATABASE}"))
        ready = Barrier(AT_ONCE)

        def start(_: int, ready: Barrier = ready) -> BoundedTrackerStore:
            ready.wait()
            return BoundedTrackerStore(host=url)

        with ThreadPoolExecutor(AT_ONCE) as servers:
            for store in servers.map(start, range(AT_ONCE)):
                store.engine.dispose()
    engine.dispose()
