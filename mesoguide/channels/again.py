"""A message that comes a second time, because nobody acknowledged the first."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Sanic

logger = logging.getLogger(__name__)


def agent() -> Agent:
    """The agent of the running server."""
    return Sanic.get_app().ctx.agent


async def latest_events(conversation: str) -> list[Event]:
    """What is read of a conversation for a turn."""
    tracker = await agent().tracker_store.retrieve(conversation)
    return list(tracker.events) if tracker else []


async def events_if_readable(conversation: str) -> list[Event]:
    """The same; nothing when it cannot be read, which the turn that follows says to the person."""
    try:
        return await latest_events(conversation)
    except Exception as error:  # its text may hold what was said
        logger.error("a conversation could not be read: %s", type(error).__name__)
        return []


def said_after(message_id: str, events: Iterable[Event]) -> list[BotUttered] | None:
    """What was said to the message with this id; None when it never came."""
    found: list[BotUttered] | None = None
    mine = False
    for event in events:
        if isinstance(event, UserUttered):
            mine = bool(message_id) and event.message_id == message_id
            if mine:
                found = []
        elif mine and found is not None and isinstance(event, BotUttered):
            found.append(event)
    return found


def answers_to(message_id: str, events: Iterable[Event]) -> list[dict[str, Any]] | None:
    """The replies, as data, that followed the message with this id; None when it never came."""
    said = said_after(message_id, events)
    return None if said is None else [reply for event in said for reply in _reply_of(event)]


def latest_reply(events: Iterable[Event]) -> dict[str, Any] | None:
    """The last reply, as data, unless something else was said after it."""
    said = [event for event in events if isinstance(event, BotUttered)]
    replies = _reply_of(said[-1]) if said else []
    return replies[0] if replies else None


def _reply_of(event: BotUttered) -> list[dict[str, Any]]:
    custom = (event.data or {}).get("custom") or {}
    return [custom["data"]] if custom.get("data") else []
