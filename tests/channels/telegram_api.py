"""Telegram's Bot API, as far as the assistant uses it, and the updates that it delivers."""

from __future__ import annotations

import html
import itertools
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.channels.vendor import Answer, Call, Vendor, post, until

TOKEN = "123456789:AAF-a_token_of_the_tests"
LONGEST = 4096  # UTF-16 units, after the markup is read
LONGEST_DATA = 64  # bytes of what a button sends
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
TAGS = {"a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "strong", "u"}
TAG = re.compile(r'<(/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)>')
SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)


class Wrong(Exception):
    """What Telegram says of a request that it does not take."""


@dataclass(frozen=True)
class Sent:
    """A message as the person sees it: its words, and what each button sends."""

    text: str
    html: str
    buttons: dict[str, str]
    fields: dict[str, Any]


def error(status: int, description: str, **parameters: Any) -> Answer:
    body = {"ok": False, "error_code": status, "description": description}
    return Answer.of({**body, **({"parameters": parameters} if parameters else {})}, status)


def too_many(seconds: int) -> Answer:
    words = f"Too Many Requests: retry after {seconds}"
    return error(429, words, retry_after=seconds)


def shown(text: str) -> str:
    """The words of a text in Telegram's HTML. Raises Wrong when it cannot be read."""
    opened: list[str] = []
    words, done = "", 0
    for tag in TAG.finditer(text):
        closes, name, attributes = tag.groups()
        if name not in TAGS or (attributes and name != "a"):
            raise Wrong(f'Bad Request: can\'t parse entities: unsupported start tag "{name}"')
        if closes and (not opened or opened.pop() != name):
            raise Wrong("Bad Request: can't parse entities: unexpected end tag")
        if not closes:
            opened.append(name)
        words += text[done : tag.start()]
        done = tag.end()
    words += text[done:]
    if opened:
        raise Wrong(f"Bad Request: can't parse entities: can't find end tag of \"{opened[0]}\"")
    if "<" in words:
        raise Wrong("Bad Request: can't parse entities: unsupported start tag")
    return html.unescape(words)


def read_message(fields: dict[str, Any]) -> Sent:
    """A message as Telegram takes it. Raises Wrong."""
    text = str(fields.get("text", ""))
    words = shown(text) if fields.get("parse_mode") == "HTML" else text
    if not words.strip():
        raise Wrong("Bad Request: message text is empty")
    if len(words.encode("utf-16-le")) // 2 > LONGEST:
        raise Wrong("Bad Request: message is too long")
    rows = json.loads(fields.get("reply_markup", "{}")).get("inline_keyboard", [])
    buttons = {one["text"]: one["callback_data"] for row in rows for one in row}
    for title, data in buttons.items():
        if not title:
            raise Wrong("Bad Request: text buttons are unallowed in the inline keyboard")
        if not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise Wrong("Bad Request: BUTTON_DATA_INVALID")
    return Sent(words, text, buttons, fields)


