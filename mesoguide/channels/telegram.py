"""Telegram: private chats with a bot.

What Rasa's own channel lacks: who calls the webhook is checked, the server starts when Telegram
cannot be reached, a message that is delivered twice is answered once, and nothing but a private
chat is read.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import Bot
from aiogram.bot.api import TelegramAPIServer
from aiogram.utils import exceptions
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    wait_exponential_jitter,
)

from mesoguide.channels.inbox import CLOSING, Inbox
from mesoguide.channels.layout import TELEGRAM as WAY
from mesoguide.channels.layout import Message
from mesoguide.channels.outbox import Busy, Refused
from mesoguide.channels.switches import PUBLIC_URL, TELEGRAM
from mesoguide.channels.telegram_updates import MALFORMED, READ, Wordings, read
from mesoguide.paths import BadSetting

logger = logging.getLogger(__name__)
API = "https://api.telegram.org"
TIMEOUT = 10.0  # seconds for one call
LONGEST_WAIT = 60.0  # seconds between two tries to set the webhook
# No second try would change these; all else is tried again.
NEVER = (
    exceptions.BadRequest,
    exceptions.NotFound,
    exceptions.Unauthorized,
    exceptions.ConflictError,
    exceptions.MigrateToChat,
)


class Telegram(InputChannel):
    """One webhook; off unless the variables of `switches.TELEGRAM` are set."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its webhook."""
        return "telegram"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Telegram:
        """Its settings are environment variables."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook; nothing when the channel is off. Raises BadSetting."""
        routes = Blueprint("telegram_webhook", __name__)
        settings = TELEGRAM.read()
        if settings is None:
            return routes
        token = settings[TELEGRAM.own[0]]
        api = _Api(token, settings.get(TELEGRAM.may[0], API))
        door = _Door(token, settings[PUBLIC_URL])
        inbox = Inbox(WAY, token, api.send, on_new_message)
        wordings = Wordings()
        aside: set[asyncio.Task[None]] = set()  # kept, or they might be collected while they run

        def beside(work: Awaitable[None]) -> None:
            task = asyncio.ensure_future(work)
            aside.add(task)
            task.add_done_callback(aside.discard)

        @routes.route(f"/{door.path}", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            if not door.opens_for(request):
                logger.warning("telegram: a request without the secret was refused")
                return response.text("Forbidden", status=403)
            try:
                update = json.loads(request.body)
                arrived = read(update)
                new = wordings.are_new(update)
                pressed = (update.get("callback_query") or {}).get("id")
            except MALFORMED as error:
                logger.warning("telegram: no update could be read: %s", type(error).__name__)
                return response.text("Bad Request", status=400)
            if pressed:
                beside(api.acknowledge(pressed))
            if arrived and new:
                await inbox.take(arrived)
            return response.text("")

        async def start(*_: Any) -> None:
            beside(api.set_webhook(door))

        async def stop(*_: Any) -> None:
            for task in aside:
                task.cancel()
            await inbox.outbox.close(CLOSING)

        routes.listener("after_server_start")(start)
        routes.listener("before_server_stop")(stop)
        routes.listener("after_server_stop")(api.close)  # a last turn may have been on its way
        return routes


class _Door:
    """An address and a secret that only those know who know the token."""

    def __init__(self, token: str, public_url: str) -> None:
        self.path = _derived(token, "path")
        self.url = f"{public_url.rstrip('/')}/webhooks/{Telegram.name()}/{self.path}"
        self.secret = _derived(token, "secret")

    def opens_for(self, request: Request) -> bool:
        """Whether the request comes from Telegram."""
        shown = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self.secret.encode())


def _derived(token: str, what_for: str) -> str:
    return hmac.digest(token.encode(), f"webhook {what_for}".encode(), "sha256").hex()


def fields_of(message: Message) -> dict[str, str]:
    """A message as the Bot API wants it: one button in a row, since phones cut titles off."""
    fields = {"text": message.text, "parse_mode": "HTML", "disable_web_page_preview": "true"}
    if message.buttons:
        rows = [[{"text": one.title, "callback_data": one.payload}] for one in message.buttons]
        fields["reply_markup"] = json.dumps({"inline_keyboard": rows})
    return fields


class _Api:
    """Telegram's Bot API, or a server that speaks it."""

    def __init__(self, token: str, api: str) -> None:
        try:
            self._bot = Bot(token, server=TelegramAPIServer.from_base(api), timeout=TIMEOUT)
        except exceptions.ValidationError:
            raise BadSetting(
                f"{TELEGRAM.own[0]} is no token of a bot: copy it whole from @BotFather, "
                "digits, a colon and letters, such as 123456:ABC-DEF."
            ) from None

    async def send(self, person: str, message: Message) -> None:
        """Send one message. Raises Busy or Refused."""
        await self._call("sendMessage", {"chat_id": person, **fields_of(message)})

    async def acknowledge(self, pressed: str) -> None:
        """End the sign of waiting on a button; it ends by itself when this fails."""
        with suppress(Busy, Refused):
            await self._call("answerCallbackQuery", {"callback_query_id": pressed})

    async def set_webhook(self, door: _Door) -> None:
        """Tell Telegram where to deliver; tried until it is done, said once for each reason."""
        data = {
            "url": door.url,
            "secret_token": door.secret,
            "allowed_updates": json.dumps(READ),
            "drop_pending_updates": "false",
        }
        said: set[str] = set()

        def say(state: RetryCallState) -> None:
            why = str(state.outcome and state.outcome.exception())
            if why not in said:
                said.add(why)
                logger.error("telegram: the webhook could not be set (%s), trying on", why)

        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((Busy, Refused)),
            wait=wait_exponential_jitter(initial=0.5, max=LONGEST_WAIT),
            before_sleep=say,
        ):
            with attempt:
                await self._call("setWebhook", data)
        if said:
            logger.warning("telegram: the webhook is set")

    async def close(self, *_: Any) -> None:
        """End the connections."""
        await self._bot.session.close()

    async def _call(self, method: str, data: dict[str, str]) -> None:
        """Raises Busy or Refused, without the API's words: they may quote the message."""
        try:
            await self._bot.request(method, data)
        except exceptions.RetryAfter as error:
            raise Busy("RetryAfter", error.timeout) from None
        except NEVER as error:
            raise Refused(type(error).__name__) from None
        except Exception as error:  # aiogram itself fails on what is no answer of the API
            raise Busy(type(error).__name__) from None
