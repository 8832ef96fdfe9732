"""The channels by which a message comes in, by the names under which Rasa knows them."""

from __future__ import annotations

# These carry a reply as text and, beside it, as data.
WITH_DATA = ("rest", "socketio")
# These get a reply as data only, and lay it out themselves (mesoguide/channels/layout.py).
MESSAGING = ("telegram", "sms", "whatsapp", "slack", "matrix")
TERMINAL = "cmdline"
ALL = frozenset((*WITH_DATA, *MESSAGING, TERMINAL))
OTHER = "other"


def known(channel: str | None) -> str:
    """The channel's name for counts and logs: over REST the client may write any name."""
    return channel if channel in ALL else OTHER
