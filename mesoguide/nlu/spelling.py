"""Spelling: what was probably meant, for understanding only. It is never shown to anybody.

A word that is neither English nor in the training examples is replaced by the likeliest word of
the examples: near in letters (SymSpell), often used, and used beside the same neighbours. Joined
words are taken apart. A noisy channel in the sense of Kernighan, Church and Gale (1990).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import log
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from symspellpy import SymSpell, Verbosity
from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from mesoguide import paths
from mesoguide.core.files import Document
from mesoguide.english import dictionary
from mesoguide.nlu.text import CORRECTED, KNOWN, plain

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
COMMON = 1_000_000  # uses in SymSpell's list, which has many slips of the pen further down
COMMON_SHORT = 20_000_000  # the same, for words of up to three letters
OFTEN = 3  # uses in the examples that make a word one, whatever the dictionary says
FAR = 2  # letters
SLIPS = 0.2  # of the letters of a text; with more of them changed it was no slip of the pen
FEWEST_SLIPS = 2  # letters that may be wrong however short the text is
START, END = "^", "$"  # the neighbours of the first and the last word


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without numbers and punctuation."""
    return [match.group() for match in WORD.finditer(plain(text).lower())]


class Spelling:
    """Corrects words towards the vocabulary it was given."""

    def __init__(
        self, uses: dict[str, int], pairs: dict[str, int], extra: Iterable[str] = ()
    ) -> None:
        """`uses` of each word, of each pair ("stage four"), and words that are right anyhow."""
        self.uses, self.pairs = uses, pairs
        english = {
            word
            for word, count in dictionary().items()
            if count > (COMMON if len(word) > 3 else COMMON_SHORT)
        }
        taught = {word for word in uses if self._is_word(word)}
        self._known = english | taught | set(extra)
        self._near = SymSpell(FAR)
        for word in taught:
            if len(word) > 1:
                self._near.create_dictionary_entry(word, uses[word])

    @classmethod
    def learn(cls, texts: Iterable[str], extra: Iterable[str] = ()) -> Spelling:
        """The vocabulary of `texts`."""
        uses: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in texts:
            words = words_of(text)
            uses.update(words)
            beside = zip([START, *words], [*words, END], strict=True)
            pairs.update(f"{one} {other}" for one, other in beside)
        often = {pair: count for pair, count in pairs.items() if count > 1}
        return cls(dict(uses), often, extra)

    def correct(self, text: str) -> str:
        """`text` with the unknown words replaced by likely ones; all else as it was."""
        text = plain(text)
        matches = list(WORD.finditer(text))
        words = [match.group().lower() for match in matches]
        result, before, last = [], START, 0
        for index, match in enumerate(matches):
            after = words[index + 1] if index + 1 < len(words) else END
            meant = self._meant(words[index], before, after)
            result += [text[last : match.start()], match.group() if meant is None else meant]
            before = (meant or words[index]).split()[-1]
            last = match.end()
        return "".join(result) + text[last:]

    def known_share(self, text: str) -> float:
        """The share of a text's words (of three letters or more) that are English or taught."""
        words = [word for word in words_of(text) if len(word) > 2]
        return sum(word in self._known for word in words) / len(words) if words else 1.0

    def is_mistyped(self, text: str, corrected: str) -> bool:
        """Whether a few letters are all that keeps `text` from being English or taught."""
        letters = sum(one.isalpha() for one in text)
        most = max(FEWEST_SLIPS, round(SLIPS * letters))
        typed = plain(text).lower()
        near = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare(typed, corrected.lower(), most)
        return near >= 0 and self.known_share(corrected) == 1

    def _is_word(self, word: str) -> bool:
        return word in dictionary() or self.uses[word] >= OFTEN

    def _meant(self, word: str, before: str, after: str) -> str | None:
        if word in self._known or len(word) < 3:
            return None
        best, likely = None, -15.0
        for candidate, distance in self._candidates(word):
            parts = candidate.split()
            beside = zip([before, *parts[:-1]], parts, [*parts[1:], after], strict=True)
            score = sum(self._likely(*three) for three in beside) / len(parts) - 6 * distance
            score -= 2 * (candidate[0] != word[0])  # the first letter is seldom wrong
            if score > likely:
                best, likely = candidate, score
        return best

    def _candidates(self, word: str) -> Iterator[tuple[str, int]]:
        yield from self._neighbours(word, 1 if len(word) <= 4 else FAR)
        for cut in range(1, len(word)):
            one, other = word[:cut], word[cut:]
            if self._stands_alone(one) and self._stands_alone(other):
                yield f"{one} {other}", 1
            elif len(word) > 9 and len(other) > 3 and self._stands_alone(one):
                yield from ((f"{one} {near}", 1 + far) for near, far in self._neighbours(other, 1))
            elif len(word) > 9 and len(one) > 3 and self._stands_alone(other):
                yield from ((f"{near} {other}", 1 + far) for near, far in self._neighbours(one, 1))

    def _neighbours(self, word: str, far: int) -> Iterator[tuple[str, int]]:
        for found in self._near.lookup(word, Verbosity.ALL, max_edit_distance=far):
            yield found.term, found.distance

    def _stands_alone(self, word: str) -> bool:
        return self.uses.get(word, 0) > 1 and (len(word) > 1 or word in "ai")

    def _likely(self, before: str, word: str, after: str) -> float:
        pairs = self.pairs.get(f"{before} {word}", 0) + self.pairs.get(f"{word} {after}", 0)
        return log(self.uses.get(word, 0) + 0.5) + 2 * log(1 + pairs)


def _names() -> list[str]:
    """The words of knowledge/words.yml: names and misspellings that are understood as they are."""
    forms = Document(paths.knowledge() / "words.yml").data
    return [
        word
        for values in forms.values()
        for one in values.values()
        for form in one
        for word in words_of(form)
    ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(GraphComponent):
    """Adds to a message its `corrected` text, when that differs, and the share of known words.

    In a message that is merely mistyped all words are known.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`foreign`: the intent whose examples are in other languages and teach no words."""
        return {"foreign": "non_english"}

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._spelling = Spelling({}, {})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingCorrector:
        """See GraphComponent.create."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the examples."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts = [one.get(TEXT) for one in examples if one.get(INTENT) != self._config["foreign"]]
        self._spelling = Spelling.learn(texts, _names())
        with self._storage.write_to(self._resource) as folder:
            saved = {"uses": self._spelling.uses, "pairs": self._spelling.pairs}
            (folder / "spelling.json").write_text(json.dumps(saved), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Examples are learnt as they were written."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """See the class."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                corrected = self._spelling.correct(text)
                mistyped = self._spelling.is_mistyped(text, corrected)
                message.set(KNOWN, 1.0 if mistyped else self._spelling.known_share(text))
                if corrected != plain(text):
                    message.set(CORRECTED, corrected)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingCorrector:
        """See GraphComponent.load."""
        self = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            saved = json.loads((folder / "spelling.json").read_text(encoding="utf-8"))
        self._spelling = Spelling(saved["uses"], saved["pairs"], _names())
        return self
