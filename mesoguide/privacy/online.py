"""E-mail addresses, links and names of accounts."""

from __future__ import annotations

import re

END = r"[^\s<>.,;:!?)\]}'\"]"  # a link does not end with the sentence's own marks
LINK = re.compile(
    rf"\b(?:https?://|www\.)[^\s<>]*{END}"
    rf"|\b(?:[a-z0-9-]{{1,63}}\.){{1,9}}[a-z]{{2,24}}/[^\s<>]*{END}"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b",
    re.IGNORECASE,
)
EMAIL = re.compile(
    r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}"
    r"|[\w.+-]{1,64} ?(?:\(at\)|\[at\]) ?[\w-]+(?: ?(?:\.|\(dot\)|\[dot\]) ?[a-z]{2,})+"
    r"|[\w.+-]{1,64} at [\w-]+(?: dot [a-z]{2,})+",
    re.IGNORECASE,
)
ACCOUNT = re.compile(r"(?<![\w.])@\w[\w.]+\w")


def without_addresses_online(text: str) -> str:
    """The text with <link> and <email> instead."""
    if "@" not in text and "." not in text and " at " not in text and "://" not in text:
        return text
    text = EMAIL.sub("<email>", text)
    return ACCOUNT.sub("<link>", LINK.sub("<link>", text))
