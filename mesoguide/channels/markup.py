"""How a channel writes bold words, links and numbers to call; plain where it shows none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from mesoguide.channels.phones import with_numbers


def _as_it_is(text: str) -> str:
    return text


def _number_as_it_is(_digits: str, number: str) -> str:
    return number


def _spelled_out(url: str, words: str) -> str:
    return f"{words}: {url}"


@dataclass(frozen=True)
class Markup:
    """What a channel shows beside plain words. The default is a channel that shows nothing else.

    Attributes:
        safe: writes text so that the channel shows it as it is.
        bold: makes safe text bold.
        link: (address, words) -> a link; the words are not yet safe.
        phone: (digits to dial, as written) -> a number to tap, where the channel does not find
            numbers by itself.
    """

    safe: Callable[[str], str] = _as_it_is
    bold: Callable[[str], str] = _as_it_is
    link: Callable[[str, str], str] = _spelled_out
    phone: Callable[[str, str], str] = _number_as_it_is

    def words(self, text: str) -> str:
        """A line of text, its numbers to call tappable."""
        return with_numbers(text, self.phone, self.safe)


def _slack_safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _html(text: str) -> str:
    return escape(text, quote=False)


PLAIN = Markup()
WHATSAPP = Markup(bold=lambda text: f"*{text}*")
HTML = Markup(  # of Telegram and Matrix
    safe=_html,
    bold=lambda text: f"<b>{text}</b>",
    link=lambda url, words: f'<a href="{escape(url)}">{_html(words)}</a>',
)
SLACK = Markup(
    safe=_slack_safe,
    bold=lambda text: f"*{text}*",
    link=lambda url, words: f"<{_slack_safe(url)}|{_slack_safe(words)}>",
    phone=lambda digits, number: f"<tel:{digits}|{number}>",
)
