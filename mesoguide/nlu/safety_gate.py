"""The safety gate in the pipeline: someone in danger is answered first, whatever else was typed.

Two opinions, and either is enough: the protocol's signs (mesoguide.safety.gate) and a classifier
for danger (mesoguide.safety.second_opinion), which weighs what the gate found harmless, and why.
What the topic classifier takes for danger alarms only with it: it does not know asking from
reporting. An edit of knowledge/safety.yml counts at the next
start; the classifier is trained on data/nlu.yml and data/danger.tsv.
"""

from __future__ import annotations

import hashlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tqdm import tqdm

from mesoguide import content, paths
from mesoguide.core.check import CALM, DANGER
from mesoguide.core.files import Document
from mesoguide.core.protocol import LEVELS, OTHERS_CRISIS, OWN_CRISIS
from mesoguide.nlu.classifier import ALSO_ASKED
from mesoguide.nlu.text import CORRECTED, PARTS, plain
from mesoguide.safety.gate import Findings
from mesoguide.safety.second_opinion import Opinion, SecondOpinion

SAFETY = "safety"  # message key: what alarmed, what nearly did, what is worth a line
FALLBACK = "nlu_fallback"
BY_CLASSIFIER = "said otherwise"  # in place of a sign's name
FOREIGN = Opinion(-9.0, OWN_CRISIS)  # it knows English only; the reply names 112 and 911


