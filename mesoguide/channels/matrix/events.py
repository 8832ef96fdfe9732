"""What Matrix's events mean for the bridge."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
ENCRYPTED = ("m.room.encrypted", "m.room.encryption")
# Other programs, the server itself, and what two clients arrange with each other.
NOT_FOR_US = ("m.notice", "m.server_notice", "m.key.verification.request")
QUOTED = re.compile(r"(?:> .*(?:\n|$))+\n?")  # what a client puts before an answer to a message


@dataclass(frozen=True)
class Said:
    """A message to answer; `text` is None when it was no text."""

    id: str
    text: str | None


def said(event: Event, person: str) -> Said | None:
    """The message of this person; None for anything that needs no answer."""
    content = event.get("content")
    if event.get("sender") != person or not isinstance(content, dict):
        return None
    id_ = str(event.get("event_id"))
    if event.get("type") == "m.sticker" and content:
        return Said(id_, None)
    kind = content.get("msgtype")  # gone from a message that was removed
    relation = content.get("m.relates_to")
    relation = relation if isinstance(relation, dict) else {}
    is_edit = relation.get("rel_type") == "m.replace"
    if event.get("type") != "m.room.message" or kind is None or kind in NOT_FOR_US or is_edit:
        return None
    text = content.get("body")
    if kind != "m.text" or not isinstance(text, str):
        return Said(id_, None)
    if "m.in_reply_to" in relation:
        text = QUOTED.sub("", text, count=1) if text.startswith("> ") else text
    return Said(id_, text)


def membership(event: Event, user: str) -> str | None:
    """What this event makes of this user: invite, join, leave, ban; None for any other event."""
    if event.get("type") != "m.room.member" or event.get("state_key") != user:
        return None
    content = event.get("content")
    return str(content.get("membership")) if isinstance(content, dict) else None


def since_invitation(events: list[Event], us: str) -> list[Event]:
    """What came after the last invitation, or else after we have joined."""
    for wanted in ("invite", "join"):
        for place in range(len(events) - 1, -1, -1):
            if membership(events[place], us) == wanted:
                return events[place:]
    return events


def brings(event: Event, known: set[str]) -> bool:
    """Whether somebody else than those who are known comes in, or one of them goes."""
    if event.get("type") != "m.room.member":
        return False
    user = str(event.get("state_key"))
    return membership(event, user) in (("leave", "ban") if user in known else ("join",))
