"""Other languages: noticed, named and answered in one line instead of being misread as English.

A message is foreign when several of its words are neither English nor taught and lingua,
restricted to the commonest languages in Latin letters, doubts that it is English; or when most
letters are of another script. It is foreign too when the classifier's examples of other languages
are the likeliest, and never when it is sure of something else ("ty ty").
Lingua's low accuracy mode is used: 17 MB where the other takes 250 MB and finds 3 % more.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from lingua import Language, LanguageDetector, LanguageDetectorBuilder
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from mesoguide.nlu.text import KNOWN

LATIN = (
    Language.ENGLISH,
    Language.TURKISH,
    Language.SPANISH,
    Language.GERMAN,
    Language.FRENCH,
    Language.ITALIAN,
    Language.PORTUGUESE,
    Language.POLISH,
    Language.DUTCH,
)
FEWEST_UNKNOWN = 2  # words: a name or a slip of the pen is not a language
ENGLISH = "en"
UNKNOWN = "other"  # a language without a line of its own
LIKELY = 0.3  # confidence of lingua


@lru_cache(maxsize=1)
def detector() -> LanguageDetector:
    """Lingua for the languages above, loaded once."""
    return LanguageDetectorBuilder.from_languages(*LATIN).with_low_accuracy_mode().build()


def foreign_language(
    text: str, known: float, *, mostly_known: float = 0.7, doubt: float = 0.3
) -> str | None:
    """The ISO 639-1 code of a foreign message, "other" when unsure which, None when English.

    Args:
        known: share of the words that are English or taught.
        mostly_known: from this share on it is English whatever lingua says.
        doubt: foreign only when lingua gives English a lower probability.
    """
    letters = [one for one in text if one.isalpha()]
    if not letters:
        return None
    latin = sum(unicodedata.name(one, "").startswith("LATIN") for one in letters)
    if latin * 2 < len(letters):
        return UNKNOWN
    unknown = round((1 - known) * len([word for word in text.split() if len(word) > 2]))
    if known >= mostly_known or unknown < FEWEST_UNKNOWN:
        return None
    found = _confidences(text)
    return None if found.pop(ENGLISH) >= doubt else max(found, key=found.__getitem__)


def likeliest_language(text: str) -> str:
    """The ISO 639-1 code of a message known not to be English, "other" when lingua is unsure."""
    found = _confidences(text)
    del found[ENGLISH]
    best = max(found, key=found.__getitem__)
    return best if found[best] >= LIKELY else UNKNOWN


def _confidences(text: str) -> dict[str, float]:
    found = detector().compute_language_confidence_values(text)
    return {one.language.iso_code_639_1.name.lower(): one.value for one in found}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LanguageGuard(GraphComponent):
    """Gives a foreign message the intent non_english and an entity with its language."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`intent` of foreign messages; `mostly_known` and `doubt`: see foreign_language.

        `sure`: the confidence from which the classifier's other intent stands.
        """
        return {"intent": "non_english", "mostly_known": 0.7, "doubt": 0.3, "sure": 0.5}

    def __init__(self, config: dict[str, Any]) -> None:
        self._intent, self._sure = config["intent"], config["sure"]
        self._limits = {name: config[name] for name in ("mostly_known", "doubt")}
        detector()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageGuard:
        """See GraphComponent.create."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """See the class."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            language = self._language(message)
            if language:
                message.set(INTENT, {"name": self._intent, "confidence": 1.0}, add_to_output=True)
                found = {"entity": "language", "value": language, "start": 0, "end": len(text)}
                found["extractor"] = type(self).__name__
                message.set(ENTITIES, [*message.get(ENTITIES, []), found], add_to_output=True)
        return messages

    def _language(self, message: Message) -> str | None:
        text, known = message.get(TEXT), message.get(KNOWN, 1.0)
        ranking = [one for one in message.get(INTENT_RANKING_KEY, []) if one["name"] != FALLBACK]
        first = ranking[0] if ranking else {"name": "", "confidence": 0.0}
        if first["name"] != self._intent and first["confidence"] >= self._sure:
            return None
        language = foreign_language(text, known, **self._limits)
        if language is None and first["name"] == self._intent:
            accepted = message.get(INTENT)["name"] == self._intent
            if accepted or known < self._limits["mostly_known"]:
                return likeliest_language(text)
        return language
