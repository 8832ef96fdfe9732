"""A message that comes a second time, because nobody acknowledged the first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Sanic


def agent() -> Agent:
    """The agent of the running server."""
    return Sanic.get_app().ctx.agent


async def latest_events(conversation: str) -> list[Event]:
    """What is read of a conversation for a turn."""
    tracker = await agent().tracker_store.retrieve(conversation)
    return list(tracker.events) if tracker else []


def answers_to(message_id: str, events: Iterable[Event]) -> list[dict[str, Any]] | None:
    """The replies, as data, that followed the message with this id; None when it never came."""
    found: list[dict[str, Any]] | None = None
    mine = False
    for event in events:
        if isinstance(event, UserUttered):
            mine = bool(message_id) and event.message_id == message_id
            if mine:
                found = []
        elif mine and found is not None and isinstance(event, BotUttered):
            found += _reply_of(event)
    return found


def latest_reply(events: Iterable[Event]) -> dict[str, Any] | None:
    """The last reply, as data, unless something else was said after it."""
    said = [event for event in events if isinstance(event, BotUttered)]
    replies = _reply_of(said[-1]) if said else []
    return replies[0] if replies else None


def _reply_of(event: BotUttered) -> list[dict[str, Any]]:
    custom = (event.data or {}).get("custom") or {}
    return [custom["data"]] if custom.get("data") else []
