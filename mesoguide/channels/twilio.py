"""WhatsApp and SMS by Twilio.

What Rasa's own channel lacks: the signature is checked, a message without words is answered, the
client does not hold up everybody else, and no payload is ever shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from mesoguide.channels.inbox import CLOSING, Arrived, Inbox
from mesoguide.channels.layout import SMS, WHATSAPP_BY_TWILIO, Message
from mesoguide.channels.outbox import Busy, Refused, asked_pause
from mesoguide.channels.switches import PUBLIC_URL, TWILIO

logger = logging.getLogger(__name__)
API = "https://api.twilio.com"
TIMEOUT = 10.0  # seconds for one message
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
WHATSAPP_ADDRESS = "whatsapp:"
Fields = dict[str, list[str]]


class Twilio(InputChannel):
    """One webhook for both; off unless the variables of `switches.TWILIO` are set."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel, and of its webhook."""
        return "twilio"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Twilio:
        """Its settings are environment variables."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The webhook; nothing when the channel is off. Raises BadSetting."""
        routes = Blueprint("twilio_webhook", __name__)
        settings = TWILIO.read()
        if settings is None:
            return routes
        account, secret = settings[TWILIO.own[0]], settings[TWILIO.own[1]]
        door = _Door(account, secret, settings[PUBLIC_URL])
        sender = _Sender(account, secret, settings.get(TWILIO.may[0], API))
        by_sms = Inbox(SMS, secret, sender.send, on_new_message)
        by_whatsapp = Inbox(WHATSAPP_BY_TWILIO, secret, sender.send, on_new_message)

        @routes.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            fields = door.opened_for(request)
            if fields is None:
                logger.warning("twilio: a request with a wrong signature was refused")
                return response.text("Forbidden", status=403)
            arrived = _message(fields)
            if arrived is not None:
                whatsapp = arrived.person.startswith(WHATSAPP_ADDRESS)
                await (by_whatsapp if whatsapp else by_sms).take(arrived)
            return response.raw(NOTHING.encode(), content_type="text/xml")

        async def stop(*_: Any) -> None:
            await asyncio.gather(by_sms.outbox.close(CLOSING), by_whatsapp.outbox.close(CLOSING))
            await sender.close()

        routes.listener("before_server_stop")(stop)
        return routes


class _Door:
    """Lets in what Twilio has signed."""

    def __init__(self, account: str, secret: str, public_url: str) -> None:
        self._account = account
        self._validator = RequestValidator(secret)
        self._public_url = public_url.rstrip("/")

    def opened_for(self, request: Request) -> Fields | None:
        """The fields of a request of our account; None when somebody else made it."""
        url = self._public_url + request.path
        if request.query_string:
            url += f"?{request.query_string}"
        try:  # Sanic's own form leaves out empty fields, which are signed too
            fields = parse_qs(request.body.decode(), keep_blank_values=True)
        except (UnicodeDecodeError, ValueError):
            return None
        signature = request.headers.get("X-Twilio-Signature", "")
        if not self._validator.validate(url, _Signed(fields), signature):
            return None
        return fields if _first(fields, "AccountSid") == self._account else None


class _Signed(dict[str, list[str]]):
    """Fields as the validator reads them: a name may come more than once."""

    def getlist(self, name: str) -> list[str]:
        """All values of a field."""
        return self[name]


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _message(fields: Fields) -> Arrived | None:
    """The message of a person; None for news of another kind."""
    theirs, ours, id_ = (_first(fields, name) for name in ("From", "To", "MessageSid"))
    if not (theirs and ours and id_):
        return None
    if _first(fields, "OptOutType"):  # STOP, START or HELP: Twilio has answered it
        return None
    if ":" in theirs and not theirs.startswith(WHATSAPP_ADDRESS):  # such as messenger:
        logger.warning("twilio: a message came by a channel that is not supported")
        return None
    if _first(fields, "MessageStatus") not in ("", "received"):  # how a message of ours fares
        return None
    return Arrived(f"{theirs} {ours}", id_, _first(fields, "Body") or None)


class _Sender:
    """Sends with Twilio's own client."""

    def __init__(self, account: str, secret: str, api: str) -> None:
        self._account = account
        self._secret = secret
        self._api = api.rstrip("/")
        self._client: _Client | None = None

    async def send(self, person: str, message: Message) -> None:
        """Send one message. Raises Busy or Refused."""
        theirs, ours = person.split(" ", 1)
        if self._client is None:  # made here, since it belongs to the running loop
            self._client = _Client(self._account, self._secret, self._api)
        sending = self._client.messages.create_async(to=theirs, from_=ours, body=message.text)
        try:
            await asyncio.wait_for(sending, TIMEOUT)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Busy(type(error).__name__) from None
        except TwilioRestException as error:  # its text may name the person
            raise Refused(f"status {error.status}, code {error.code}") from None

    async def close(self) -> None:
        """End the connections."""
        if self._client is not None:
            await self._client.http_client.close()


class _Client(Client):
    def __init__(self, account: str, secret: str, api: str) -> None:
        super().__init__(account, secret, http_client=_Http())
        self._instead = api

    def get_hostname(self, uri: str) -> str:
        """The address of a call; another server's when the settings name one."""
        if self._instead == API:
            return str(super().get_hostname(uri))
        return uri.replace(API, self._instead, 1)


class _Http(AsyncTwilioHttpClient):
    """Twilio's own, which says nothing of Retry-After."""

    async def request(self, *arguments: Any, **options: Any) -> Any:
        """Raises Busy when the same call may work later."""
        answer = await super().request(*arguments, **options)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise Busy(f"status {answer.status_code}", asked_pause(answer.headers))
        return answer