@dataclass
class TelegramApi(Vendor):
    """Takes messages like Telegram, and keeps them by the chat they are for."""

    token: str = TOKEN
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)  # chats of people who have stopped the bot
    known: set[str] = field(default_factory=set)  # chats of people who have ever started it
    pressed: set[str] = field(default_factory=set)  # buttons that still show a sign of waiting

    def __post_init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(secrets.randbelow(10**8))

    def may_fail(self, call: Call) -> bool:
        return call.path.lower().endswith("/sendmessage")

    def answer(self, call: Call) -> Answer:
        bot, _, method = call.path.removeprefix("/bot").partition("/")
        if not re.fullmatch(r"\d+:[\w-]+", bot):
            return error(404, "Not Found")
        if bot != self.token:
            return error(401, "Unauthorized")
        methods = {
            "sendmessage": self._send,
            "setwebhook": self._set_webhook,
            "answercallbackquery": self._answer_callback,
        }
        if method.lower() not in methods:
            return error(404, "Not Found: method not found")
        try:
            return methods[method.lower()](call.fields)
        except Wrong as wrong:
            return error(400, str(wrong))

    def _send(self, fields: dict[str, Any]) -> Answer:
        chat = str(fields.get("chat_id", ""))
        if chat not in self.known:
            raise Wrong("Bad Request: chat not found")
        if chat in self.blocked:
            return error(403, "Forbidden: bot was blocked by the user")
        sent = read_message(fields)
        self.sent.setdefault(chat, []).append(sent)
        made = {
            "message_id": next(self.numbers),
            "from": {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Guide"},
            "chat": {"id": int(chat), "type": "private", "first_name": "A"},
            "date": int(time.time()),
            "text": sent.text,
        }
        return Answer.of({"ok": True, "result": made})

    def _set_webhook(self, fields: dict[str, Any]) -> Answer:
        if not str(fields.get("url", "")).startswith("https://"):
            raise Wrong("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if not SECRET.fullmatch(str(fields.get("secret_token", "x"))):
            raise Wrong("Bad Request: secret token contains unallowed characters")
        self.webhook = fields
        return Answer.of({"ok": True, "result": True, "description": "Webhook was set"})

    def _answer_callback(self, fields: dict[str, Any]) -> Answer:
        if fields.get("callback_query_id") not in self.pressed:
            raise Wrong("Bad Request: query is too old and response timeout expired")
        self.pressed.remove(fields["callback_query_id"])
        return Answer.of({"ok": True, "result": True})


@dataclass
class Chat:
    """One person's chat with the bot.

    `server` is the address of the assistant, `public` what it says its address is.
    """

    api: TelegramApi
    server: str
    public: str
    id: int = field(default_factory=lambda: 1_000_000 + secrets.randbelow(10**9))
    type: str = "private"

    def __post_init__(self) -> None:
        self.api.known.add(str(self.id))

    @property
    def heard(self) -> list[Sent]:
        return self.api.sent.get(str(self.id), [])

    def update(self, kind: str = "message", **content: Any) -> dict[str, Any]:
        """An update as Telegram makes it, with a number of its own."""
        made = {
            "message_id": next(self.api.numbers),
            "date": int(time.time()),
            "chat": {"id": self.id, "type": self.type, "first_name": "A"},
            "from": {"id": abs(self.id), "is_bot": False, "first_name": "A"},
        }
        return {"update_id": next(self.api.numbers), kind: {**made, **content}}

    def pressing(self, data: str) -> dict[str, Any]:
        """The update of a button under a message of the bot."""
        query = secrets.token_hex(8)
        self.api.pressed.add(query)
        made = self.update("message", text="the bot's own words")
        pressed = {
            "id": query,
            "from": made["message"]["from"],
            "chat_instance": "1",
            "message": made["message"],
            "data": data,
        }
        return {"update_id": made["update_id"], "callback_query": pressed}

    def deliver(self, update: dict[str, Any]) -> int:
        """Post an update to the webhook that was set; the status that it gets."""
        return self.deliver_bytes(json.dumps(update).encode())

    def deliver_bytes(self, body: bytes, **headers: str) -> int:
        """The same for any body. `headers` replace the secret."""
        address = str(self.api.webhook["url"])
        assert address.startswith(self.public)
        own = headers if headers else {SECRET_HEADER: str(self.api.webhook["secret_token"])}
        headers = {"Content-Type": "application/json", **own}
        return post(self.server + address.removeprefix(self.public), body, headers)[0]

    def send(self, update: dict[str, Any], parts: int = 1) -> Sent:
        """Deliver an update; the last that comes back, once `parts` messages have come."""
        before = len(self.heard)
        assert self.deliver(update) == 200
        until(lambda: len(self.heard) >= before + parts)
        return self.heard[-1]

    def say(self, text: str) -> Sent:
        return self.send(self.update(text=text))

    def press(self, title: str) -> Sent:
        """Press a button of the last message."""
        return self.send(self.pressing(self.heard[-1].buttons[title]))
