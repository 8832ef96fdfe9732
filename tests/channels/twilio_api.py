"""Twilio's REST API for messages, as far as the assistant uses it, and its signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.channels.vendor import Answer, Call, Vendor, post, until

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "twilio-auth-token"
OURS = "+15005550006"
LONGEST = 1600
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def error(status: int, code: int, message: str, **headers: str) -> Answer:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more_info, "status": status}
    return Answer.of(body, status, **headers)


TOO_MANY = 20429
STOPPED = error(400, 21610, "Attempt to send to unsubscribed recipient")


def too_many(seconds: int | None = None) -> Answer:
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    return error(429, TOO_MANY, "Too Many Requests", **headers)


@dataclass
class TwilioApi(Vendor):
    """Takes messages like Twilio, and keeps them by whom they are for."""

    sent: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, call: Call) -> Answer:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {login}":
            return error(401, 20003, "Authenticate")
        if (call.method, call.path) != ("POST", PATH):
            return error(404, 20404, "The requested resource was not found")
        to, from_, body = (str(call.fields.get(name, "")) for name in ("To", "From", "Body"))
        if not body:
            return error(400, 21602, "Message body is required.")
        if len(body) > LONGEST:
            return error(400, 21617, "The concatenated message body exceeds the 1600 limit.")
        if ("whatsapp:" in to) != ("whatsapp:" in from_):
            return error(400, 21910, "Invalid From and To pair.")
        self.sent.setdefault(to, []).append(body)
        made = {
            "sid": f"SM{secrets.token_hex(16)}",
            "account_sid": ACCOUNT,
            "to": to,
            "from": from_,
            "body": body,
            "status": "queued",
            "direction": "outbound-api",
            "num_segments": "1",
            "num_media": "0",
            "error_code": None,
            "error_message": None,
            "api_version": "2010-04-01",
        }
        return Answer.of(made, 201)


@dataclass
class Phone:
    """One person's telephone. `server` is the address of the assistant, `public` what it says."""

    api: TwilioApi
    server: str
    public: str
    prefix: str = ""  # "whatsapp:"
    number: str = field(default_factory=lambda: f"+1{2_000_000_000 + secrets.randbelow(10**9)}")

    @property
    def address(self) -> str:
        return self.prefix + self.number

    @property
    def heard(self) -> list[str]:
        return self.api.sent.get(self.address, [])

    def deliver(self, text: str, id_: str = "", token: str = TOKEN, **more: str) -> int:
        """What Twilio posts for a message, signed as it signs; the status that it gets."""
        fields = {
            "MessageSid": id_ or f"SM{secrets.token_hex(16)}",
            "AccountSid": ACCOUNT,
            "From": self.address,
            "To": self.prefix + OURS,
            "Body": text,
            "NumMedia": "0",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **more,
        }
        path = "/webhooks/twilio/webhook"
        signature = sign(f"{self.public}{path}", fields, token)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        return post(self.server + path, urlencode(fields).encode(), headers)[0]

    def say(self, text: str, parts: int = 1) -> str:
        """Send a message; all that comes back, once `parts` messages have come."""
        before = len(self.heard)
        assert self.deliver(text) == 200
        until(lambda: len(self.heard) >= before + parts)
        return "\n\n".join(self.heard[before:])


def sign(url: str, fields: dict[str, str], token: str) -> str:
    """The signature over the address and all fields by name."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
