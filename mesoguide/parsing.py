"""The trained model on many labelled messages, for `mesoguide evaluate` and `calibrate`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from rasa.core.agent import Agent
from rasa.model import get_latest_model
from rich.progress import track

from mesoguide import content, paths
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.not_knowing import is_close, offered
from mesoguide.core.scoring import Parsed, Row
from mesoguide.logs import start_logging

FALLBACK = "nlu_fallback"
CERTAIN = 1.0  # the confidence that the guards give


def parse_rows(rows: Iterable[Row], description: str) -> list[Parsed]:
    """Every row understood by the newest model, with progress on the terminal."""
    start_logging()
    knowledge = content.knowledge()
    agent = Agent.load(get_latest_model(str(paths.models())))
    loop = asyncio.new_event_loop()
    parsed = []
    try:
        for row in track(list(rows), description=description):
            found = loop.run_until_complete(agent.parse_message(row.text))
            parsed.append(_parsed(knowledge, row, found))
    finally:
        loop.close()
    return parsed


def _parsed(knowledge: Knowledge, row: Row, found: dict[str, object]) -> Parsed:
    ranking, intent = found["intent_ranking"], found["intent"]
    assert isinstance(ranking, list)
    assert isinstance(intent, dict)
    ranked = tuple((one["name"], one["confidence"]) for one in ranking if one["name"] != FALLBACK)
    by_guard = intent["confidence"] == CERTAIN and intent["name"] != FALLBACK
    close = is_close(confidence for _, confidence in ranked)
    offers = offered(knowledge, (name for name, _ in ranked), close)
    return Parsed(row, ranked, intent["name"] if by_guard else None, tuple(offers))
