"""Lists of first and last names: those of the package Faker, of which nothing else is used."""

from __future__ import annotations

import importlib
from typing import Literal

COUNTRIES = (
    "en_US", "en_GB", "en_IE", "en_IN", "es_ES", "es_MX", "de_DE", "de_AT", "fr_FR", "tr_TR",
    "it_IT", "pl_PL", "nl_NL", "pt_PT", "sv_SE",
)  # fmt: skip
SHORTEST = 2  # letters


def names_of(kind: Literal["first", "last"]) -> frozenset[str]:
    """All names of one kind, in small letters and single words."""
    found: set[str] = set()
    for country in COUNTRIES:
        provider = importlib.import_module(f"faker.providers.person.{country}").Provider
        for attribute in dir(provider):
            value = getattr(provider, attribute)
            if attribute.startswith(f"{kind}_name") and not callable(value):
                found.update(value)
    words = {word.lower() for name in found for word in name.split()}
    return frozenset(
        word for word in words if len(word) >= SHORTEST and word.replace("'", "").isalpha()
    )
