"""What is kept of a text: what tells who somebody is stands as a word in its place.

It errs to the side of taking out: what is stored is read by nobody but operators, and what is
understood and answered is the text as it was typed.
"""

from __future__ import annotations

from typing import Any

from mesoguide.privacy.dates import without_dates
from mesoguide.privacy.names import without_names
from mesoguide.privacy.numbers import without_numbers
from mesoguide.privacy.online import without_addresses_online
from mesoguide.privacy.places import without_addresses

# What stands in the place of each kind, for docs/privacy.md as well.
KINDS = {
    "<name>": "names of people, with and without a title",
    "<email>": "e-mail addresses, also those that are spelled out",
    "<phone>": "telephone numbers of any country, and extensions",
    "<record>": "record, hospital, NHS, insurance, social security, passport, account and card "
    "numbers",
    "<date>": "dates with a day, and years of birth",
    "<address>": "streets with a number, postcodes, post boxes",
    "<link>": "links, names of accounts, IP addresses",
}


LONGEST = 10_000  # characters; of a longer text no more is kept


def redacted(text: str) -> str:
    """The text without what tells who somebody is. What was taken out already stays out."""
    text = text[:LONGEST]
    text = without_addresses_online(text)
    text = without_dates(text)
    text = without_addresses(text)
    text = without_numbers(text)
    return without_names(text)


def redacted_within(value: Any, keep: frozenset[str] = frozenset()) -> Any:
    """The same for every text in lists and dicts, but for the values under the keys in `keep`."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {
            key: one if key in keep else redacted_within(one, keep) for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [redacted_within(one, keep) for one in value]
    return value
