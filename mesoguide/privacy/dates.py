"""Dates with a day: of birth, and all others, since the day of a scan is somebody's as well.

A year alone stays, unless somebody was born in it.
"""

from __future__ import annotations

import re

_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|enero|ocak|feb(?:ruary|ruar|rero)?|f[ée]vrier|[şs]ubat|"
    r"mar(?:ch|s|zo|t)?|m[äa]rz|apr(?:il)?|avril|abril|nisan|may(?:o|[ıi]s)?|mai|"
    r"june?|juni|juin|junio|haziran|july?|juli|juillet|julio|temmuz|"
    r"aug(?:ust)?|ao[uû]t|agosto|a[ğg]ustos|sept?(?:ember|embre|iembre)?|eyl[üu]l|"
    r"oct(?:ober|obre)?|okt(?:ober)?|octubre|ekim|nov(?:ember|embre|iembre)?|kas[ıi]m|"
    r"dec(?:ember)?|dez(?:ember)?|d[ée]cembre|diciembre|aral[ıi]k)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?\.?"
_YEAR = r"(?:\d{4}|['’]?\d{2})"
_OF = r"(?:,? (?:of |de |the )?|-)"
DATE = re.compile(
    rf"\b{_DAY}{_OF}{_MONTH}(?:,? (?:de )?|-){_YEAR}\b"
    rf"|\b{_MONTH} (?:the )?{_DAY},? {_YEAR}\b"
    r"|(?<![\d./-])\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)(?:\d{4}|\d{2})(?![\d/-]|\.\d)"
    r"|(?<![\d./-])(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}(?![\d/-]|\.\d)",
    re.IGNORECASE,
)
BIRTH = re.compile(
    r"(?P<before>\b(?:d\.?o\.?b\b\.?|date of birth|year of birth|birth ?da(?:te|y)|born|geb\.|"
    r"geboren|nacid[oa]|n[ée]e? le|do[ğg]um)[^\d<]{0,20}?)"
    rf"(?:\b{_MONTH} {_DAY}|\b{_DAY} (?:of )?{_MONTH}|\b\d{{8}}\b|\b\d{{6}}\b|\b(?:19|20)\d\d\b)",
    re.IGNORECASE,
)


def without_dates(text: str) -> str:
    """The text with <date> instead."""
    if not any(character.isdecimal() for character in text):
        return text
    return BIRTH.sub(r"\g<before><date>", DATE.sub("<date>", text))
