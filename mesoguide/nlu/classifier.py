"""Topic classifier with familiarity: which topic, and is the message anything like its examples?

A linear one-against-rest classifier (scikit-learn LinearSVC) on the sentence vector and on word
and character n-grams. Its confidence is softmax probability x squared cosine similarity to the
nearest training example of that topic x how much nearer that is than the nearest out-of-scope
example (a logistic of the difference). So a message unlike anything taught, or like something
taught as none of our topics, scores low however sure the classifier is. Of the forms tried (plain
probability, one-against-rest probability, nearest examples alone, mean of k, sums, powers, ratios)
this one kept most right answers at 80, 90 and 95 % rejection on data not trained on. Only plain
arrays and JSON are saved: no pickle.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from mesoguide.nlu.encoder import Vectors
from mesoguide.nlu.ngrams import OneByOne, letter_counts, word_counts
from mesoguide.nlu.text import CLAUSES, PARTS, VIEWS, plain

RANKED = 10
LOOKED_AT = 15  # topics whose examples are compared, the likeliest by the linear classifier
TOLERANCE = 0.1  # of the fit: 2 s less than 1e-4, and the same figures
WORD = re.compile(r"\w")
ALSO_ASKED = "also_asked"  # message key: names of other topics in it
LONG_ENOUGH = 5  # words: shorter sentences ("Ok so.") say nothing on their own in a long message
Scores = NDArray[np.float32]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking`; the confidence is the familiarity described above."""

    @classmethod
    def required_components(cls) -> list[type]:
        """None by class: it takes the dense sentence feature that is there."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """How sure is sure.

        `C`: see LinearSVC. `sharpness`: of the softmax. `sparse_weight`: n-grams to vector.
        `nearness`: power of the cosine. `outside`: the intent of out-of-scope examples.
        `steepness`: of the logistic against them. `correction`: share of the corrected text in the
        result, the rest is as typed: a wrong correction does less harm.
        `part_discount`, `clause_discount`: a sentence's, a clause's word against the whole's.
        `also`: confidence from which a part of the message is a second question.
        """
        return {
            "C": 1.0,
            "sharpness": 3.0,
            "nearness": 2,
            "outside": "out_of_scope",
            "steepness": 20.0,
            "sparse_weight": 0.7,
            "correction": 0.7,
            "part_discount": 0.4,
            "clause_discount": 0.2,
            "also": 0.12,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._names: list[str] = []
        self._weights: Scores = np.zeros((0, 0), np.float32)  # (features, topics)
        self._bias: Scores = np.zeros(0, np.float32)
        self._examples: Vectors = np.zeros((0, 0), np.float32)  # in the order of their topics
        self._starts: NDArray[np.int64] = np.zeros(0, np.int64)  # of each topic's examples
        self._words, self._letters = word_counts(), letter_counts()
        self._counts: list[OneByOne] = []  # of both, for messages

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """See GraphComponent.create."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on all examples that have an intent and a sentence vector."""
        messages = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts = [plain(one.get(TEXT)) for one in messages]
        vectors = np.vstack([sentence_vector(one) for one in messages])
        self._words, self._letters = word_counts(), letter_counts(min_df=2)
        self._words.fit(texts)
        self._letters.fit(texts)
        model = LinearSVC(C=self._config["C"], tol=TOLERANCE, random_state=0)
        model.fit(self._features(texts, vectors), [one.get(INTENT) for one in messages])
        self._names = [str(name) for name in model.classes_]
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = model.intercept_.astype(np.float32)
        topics = np.searchsorted(model.classes_, [one.get(INTENT) for one in messages])
        order = np.argsort(topics, kind="stable")
        self._examples = vectors[order]
        self._starts = np.searchsorted(topics[order], np.arange(len(self._names)))
        self._counts = [OneByOne(self._words), OneByOne(self._letters)]
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the topics of each message, by the whole of it and by its parts."""
        for message in messages:
            if not message.get(TEXT) or not self._names:
                continue
            views = message.get(VIEWS) or [(plain(message.get(TEXT)), sentence_vector(message)[0])]
            parts, inner = message.get(PARTS, []), message.get(CLAUSES, [])
            found = self._familiarity([*views, *parts, *inner])
            scores = self._config["correction"] * found[len(views) - 1]
            scores += (1 - self._config["correction"]) * found[0]
            if not WORD.search(message.get(TEXT)):
                scores[:] = 0  # emoji and the like: all the same to the encoder, nothing is known
            if parts or inner:
                of_parts = found[len(views) :]
                discounts = self._discounts([text for text, _ in parts], len(inner))
                scores = np.maximum(scores, (of_parts * discounts[:, None]).max(axis=0))
                also = self._also_asked(of_parts, int(scores.argmax()))
                message.set(ALSO_ASKED, also, add_to_output=True)
            ranking = [
                {"name": self._names[index], "confidence": float(scores[index])}
                for index in np.argsort(-scores)[:RANKED]
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _discounts(self, sentences: list[str], clauses: int) -> Scores:
        """What each sentence and each clause says against the whole: 0 to 1."""
        of_sentences = [
            self._config["part_discount"] * (len(one.split()) >= LONG_ENOUGH) for one in sentences
        ]
        return np.array([*of_sentences, *[self._config["clause_discount"]] * clauses], np.float32)

    def _also_asked(self, of_parts: Scores, first: int) -> list[str]:
        """Other topics that parts of the message are sure of, the surest first."""
        sure = of_parts.max(axis=1) >= self._config["also"]
        found = [(of_parts[part].max(), of_parts[part].argmax()) for part in np.flatnonzero(sure)]
        names = [self._names[topic] for _, topic in sorted(found, reverse=True) if topic != first]
        return list(dict.fromkeys(names))

    def _familiarity(self, texts_and_vectors: list[tuple[str, Vectors]]) -> Scores:
        """Shape (texts, topics): the confidence described at the top of this file."""
        vectors = np.vstack([vector for _, vector in texts_and_vectors])
        decision = self._decision([text for text, _ in texts_and_vectors], vectors)
        shifted = self._config["sharpness"] * (decision - decision.max(axis=1, keepdims=True))
        probability = np.exp(shifted)
        probability /= probability.sum(axis=1, keepdims=True)
        nearest = self._nearest(vectors, probability)
        familiar = probability * nearest ** self._config["nearness"]
        return np.asarray(familiar * self._inside(nearest), dtype=np.float32)

    def _decision(self, texts: list[str], vectors: Vectors) -> Scores:
        """The linear classifier's scores, shape (texts, topics); the same as of `_features`."""
        scores: Scores = vectors @ self._weights[: vectors.shape[1]] + self._bias
        start = vectors.shape[1]
        for counts in self._counts:
            for row, text in enumerate(texts):
                columns, values = counts.of(text)
                weights = self._weights[start + columns]
                scores[row] += self._config["sparse_weight"] * (values @ weights)
            start += len(counts)
        return scores

    def _nearest(self, vectors: Vectors, probability: Scores) -> Scores:
        """Cosine to each topic's nearest example; 0 for topics that are out of the question."""
        nearest = np.zeros_like(probability)
        likely = set(np.argsort(-probability.max(axis=0))[:LOOKED_AT])
        ends = [*self._starts[1:], len(self._examples)]
        for topic in likely | set(self._outside()):
            similarity = vectors @ self._examples[self._starts[topic] : ends[topic]].T
            nearest[:, topic] = similarity.max(axis=1)
        return np.maximum(nearest, 0)

    def _outside(self) -> list[int]:
        """The number of the out-of-scope intent, if that is taught."""
        name = self._config["outside"]
        return [self._names.index(name)] if name in self._names else []

    def _inside(self, nearest: Scores) -> Scores:
        """How much nearer each topic is than the out-of-scope examples: 0 to 1, and 1 for those."""
        if not self._outside():
            return np.ones_like(nearest)
        outside = self._outside()[0]
        difference = nearest - nearest[:, [outside]]
        share = 1 / (1 + np.exp(-self._config["steepness"] * difference))
        share[:, outside] = 1
        return np.asarray(share, dtype=np.float32)

    def _features(self, texts: list[str], vectors: Vectors) -> csr_matrix:
        weight = self._config["sparse_weight"]
        words, letters = self._words.transform(texts), self._letters.transform(texts)
        return hstack([csr_matrix(vectors), words * weight, letters * weight]).tocsr()

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / "topics.npz",
                weights=self._weights.astype(np.float16),
                bias=self._bias,
                examples=self._examples.astype(np.float16),
                starts=self._starts,
                word_idf=self._words.idf_,
                letter_idf=self._letters.idf_,
            )
            saved = {
                "names": self._names,
                "words": {key: int(value) for key, value in self._words.vocabulary_.items()},
                "letters": {key: int(value) for key, value in self._letters.vocabulary_.items()},
            }
            (folder / "topics.json").write_text(json.dumps(saved), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """See GraphComponent.load. Raises ValueError when the model holds no classifier."""
        self = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            saved = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
            with np.load(folder / "topics.npz", allow_pickle=False) as arrays:
                self._weights = arrays["weights"].astype(np.float32)
                self._bias = arrays["bias"]
                self._examples = arrays["examples"].astype(np.float32)
                self._starts = arrays["starts"]
                self._words = word_counts(vocabulary=saved["words"])
                self._words.idf_ = arrays["word_idf"]
                self._letters = letter_counts(vocabulary=saved["letters"])
                self._letters.idf_ = arrays["letter_idf"]
                self._counts = [OneByOne(self._words), OneByOne(self._letters)]
        self._names = saved["names"]
        return self


def sentence_vector(message: Message) -> Vectors:
    """The dense sentence feature of a message, shape (1, width)."""
    _, dense = message.get_dense_features(TEXT)
    if dense is None:
        raise ValueError("There must be a featurizer with sentence vectors before it.")
    return np.asarray(dense.features, dtype=np.float32)
