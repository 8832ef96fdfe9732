"""What the operator can count, in Prometheus' text format at /metrics. Never text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

REGISTRY = CollectorRegistry()


def exposition() -> bytes:
    """All counts."""
    return bytes(generate_latest(REGISTRY))
