"""Slack: direct messages and mentions, by its Events API and its Web API.

What Rasa's own channel lacks: an event is answered once, a mention in private, no button is left
out, and a failure of Slack's is waited for.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from mesoguide.channels.inbox import CLOSING, Inbox
from mesoguide.channels.layout import SLACK_BLOCKS, Message
from mesoguide.channels.outbox import Busy, Refused, asked_pause
from mesoguide.channels.slack_messages import message_of, text_at, user_of
from mesoguide.channels.switches import SLACK

logger = logging.getLogger(__name__)
API = "https://slack.com/api/"
TIMEOUT = 10.0  # seconds for one call
TITLE = 75  # characters of a button
FORM = "application/x-www-form-urlencoded"
PASSING = frozenset(  # errors that end by themselves; all others need somebody to do something
    ("fatal_error", "internal_error", "rate_limited", "ratelimited", "request_timeout",
     "service_unavailable", "team_added_to_org")
)  # fmt: skip


class Slack(InputChannel):
    """One webhook for events and buttons; off unless the variables of `switches.SLACK` are set."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its webhook."""
        return "slack"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Slack:
        """Its settings are environment variables."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook; nothing when the channel is off. Raises BadSetting."""
        routes = Blueprint("slack_webhook", __name__)
        settings = SLACK.read()
        if settings is None:
            return routes
        token, secret = settings[SLACK.own[0]], settings[SLACK.own[1]]
        verifier = SignatureVerifier(secret)
        sender = _Sender(token, settings.get(SLACK.may[0], API))
        inbox = Inbox(SLACK_BLOCKS, secret, sender.send, on_new_message)

        @routes.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            if not _is_slacks(request, verifier):
                logger.warning("slack: a request with a wrong signature was refused")
                return response.text("Forbidden", status=403)
            data = _data(request)
            if data is None:
                logger.warning("slack: a request that is no JSON was refused")
                return response.text("Bad request", status=400)
            if data.get("type") == "url_verification":
                return response.text(text_at(data, "challenge"))
            arrived = message_of(data)
            if arrived is not None:
                await inbox.take(arrived)
            return response.empty(200)

        async def start(app: Sanic, *_: Any) -> None:
            app.add_task(sender.check())  # nobody waits for it: Slack may be slow

        async def stop(*_: Any) -> None:
            await inbox.outbox.close(CLOSING)
            await sender.close()

        routes.listener("after_server_start")(start)
        routes.listener("before_server_stop")(stop)
        return routes


def _is_slacks(request: Request, verifier: SignatureVerifier) -> bool:
    """Whether Slack has signed the request, in the last five minutes."""
    try:
        return verifier.is_valid_request(request.body, dict(request.headers))
    except (ValueError, TypeError, OverflowError):  # a time or a signature that is none at all
        return False


def _data(request: Request) -> dict[str, Any] | None:
    """The object of a request: of an event the body, of a button the form's `payload`."""
    try:
        body = request.body.decode()
        if request.headers.get("content-type", "").startswith(FORM):
            body = parse_qs(body)["payload"][0]
        data = json.loads(body)
    except (ValueError, KeyError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


class _Sender:
    """Sends with Slack's own client, without its way to try again: the outbox does that."""

    def __init__(self, token: str, api: str) -> None:
        self._token = token
        self._api = api
        self._client: AsyncWebClient | None = None

    async def send(self, person: str, message: Message) -> None:
        """Send one message. Raises Busy or Refused."""
        sending = self._web().chat_postMessage(
            channel=user_of(person),
            text=SLACK_BLOCKS.markup.safe(message.plain),  # for notices and screen readers
            blocks=_blocks(message),
            unfurl_links=False,
            unfurl_media=False,
        )
        await _done(sending)

    async def check(self) -> None:
        """Say in the log when the token is not accepted."""
        try:
            await _done(self._web().auth_test())
        except Refused as error:
            logger.warning("slack: %s is not accepted: %s", SLACK.own[0], error)
        except Busy as error:
            logger.warning("slack: its API could not be reached at start: %s", error)

    async def close(self) -> None:
        """End the connections."""
        if self._client is not None and self._client.session is not None:
            await self._client.session.close()

    def _web(self) -> AsyncWebClient:
        if self._client is None:  # made here, since it belongs to the running loop
            session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
            self._client = AsyncWebClient(
                self._token, self._api, session=session, retry_handlers=[]
            )
        return self._client


async def _done(call: Awaitable[Any]) -> None:
    """Wait for a call of Slack's client. Raises Busy or Refused, without what was sent."""
    try:
        await call
    except SlackApiError as error:
        raise _failure(error.response) from None
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        raise Busy(type(error).__name__) from None
    except AttributeError:  # the client takes an answer for an object that is none
        raise Busy("the answer is not Slack's") from None


def _failure(answer: Any) -> Busy | Refused:
    # Slack's client puts one of two classes there, which name the status differently.
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
    code = text_at(getattr(answer, "data", None), "error")
    what = code or f"status {status}"
    if status == 429:
        return Busy(what, asked_pause(answer.headers))
    if status >= 500 or code in PASSING or (status == 200 and not code):
        return Busy(what)
    return Refused(what)


def _blocks(message: Message) -> list[dict[str, Any]]:
    """The message as Slack lays it out: all of it unfolded, its buttons below."""
    text = {"type": "mrkdwn", "text": message.text}
    blocks: list[dict[str, Any]] = [{"type": "section", "text": text, "expand": True}]
    if message.buttons:
        buttons = [
            {
                "type": "button",
                "action_id": f"suggestion-{place}",
                "text": {"type": "plain_text", "text": _short(button.title)},
                "value": button.payload,
            }
            for place, button in enumerate(message.buttons)
        ]
        blocks.append({"type": "actions", "elements": buttons})
    return blocks


def _short(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"
