"""What Telegram delivers: which of it is a message of a person, and which is not."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from mesoguide.channels.inbox import Arrived
from mesoguide.channels.limits import REMEMBERED

READ = ("message", "edited_message", "callback_query")
# How reading fails on what is no update.
MALFORMED = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError
)  # fmt: skip
# What Telegram says in a chat by itself; the person has sent nothing.
NEWS = frozenset((
    "pinned_message", "message_auto_delete_timer_changed", "chat_background_set",
    "write_access_allowed", "connected_website", "users_shared", "chat_shared",
))  # fmt: skip
# Commands that Telegram's apps offer; what else stands in the message is never passed over, but
# for the one word without spaces that a link to the bot may add to /start.
START = re.compile(r"\s*/start(?:@\w+)?(?: [\w-]+)?\s*", re.IGNORECASE)
HELP = re.compile(r"\s*/help(?:@\w+)?\s*", re.IGNORECASE)


def read(update: dict[str, Any]) -> Arrived | None:
    """What a person has sent in a private chat; None for all else. Raises one of MALFORMED."""
    id_ = str(int(update["update_id"]))
    pressed = update.get("callback_query") or {}
    edited = update.get("edited_message") or {}
    message = pressed.get("message") or update.get("message") or edited
    chat = message.get("chat") or {}
    if chat.get("type") != "private":
        return None
    person = str(int(chat["id"]))
    if pressed:
        data = pressed.get("data")
        return Arrived(person, id_, _words(data), data.startswith("/")) if data else None
    text = message.get("text") or message.get("caption")
    if text:
        return _written(person, id_, _words(text))
    if edited or NEWS & message.keys():  # such as a place that is sent again as it moves
        return None
    album = message.get("media_group_id")  # several photos sent at once are one message
    return Arrived(person, f"album {album}" if album else id_, None)


def _words(text: str) -> str:
    text.encode()  # half a character, which nothing behind this could store, is refused
    return text


def _written(person: str, id_: str, text: str) -> Arrived:
    for command, payload in ((START, "/greet"), (HELP, "/capabilities")):
        if command.fullmatch(text):
            return Arrived(person, id_, payload, pressed=True)
    return Arrived(person, id_, text)


class Wordings:
    """The last wording of each message: Telegram reports edits that change no word of it."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[int, int], int] = OrderedDict()

    def are_new(self, update: dict[str, Any]) -> bool:
        """Whether it is no edit, or one that changed the words."""
        message = update.get("message") or update.get("edited_message")
        if not message:
            return True
        which = (message["chat"]["id"], message["message_id"])
        words = hash(message.get("text") or message.get("caption"))
        before = self._last.pop(which, None)
        self._last[which] = words
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return "message" in update or words != before
