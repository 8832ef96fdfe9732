"""A walk through the conversation that meets every reply it can give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from typing import Any

import yaml

from mesoguide.core.conversation import Guide
from mesoguide.core.forgetting import not_deleted_reply
from mesoguide.core.languages import LINE
from mesoguide.core.languages import TOPIC as OTHER_LANGUAGE
from mesoguide.core.memory import Memory
from mesoguide.core.models import Subject
from mesoguide.core.not_knowing import TOPIC_OF, failure_reply
from mesoguide.core.questions import LONGEST
from mesoguide.core.reply import Rendered, Reply, render
from mesoguide.core.topics import GROUNDED
from mesoguide.core.turn import Turn
from tests.core.content import ROOT

PERMISSIONS: tuple[bool | None, ...] = (None, True, False)
SUBJECTS: tuple[Subject | None, ...] = (None, "self", "other")
WISHES = ("yes", "no", "changed")
MORE_AT_MOST = 30  # times; a topic that still has more by then never ends
NEAREST: tuple[tuple[str, ...], ...] = (
    (),
    ("nlu_fallback", "greet", "emergency", "nosuch"),
    ("prognosis",),
    ("daily_life", "thank", "surgery", "prognosis", "radiation"),
)
FOLLOW_UPS = ("affirm", "deny", "more_detail", "simpler", "repeat")
Respond = Callable[[Turn, Memory], Reply]


@dataclass(frozen=True)
class Said:
    """One reply as somebody gets it. `way` says how it came about, for failure messages."""

    way: str
    reply: Reply
    rendered: Rendered
    numbers: bool | None
    subject: Subject | None
    first: bool  # the first answer on a topic, not a follow-up

    @property
    def data(self) -> dict[str, Any]:
        return self.rendered.data

    @property
    def plain(self) -> str:
        """All that is shown where only text can be shown."""
        return "\n".join(filter(None, [self.rendered.intro, self.rendered.text]))


def responses(guide: Guide) -> dict[str, Respond]:
    """Which method of the guide answers an intent: what data/rules.yml says."""
    actions: dict[str, Respond] = {
        "action_topic": guide.topic,
        "action_follow_up": guide.follow_up,
        "action_questions": guide.questions,
        "action_safety": guide.safety,
        "action_delete": guide.delete,
        "action_fallback": guide.fallback,
    }
    rules = yaml.safe_load((ROOT / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    found: dict[str, Respond] = {}
    for rule in rules:
        first, then = rule["steps"]
        for one in first.get("or", [first]):
            found[one["intent"]] = actions[then["action"]]
    return found


def openings(guide: Guide) -> Iterator[Turn]:
    """Every way to open every topic: by its button, by each word of `asked`, by other words."""
    for name, answer in guide.knowledge.answers.items():
        yield Turn(name)
        yield Turn(name, text="zzz")
        for asked in answer.asked:
            for word in asked.words:
                yield Turn(name, text=word.rstrip("*"))


def not_understood() -> Iterator[Turn]:
    """Messages that end in a fallback, and the bare words that name a topic."""
    for nearest, close in product(NEAREST, (False, True)):
        yield Turn("nlu_fallback", text="zzz", nearest=nearest, close=close)
    yield Turn("nlu_fallback", text="zzz", entities={"person": ["other"]})
    for entity, value in TOPIC_OF:
        yield Turn("nlu_fallback", text="zzz", entities={entity: [value]})
        yield Turn("nlu_fallback", text="z " * 9, entities={entity: [value]})


def two_questions(guide: Guide) -> Iterator[Turn]:
    """Every topic with another question beside it, and beside every other question once."""
    answers = guide.knowledge.answers
    grounded = [name for name, answer in answers.items() if answer.kind in GROUNDED]
    for name in answers:
        yield Turn(name, text="zzz", also=(name, "greet", "prognosis", "surgery"))
    for name, other in zip(grounded, [*grounded[1:], grounded[0]], strict=True):
        yield Turn(name, text="zzz", also=(other,))


def other_languages(guide: Guide) -> Iterator[Turn]:
    """Messages in each language that has a line of its own, and in others."""
    own = [id_.removeprefix(f"{LINE}_") for id_ in guide.knowledge.phrases if LINE in id_]
    for code in (*own, "it", "other"):
        yield Turn(OTHER_LANGUAGE, text="zzz", entities={"language": [code]})


@dataclass
class Walk:
    """Collects each different reply once; two roads to the same words are one reply."""

    guide: Guide
    met: dict[Any, Said] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.respond = responses(self.guide)

    def everything(self) -> list[Said]:
        """Every reply that a conversation can hold."""
        self._keep("failure", failure_reply(), Memory(), first=False)
        self._keep("not deleted", not_deleted_reply(), Memory(), first=False)
        for introduced, numbers, subject in product((False, True), PERMISSIONS, SUBJECTS):
            start = Memory(introduced=introduced, numbers=numbers, subject=subject)
            for turn in (*openings(self.guide), *not_understood()):
                self._open(turn, start)
            for turn in (*two_questions(self.guide), *other_languages(self.guide)):
                self._beside(turn, start)
            for length in range(LONGEST + 3):
                self._list_of(length, start)
            self._about_numbers(start)
            self._danger(start)
            self._what_words_mean(start)
        return list(self.met.values())

    def _open(self, turn: Turn, start: Memory) -> None:
        memory = self._say(turn, start, first=True)
        if start.introduced or start.subject is None:
            self._follow(memory)
        if turn.intent in ("nlu_fallback", "delete_my_data"):
            self._follow(self._say(turn, memory, first=False))

    def _beside(self, turn: Turn, start: Memory) -> None:
        """What a message offers beside its answer, accepted, refused and said again."""
        memory = self._say(turn, start, first=False)
        for name in ("affirm", "deny", "repeat"):
            self._say(Turn(name), memory, first=False)
        same_for = Turn("nlu_fallback", text="zzz", entities={"person": ["other"]})
        self._say(same_for, memory, first=False)

    def _follow(self, memory: Memory) -> None:
        """All follow-ups, from one state of a conversation; the same state only once."""
        # Which of the two somebody asks for changes the wording alone; _keep renders both.
        key = json.dumps({**asdict(memory), "subject": memory.subject is None}, sort_keys=True)
        if key in self.followed:
            return
        self.followed.add(key)
        for name in FOLLOW_UPS:
            after = self._say(Turn(name), memory, first=False)
            self._say(Turn("repeat"), after, first=False)
            self._say(Turn("affirm" if name == "deny" else "deny"), after, first=False)
        self._exhaust(memory)

    def _exhaust(self, memory: Memory) -> None:
        """More, and more, until it is the same again."""
        before = None
        for _ in range(MORE_AT_MOST):
            memory = self._say(Turn("more_detail"), memory, first=False)
            assert memory.last is not None
            if memory.last["say"] == before:
                break
            before = memory.last["say"]
            key = f"simpler {memory.topic} {memory.numbers} {before}"
            if key not in self.followed:
                self.followed.add(key)
                self._say(Turn("simpler"), memory, first=False)
        else:
            raise AssertionError(f"There is no end to {memory.topic}.")

    def _what_words_mean(self, start: Memory) -> None:
        for word in self.guide.knowledge.glossary:
            for form in (word.word, *word.also):
                self._say(Turn("simpler", text=f"what is {form}"), start, first=False)

    def _danger(self, start: Memory) -> None:
        """Every sign, with a question beside it, and what follows each kind of alarm."""
        words = self.guide.knowledge.protocol.after_an_alarm
        alarmed: dict[str, Memory] = {}
        for sign in self.guide.knowledge.protocol.signs:
            turn = Turn(sign.intent, text="zzz", sign=sign.name, also=("surgery",))
            alarmed[sign.intent] = self._say(turn, start, first=False)
        for memory in alarmed.values():
            for name in (*FOLLOW_UPS, "thank", "nlu_fallback", "surgery", "delete_my_data"):
                after = self._say(Turn(name, text="zzz"), memory, first=False)
                self._say(Turn("thank", text="zzz"), after, first=False)
            for text in (words.worse[0].rstrip("*"), words.helped[0]):
                self._say(Turn("thank", text=text), memory, first=False)
        for level in ("red", "amber", "crisis"):
            for name in ("surgery", "prognosis", "emotional_support", "nlu_fallback", "thank"):
                self._say(Turn(name, text="zzz", watch=level), start, first=False)

    def _list_of(self, length: int, start: Memory) -> None:
        """The list of questions after `length` topics that each add one."""
        answers = self.guide.knowledge.answers.values()
        questions = list(dict.fromkeys(one.question for one in answers if one.question))[:length]
        memory = replace(start, questions=questions)
        for text in ("", "show me my list", "zzz", "prepare"):
            self._say(Turn("questions_for_oncologist", text=text), memory, first=False)

    def _about_numbers(self, start: Memory) -> None:
        """A wish about numbers, alone and beside every topic, before and after being asked."""
        names = (*self.guide.knowledge.answers, "nlu_fallback")
        asked = self._say(Turn("prognosis", text="zzz"), start, first=False)
        kept = self._say(Turn("deny"), asked, first=False)
        for wish, name, memory in product(WISHES, names, (start, asked, kept)):
            turn = Turn(name, text="zzz", entities={"numbers": [wish]})
            after = self._say(turn, memory, first=False)
            self._say(Turn("more_detail"), after, first=False)
            self._say(Turn("repeat"), after, first=False)

    def _say(self, turn: Turn, before: Memory, *, first: bool) -> Memory:
        memory = replace(before, said=[*before.said], questions=[*before.questions])
        reply = self.respond[turn.intent](turn, memory)
        after = before.last["topic"] if before.last else "nothing"
        way = f"{turn.intent} {turn.text!r} {turn.entities or ''} after {after}"
        self._keep(way, reply, memory, first=first)
        return memory

    def _keep(self, way: str, reply: Reply, memory: Memory, *, first: bool) -> None:
        subjects = (None,) if memory.subject is None else SUBJECTS[1:]
        for subject, buttons in product(subjects, (True, False)):
            key = (reply, memory.numbers, subject, buttons)
            if key not in self.met:
                rendered = render(self.guide.knowledge, reply, subject, buttons=buttons)
                self.met[key] = Said(way, reply, rendered, memory.numbers, subject, first)
