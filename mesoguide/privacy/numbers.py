"""Telephone numbers, and the numbers of records, insurances and cards.

What has seven digits or more and is no year, trial or help line is somebody's number, whatever the
country; so no plan of numbers is needed, and one that is mistyped goes as well.
"""

from __future__ import annotations

import re

HELP_LINES = frozenset(
    ["911", "999", "112", "988", "116", "123", "111", "101", "000", "110", "155", "741741"]
)
FEWEST_AFTER_A_NAME = 4  # digits of "MRN: 1234"
FEWEST = 5  # of "patient 12345"

_LABEL = (
    r"nhs|mrn|medical record|hospital|patient|record|chart|case|accession|unit|insurance|insurer|"
    r"policy|member(?:ship)?|subscriber|account|acct|ssn|social security|social|medicare|medicaid|"
    r"national insurance|ni|nino|passport|driving licence|driver'?s license|kimlik|tckn|t\.?c\.?|"
    r"chi|iban|card|claim|reference|ref|identity|dni|nie|sgk|id"
)
_NUMBER = r"numbers?|no\.?|nr\.?|num|id|code|#|is|was|:|="
# The digits of a number, in groups; letters may stand among them.
_VALUE = r"[a-z]{0,4}-?\d[\da-z]*(?:[ -][\da-z]*\d[\da-z]*)*(?:-[a-z]\b)?"
LABELLED = re.compile(
    rf"\b(?P<label>(?:{_LABEL})(?P<name>(?:[\s,-]*(?:{_NUMBER}))*)[\s:#=-]*)(?P<value>{_VALUE})"
    r"(?![\w/])",
    re.IGNORECASE,
)
KNOWN = re.compile(
    r"\b\d{3}-\d{2}-\d{4}\b"  # US social security
    r"|\b[a-z]{2} ?\d\d ?\d\d ?\d\d ?[a-d]\b"  # UK national insurance
    r"|\b\d[a-z][a-z0-9]\d-?[a-z][a-z0-9]\d-?[a-z]{2}\d{2}\b"  # US Medicare
    r"|\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}(?: ?[a-z0-9]{1,4})?\b(?<=[\d])"  # IBAN
    r"|\bmrn\d{3,}\b"
    r"|\b(?!nct\d{8}\b|isrctn\d{8}\b)(?=(?:[a-z-]{0,12}\d){6})(?=\w*[a-z])[a-z0-9]{7,}\b",
    re.IGNORECASE,
)
MANY = re.compile(r"(?<![\w.,])(?:\+|\(\+?)?\d(?:[ .()-]{0,3}\d){6,}(?![\w])")
EXTENSION = re.compile(r"\b(ext(?:ension|n)?\.?|bleep|pager) ?(?:no\.? ?)?\d{3,6}\b", re.IGNORECASE)
FIGURES = re.compile(r"\d{1,3}\.\d{1,2}(?:[ -]{1,3}\d{1,3}\.\d{1,2})+")  # "37.9 38.4 38.1"
YEARS = re.compile(r"(?:(?:19|20)\d\d[ .-]{1,3})+(?:19|20)\d\d")


def without_numbers(text: str) -> str:
    """The text with <record> and <phone> instead."""
    if not any(character.isdecimal() for character in text):
        return text
    text = LABELLED.sub(_labelled, text)
    text = KNOWN.sub("<record>", text)
    text = MANY.sub(_many, text)
    return EXTENSION.sub(r"\1 <phone>", text)


def _digits(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def _labelled(found: re.Match[str]) -> str:
    fewest = FEWEST_AFTER_A_NAME if found["name"] or ":" in found["label"] else FEWEST
    value = found["value"]
    if _digits(value) < fewest or YEARS.fullmatch(value) or _is_help_line(value):
        return found[0]
    if re.fullmatch(r"(?:19|20)\d\d", value):
        return found[0]
    return f"{found['label']}<record>"


def _many(found: re.Match[str]) -> str:
    number = found[0]
    if YEARS.fullmatch(number) or FIGURES.fullmatch(number) or _is_help_line(number):
        return number
    digits = re.sub(r"\D", "", number)
    grouped = len(re.split(r"\D+", number.strip("+() "))) > 1
    is_phone = number.startswith(("+", "(", "0", "1-")) or len(digits) <= 8 or len(digits) == 10
    return "<phone>" if is_phone or (grouped and len(digits) < 13) else "<record>"


def _is_help_line(number: str) -> bool:
    return all(part in HELP_LINES for part in re.findall(r"\d+", number))
