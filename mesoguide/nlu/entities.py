"""Entities with synonyms, matched by spaCy on the words of knowledge/words.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from mesoguide import paths
from mesoguide.core.files import Document
from mesoguide.nlu.text import CORRECTED, english, plain


class WordFinder:
    """Finds every form of every word of one words file."""

    def __init__(self, file: Path) -> None:
        """Read `file`. Raises ContentError when it cannot be read."""
        self._matcher = PhraseMatcher(english().vocab, attr="LOWER")
        for entity, values in Document(file).data.items():
            for value, forms in values.items():
                patterns = [english().make_doc(form.lower()) for form in forms]
                self._matcher.add(f"{entity}:{value}", patterns)

    def find(self, text: str) -> list[dict[str, Any]]:
        """Entities as Rasa has them: entity, value, start, end (of the text without extra spaces).

        Of overlapping matches of one entity the longest counts.
        """
        doc = english().make_doc(plain(text).lower())
        found = []
        spans = self._matcher(doc, as_spans=True)
        names = {span.label_.split(":")[0] for span in spans}
        for name in sorted(names):
            of_name = [span for span in spans if span.label_.split(":")[0] == name]
            for span in filter_spans(of_name):
                entity, value = span.label_.split(":", 1)
                place = {"start": span.start_char, "end": span.end_char}
                found.append({"entity": entity, "value": value, **place})
        return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WordEntities(GraphComponent, EntityExtractorMixin):
    """Adds the entities of knowledge/words.yml. Not trained: an edit counts at the next start."""

    def __init__(self) -> None:
        self._finder = WordFinder(paths.knowledge() / "words.yml")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WordEntities:
        """See GraphComponent.create."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message to those it has."""
        for message in messages:
            if message.get(TEXT):
                found = self._finder.find(message.get(TEXT))
                found += self._misspelt(message, found)
                found = self.add_extractor_name(found)
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _misspelt(self, message: Message, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What only the corrected text holds; its place is the whole message."""
        have = {(one["entity"], one["value"]) for one in found}
        place = {"start": 0, "end": len(message.get(TEXT))}
        return [
            {**one, **place}
            for one in self._finder.find(message.get(CORRECTED) or "")
            if (one["entity"], one["value"]) not in have
        ]
