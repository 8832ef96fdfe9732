"""The safety gate over the product's own protocol."""

from __future__ import annotations

import pytest

from mesoguide.core.knowledge import Knowledge
from mesoguide.safety.gate import SafetyGate


@pytest.fixture(scope="session")
def gate(knowledge: Knowledge) -> SafetyGate:
    return SafetyGate(knowledge.protocol)
