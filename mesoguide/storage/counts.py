"""What is read from the database: it must not grow with the length of a conversation."""

from __future__ import annotations

from prometheus_client import Counter

from mesoguide.counts import REGISTRY

ROWS_READ = Counter(
    "mesoguide_rows_read", "Rows of conversations read from the database.", registry=REGISTRY
)
