"""Slack's Web API, as far as the assistant uses it, and its signed requests."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.channels.vendor import Answer, Call, Vendor, post, until

TOKEN = "xoxb-1-2-slack"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T0MESO"
BOT_USER, BOT = "U0GUIDE", "B0GUIDE"
POST = "/api/chat.postMessage"
LONGEST_TEXT, LONGEST_SECTION, LONGEST_TITLE, LONGEST_VALUE = 40_000, 3000, 75, 2000
MOST_BLOCKS, MOST_ELEMENTS = 50, 25


def error(code: str, status: int = 200, **headers: str) -> Answer:
    return Answer.of({"ok": False, "error": code}, status, **headers)


def too_many(seconds: int | None = None) -> Answer:
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return error("ratelimited", 429, **headers)


@dataclass(frozen=True)
class Posted:
    """One message as it was taken."""

    text: str
    blocks: list[dict[str, Any]]

    @property
    def shown(self) -> str:
        """What its section shows."""
        return "\n".join(one["text"]["text"] for one in self.blocks if one["type"] == "section")

    @property
    def buttons(self) -> dict[str, str]:
        """What is sent by a button, by what it says."""
        elements = [one["elements"] for one in self.blocks if one["type"] == "actions"]
        return {one["text"]["text"]: one["value"] for some in elements for one in some}


@dataclass
class SlackApi(Vendor):
    """Takes messages like Slack, and keeps them by the channel they were sent to."""

    sent: dict[str, list[Posted]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def base(self) -> str:
        return f"{self.url}/api/"

    def may_fail(self, call: Call) -> bool:
        return call.path == POST

    def answer(self, call: Call) -> Answer:
        login = call.headers.get("authorization", "")
        if not login:
            return error("not_authed")
        if login != f"Bearer {TOKEN}":
            return error("invalid_auth")
        if call.path == "/api/auth.test":
            ours = {"team": "Charity", "user": "mesoguide", "team_id": TEAM, "user_id": BOT_USER}
            return Answer.of({"ok": True, "url": "https://charity.slack.com/", **ours})
        if call.path != POST:
            return error("unknown_method")
        return self._post(call.fields)

    def _post(self, fields: dict[str, Any]) -> Answer:
        channel, text = fields.get("channel", ""), fields.get("text", "")
        blocks = fields.get("blocks", [])
        if channel[:1] not in ("C", "D", "U"):
            return error("channel_not_found")
        if not (text or blocks):
            return error("no_text")
        if len(text) > LONGEST_TEXT:
            return error("msg_too_long")
        if any(_mistakes(blocks)):
            return error("invalid_blocks")
        self.sent.setdefault(channel, []).append(Posted(text, blocks))
        ts = f"{time.time():.6f}"
        message = {"type": "message", "bot_id": BOT, "user": BOT_USER, "text": text, "ts": ts}
        private = channel.replace("U", "D", 1)  # a user's id stands for the direct messages
        made = {"ok": True, "channel": private, "ts": ts, "message": {**message, "blocks": blocks}}
        return Answer.of(made)


def _mistakes(blocks: list[dict[str, Any]]) -> Iterator[bool]:
    yield len(blocks) > MOST_BLOCKS
    for block in blocks:
        if block.get("type") == "section":
            text = block.get("text", {})
            yield text.get("type") not in ("mrkdwn", "plain_text")
            yield not 0 < len(text.get("text", "")) <= LONGEST_SECTION
        elif block.get("type") == "actions":
            elements = block.get("elements", [])
            ids = [one.get("action_id") for one in elements]
            yield not 0 < len(elements) <= MOST_ELEMENTS or len(set(ids)) < len(ids)
            for one in elements:
                yield (one.get("type"), one.get("text", {}).get("type")) != ("button", "plain_text")
                yield not 0 < len(one["text"].get("text", "")) <= LONGEST_TITLE
                yield len(one.get("value", "")) > LONGEST_VALUE
        else:
            yield True


@dataclass
class Person:
    """One user of the workspace. `server` is the address of the assistant."""

    api: SlackApi
    server: str
    user: str = field(default_factory=lambda: f"U{secrets.token_hex(5).upper()}")

    @property
    def heard(self) -> list[Posted]:
        return self.api.sent.get(self.user, [])

    def deliver(self, text: str, id_: str = "", retry: int = 0, **more: Any) -> int:
        """What Slack posts for a direct message; the status that it gets."""
        event = {
            "type": "message",
            "channel_type": "im",
            "channel": self.user.replace("U", "D", 1),
            "user": self.user,
            "text": text,
            "ts": f"{time.time():.6f}",
            **more,
        }
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return self.event(event, id_, headers if retry else {})

    def mention(self, text: str, **more: Any) -> int:
        """The same for a mention of the assistant, where others read along."""
        event = {
            "type": "app_mention",
            "channel": "C0GENERAL",
            "user": self.user,
            "text": text,
            "ts": f"{time.time():.6f}",
            **more,
        }
        return self.event(event)

    def event(self, event: Any, id_: str = "", headers: dict[str, str] | None = None) -> int:
        ours = {"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        body = {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0GUIDE",
            "event_id": id_ or f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [ours],
            "event": event,
        }
        return deliver(self.server, body, headers=headers)[0]

    def press(self, title: str) -> tuple[int, bytes]:
        """What Slack posts when a button of the last message is pressed; what it gets."""
        action = {
            "type": "button",
            "action_id": "suggestion",
            "text": {"type": "plain_text", "text": title},
            "value": self.heard[-1].buttons[title],
            "action_ts": f"{time.time():.6f}",
        }
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "charity"},
            "user": {"id": self.user, "name": "someone", "team_id": TEAM},
            "channel": {"id": self.user.replace("U", "D", 1), "name": "directmessage"},
            "container": {"type": "message"},
            "trigger_id": f"{secrets.randbelow(10**9)}.1.{secrets.token_hex(8)}",
            "actions": [action],
        }
        return deliver(self.server, payload, form=True)

    def say(self, text: str, parts: int = 1) -> str:
        """Send a message; all that is shown, once `parts` messages have come."""
        before = len(self.heard)
        assert self.deliver(text) == 200
        return self.wait(before, parts)

    def wait(self, before: int, parts: int = 1) -> str:
        until(lambda: len(self.heard) >= before + parts)
        return "\n\n".join(one.shown for one in self.heard[before:])


def deliver(
    server: str,
    data: Any,
    form: bool = False,
    secret: str = SECRET,
    age: float = 0.0,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Post what Slack posts, signed as it signs; the answer. `data`: an object, or a whole body."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    if form and not isinstance(data, bytes):
        body = urlencode({"payload": body}).encode()
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    at = str(int(time.time() - age))
    signed = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": sign(body, at, secret)}
    url = f"{server}/webhooks/slack/webhook"
    return post(url, body, {"Content-Type": kind, **signed, **(headers or {})})


def sign(body: bytes, at: str, secret: str = SECRET) -> str:
    """The signature over the time and the body."""
    signed = b":".join((b"v0", at.encode(), body))
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
