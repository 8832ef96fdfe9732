"""Safety gate, first version: someone in danger is answered first, whatever else was typed.

Two opinions, and either is enough: phrases of knowledge/safety.yml found in a sentence that
reports, and the classifier's own safety intents. Not trained: an edit counts at the next start.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.tokens import Span

from mesoguide import paths
from mesoguide.core.files import Document
from mesoguide.nlu.classifier import ALSO_ASKED
from mesoguide.nlu.text import CORRECTED, english, plain

# The most urgent first: it is the one that is answered.
BY_URGENCY = ("emergency", "crisis_self_harm", "crisis_other_person", "urgent_symptom")
NEGATION_REACH = 3  # words
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Alarm:
    """A sign that was found: the safety intent and the sign's name (never the text)."""

    intent: str
    sign: str


class SafetyGate:
    """Finds reported signs of danger in a message."""

    def __init__(self, file: Path) -> None:
        """Read the list of signs. Raises ContentError when it cannot be read."""
        data = Document(file).data
        self._intents = {sign["name"]: sign["intent"] for sign in data["signs"]}
        self._signs = self._matcher({sign["name"]: sign["words"] for sign in data["signs"]})
        contexts = ("asking", "now", "negated", "harmless")
        self._context = self._matcher({name: data[name] for name in contexts})

    @staticmethod
    def _matcher(phrases: dict[str, list[str]]) -> PhraseMatcher:
        matcher = PhraseMatcher(english().vocab, attr="LOWER")
        for name, words in phrases.items():
            matcher.add(name, [english().make_doc(word.lower()) for word in words])
        return matcher

    def alarms(self, text: str) -> list[Alarm]:
        """Every reported sign of a message, the most urgent first."""
        found = [
            Alarm(self._intents[span.label_], span.label_)
            for sentence in english()(plain(text).lower()).sents
            for span in self._signs(sentence.as_doc(), as_spans=True)
            if self._reported(span)
        ]
        return sorted(dict.fromkeys(found), key=lambda alarm: BY_URGENCY.index(alarm.intent))

    def _reported(self, sign: Span) -> bool:
        context = self._context(sign.doc, as_spans=True)
        around: dict[str, list[Span]] = {}
        for span in context:
            around.setdefault(span.label_, []).append(span)
        inside = any(
            span.start < sign.end and sign.start < span.end for span in around.get("harmless", [])
        )
        negated = any(
            0 <= sign.start - span.end < NEGATION_REACH for span in around.get("negated", [])
        )
        outside = [
            span
            for span in around.get("asking", [])
            if span.start < sign.start or (span.start >= sign.end)
        ]
        asks = bool(outside) and not around.get("now")
        return not (inside or negated or asks)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyGateComponent(GraphComponent):
    """Puts a safety intent in place of the message's intent when either opinion alarms."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """When the classifier alone alarms.

        `first_choice`, `anywhere`: confidence in danger from which it does. In a message that was
        not understood, danger in a part of it is enough.
        """
        return {"first_choice": 0.03, "anywhere": 0.3}

    def __init__(self, config: dict[str, Any]) -> None:
        self._first_choice = config["first_choice"]
        self._anywhere = config["anywhere"]
        self._gate = SafetyGate(paths.knowledge() / "safety.yml")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyGateComponent:
        """See GraphComponent.create."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of messages that report danger."""
        for message in messages:
            if not message.get(TEXT):
                continue
            # a correction is looked at only where the words as typed say nothing
            texts = filter(None, (message.get(TEXT), message.get(CORRECTED)))
            alarms = next(filter(None, map(self._gate.alarms, texts)), [])
            second = self._second_opinion(message)
            intent = alarms[0].intent if alarms else second
            if intent == "crisis_self_harm" and second == "crisis_other_person":
                intent = second  # the words of danger are the same, the person is not
            if intent:
                message.set(INTENT, {"name": intent, "confidence": 1.0}, add_to_output=True)
        return messages

    def _second_opinion(self, message: Message) -> str | None:
        if any(one["entity"] == "language" for one in message.get(ENTITIES, [])):
            return None  # the classifier knows English only; the reply names 112 and 911
        ranking = [one for one in message.get("intent_ranking", []) if one["name"] != FALLBACK]
        for position, one in enumerate(ranking):
            enough = self._first_choice if position == 0 else self._anywhere
            if one["name"] in BY_URGENCY and one["confidence"] >= enough:
                return str(one["name"])
        if message.get(INTENT, {}).get("name") != FALLBACK:
            return None
        in_parts = [name for name in message.get(ALSO_ASKED, []) if name in BY_URGENCY]
        return min(in_parts, key=BY_URGENCY.index, default=None)
