"""docs/safety.md and the page of the protocol are written from knowledge/."""

from __future__ import annotations

from dataclasses import replace

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from mesoguide.safety.page import html, markdown


def test_the_document_is_the_protocol_as_it_stands(knowledge: Knowledge) -> None:
    written = (paths.ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    assert written == markdown(knowledge), "Run: uv run mesoguide protocol --write"


def test_what_is_said_there_is_said_in_the_region(knowledge: Knowledge) -> None:
    assert "Call for help now: 999 (UK)" in html(replace(knowledge, region="uk"))


def test_signs_cannot_break_the_page(knowledge: Knowledge) -> None:
    odd = knowledge.protocol.signs[0].copy(update={"name": "<b>"})
    protocol = knowledge.protocol.copy(update={"signs": [odd]})
    assert "<strong>&lt;b&gt;</strong>" in html(replace(knowledge, protocol=protocol))
