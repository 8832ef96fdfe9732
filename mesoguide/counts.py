"""What the operator can count, in Prometheus' text format at /metrics. Never text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

REGISTRY = CollectorRegistry()
REPLIES = Counter(
    "mesoguide_replies",
    "Replies of the actions: by kind (answer, fallback, safety, ...), topic and channel.",
    ("type", "topic", "channel"),
    registry=REGISTRY,
)
TURN_SECONDS = Histogram(
    "mesoguide_turn_seconds",
    "From a message to the last word of its answer, by channel.",
    ("channel",),
    buckets=(0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
FAILURES = Counter(
    "mesoguide_failures",
    "Turns that ended with the sentence for a failure: by what failed and channel.",
    ("what", "channel"),
    registry=REGISTRY,
)


def exposition() -> bytes:
    """All counts."""
    return bytes(generate_latest(REGISTRY))
