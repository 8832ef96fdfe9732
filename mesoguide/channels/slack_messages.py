"""What Slack delivers, as the message of a person; and its way of writing, as what was typed."""

from __future__ import annotations

import re
from typing import Any

from mesoguide.channels.inbox import Arrived

# Kinds of message that people write themselves: with a file, by /me, from a thread. All others
# tell of an edit, a deletion or something that Slack or a program did.
BY_PEOPLE = (None, "file_share", "me_message", "thread_broadcast")
NOTHING_ELSE = "hello"  # what somebody means who only mentions the assistant
# Slack writes < > & themselves as entities, so these are always its own: a link, a mention.
_OWN = re.compile(r"<([^<>]*)>")
_EMOJI = re.compile(r":(?!\d+:)[a-z0-9_+'-]+:")  # :cry: for a picture, but no 10:30:00
# Around bold, slanted, struck out words and code; not between letters or figures, as in 3*4.
_FORMAT = re.compile(r"(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])")


def message_of(data: dict[str, Any]) -> Arrived | None:
    """The message of a person; None for news of another kind."""
    if data.get("type") == "event_callback":
        return _written(data)
    if data.get("type") == "block_actions":
        return _pressed(data)
    return None


def person(team: str, user: str) -> str:
    """Who it is, and where the answer goes.

    Never the channel: Slack posts what is sent to a user in the direct messages with that user, so
    that a mention before others is answered in private, and is the same conversation.
    """
    return f"{team} {user}"


def user_of(person: str) -> str:
    """Where Slack sends what is for a person."""
    return person.partition(" ")[2]


def as_typed(text: str) -> str:
    """What was typed, of what Slack made of it."""
    text = _FORMAT.sub("", _EMOJI.sub(" ", _OWN.sub(_words, text)))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.strip()


def text_at(data: Any, *names: str) -> str:
    """The text at a place in nested objects; "" when there is none."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""


def _written(data: dict[str, Any]) -> Arrived | None:
    event = data.get("event")
    if not isinstance(event, dict) or event.get("bot_id"):
        return None
    private = event.get("type") == "message" and event.get("channel_type") == "im"
    mention = event.get("type") == "app_mention"
    if not (private or mention) or event.get("subtype") not in BY_PEOPLE:
        return None
    text = as_typed(text_at(event, "text"))
    if mention and not text:
        text = NOTHING_ELSE
    return _arrived(
        text_at(data, "team_id"), text_at(event, "user"), text_at(data, "event_id"), text or None
    )


def _pressed(data: dict[str, Any]) -> Arrived | None:
    actions = data.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    value = text_at(action, "value")
    if not value:
        return None
    team = text_at(data, "team", "id") or text_at(data, "user", "team_id")
    id_ = text_at(data, "trigger_id") or text_at(action, "action_ts")
    return _arrived(team, text_at(data, "user", "id"), id_, value, pressed=value.startswith("/"))


def _arrived(
    team: str, user: str, id_: str, text: str | None, pressed: bool = False
) -> Arrived | None:
    if not (user and id_ and f"{team}{user}{id_}".isascii()):
        return None
    return Arrived(person(team, user), id_, text, pressed)


def _words(found: re.Match[str]) -> str:
    """What was typed where Slack wrote something of its own."""
    what, _, shown = found.group(1).partition("|")
    if what.startswith("#"):
        return f"#{shown}" if shown else " "
    if what.startswith("@"):  # a name says nothing of the question; mostly it is ours
        return " "
    if what.startswith("!"):
        return shown or "@" + what[1:].partition("^")[0]
    return shown or what.removeprefix("mailto:").removeprefix("tel:")