def fallback_threshold() -> float:
    """The confidence from which config.yml lets a topic be answered; 0 when it names none."""
    pipeline = Document(paths.ROOT / "config.yml").data["pipeline"]
    thresholds = [one.get("threshold") for one in pipeline if one["name"] == "FallbackClassifier"]
    return float(next(filter(None, thresholds), 0.0))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SafetyGateComponent(GraphComponent):
    """Puts a safety intent in place of the message's intent when either opinion alarms."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Scores of the second opinion: see SecondOpinion.

        `alarm`: from here on it alarms. `with_hint`: enough where the protocol found a hint.
        `with_topic`: enough where the topic classifier thinks of danger too.
        `in_part`, `in_part_with_topic`: the same in one sentence of several.
        `calm_by`: by so much must the topic classifier be surer of a topic than of any danger to
        ask for more; `more`: how much more. `watch`: from here on the answer gets a line.
        """
        return {
            "alarm": 0.15,
            "with_hint": 0.05,
            "with_topic": -0.15,
            "in_part": 1.0,
            "in_part_with_topic": 0.5,
            "calm_by": 0.1,
            "more": 0.6,
            "watch": -0.2,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._gate = content.gate()
        self._threshold = fallback_threshold()
        self._second: SecondOpinion | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyGateComponent:
        """See GraphComponent.create."""
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The examples of danger, so that a change of theirs is trained."""
        return hashlib.sha256((paths.ROOT / DANGER).read_bytes()).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the second opinion on all examples."""
        taught = [one for one in training_data.intent_examples if one.get(TEXT)]
        kinds = [one.get(INTENT) if one.get(INTENT) in LEVELS else CALM for one in taught]
        examples = (paths.ROOT / DANGER).read_text(encoding="utf-8").splitlines()[1:]
        rows = [row.split("\t") for row in examples]
        texts = [one.get(TEXT) for one in taught] + [row[2] for row in rows]
        progress = tqdm(texts, "Reading messages for danger", mininterval=1)
        evidence = [self._gate.read(text).evidence for text in progress]
        self._second = SecondOpinion.learn(texts, evidence, [*kinds, *(row[0] for row in rows)])
        with self._storage.write_to(self._resource) as folder:
            self._second.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyGateComponent:
        """See GraphComponent.load."""
        self = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            self._second = SecondOpinion.load(folder)
        return self

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of messages that report danger, and say what was found in all."""
        for message in messages:
            if message.get(TEXT):
                self._judge(message)
        return messages

    def _judge(self, message: Message) -> None:
        findings = self._gate.read(message.get(TEXT))
        whole, parts = self._opinions(message, findings)
        worried = max((whole, *parts), key=lambda one: one.score)
        before = message.get(INTENT, {}).get("name")
        intent: str | None = None
        sign: str | None = None
        if findings.alarms:
            intent, sign = findings.alarms[0].intent, findings.alarms[0].name
            if intent == OWN_CRISIS and worried.kind == OTHERS_CRISIS:
                intent = OTHERS_CRISIS  # the words of danger are the same, the person is not
        elif self._is_enough(findings, whole, parts, message):
            intent, sign = worried.kind, BY_CLASSIFIER
        found = {
            "alarm": {"level": LEVELS[intent], "sign": sign} if intent else None,
            "near_misses": [
                {"level": one.sign.level, "sign": one.sign.name, "why": one.why}
                for one in findings.near_misses
            ],
            "watch": None if intent else self._watch(findings, worried),
        }
        message.set(SAFETY, found, add_to_output=True)
        self._set_intent(message, intent, before)

    def _set_intent(self, message: Message, intent: str | None, before: str | None) -> None:
        """The safety intent of an alarm; without one, the likeliest of the other intents."""
        calm = [one for one in message.get(INTENT_RANKING_KEY, []) if one["name"] not in LEVELS]
        topics = [one for one in calm if one["name"] != FALLBACK]
        sure = topics and topics[0]["confidence"] >= self._threshold
        topic = topics[0] if sure else {"name": FALLBACK, "confidence": 0.0}
        if intent:
            question = before if before not in LEVELS else topic["name"]
            others = [question, *message.get(ALSO_ASKED, [])]
            message.set(ALSO_ASKED, others, add_to_output=True)
            message.set(INTENT, {"name": intent, "confidence": 1.0}, add_to_output=True)
        elif before in LEVELS:
            message.set(INTENT, topic, add_to_output=True)
            message.set(INTENT_RANKING_KEY, calm, add_to_output=True)

    def _opinions(self, message: Message, findings: Findings) -> tuple[Opinion, list[Opinion]]:
        """The mean opinion on the message as typed and as corrected; and that on each sentence.

        A sentence alone weighs less: what makes it harmless may stand beside it.
        """
        assert self._second is not None
        if any(one["entity"] == "language" for one in message.get(ENTITIES, [])):
            return FOREIGN, []
        read = [(plain(message.get(TEXT)), findings.evidence)]
        corrected = message.get(CORRECTED)
        if corrected:
            of_corrected = self._gate.read(corrected).evidence
            read += [(corrected, findings.evidence), (corrected, of_corrected)]
        whole = len(read)
        read += [(text, self._gate.read(text).evidence) for text, _ in message.get(PARTS, [])]
        found = self._second.opinions(*zip(*read, strict=True))
        views_of_it, parts = found[:whole], found[whole:]
        score = sum(one.score for one in views_of_it) / whole
        return Opinion(score, max(views_of_it, key=lambda one: one.score).kind), parts

    def _is_enough(
        self, findings: Findings, whole: Opinion, parts: list[Opinion], message: Message
    ) -> bool:
        """Whether the second opinion alarms.

        Sooner where the gate found a hint or the topic classifier thinks of danger too; later
        where that is sure of another topic.
        """
        if message.get(INTENT, {}).get("name") in LEVELS:
            enough, in_part = self._config["with_topic"], self._config["in_part_with_topic"]
        else:
            hinted = any(one.why in ("hint", "doubtful") for one in findings.near_misses)
            enough = self._config["with_hint" if hinted else "alarm"]
            in_part = self._config["in_part"]
            if _calm_by(message) >= self._config["calm_by"]:
                enough, in_part = enough + self._config["more"], in_part + self._config["more"]
        return whole.score >= enough or any(one.score >= in_part for one in parts)

    def _watch(self, findings: Findings, opinion: Opinion) -> str | None:
        """The level of what is worth a line beside the answer, if anything is."""
        for one in findings.near_misses:
            if one.why == "stable":
                return one.sign.level
        if opinion.score >= self._config["watch"]:
            return LEVELS[opinion.kind]
        return None


def _calm_by(message: Message) -> float:
    """How much surer the topic classifier is of its best topic than of any danger."""
    best = {True: 0.0, False: 0.0}
    for one in message.get(INTENT_RANKING_KEY, []):
        if one["name"] != FALLBACK:
            danger = one["name"] in LEVELS
            best[danger] = max(best[danger], float(one["confidence"]))
    return best[False] - best[True]
