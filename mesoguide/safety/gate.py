"""What in a message reports danger, and what only mentions it.

The signs of knowledge/safety.yml are looked for sentence by sentence. A sign that is found is an
alarm unless the sentence takes it back, in the manner of ConText (Harkema et al. 2009): denied,
asked about, only supposed, of another time, over, told of somebody, part of a harmless phrase. The
words for all this are the protocol's; here is only how far each of them reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from mesoguide.core.protocol import BY_URGENCY, Protocol, Sign
from mesoguide.safety.numbers import numbers
from mesoguide.safety.patterns import Patterns, Phrases, Span, Spans, is_idea
from mesoguide.safety.words import ASKS, Reader

REACH = 6  # words that "no" reaches
SUPPOSED_REACH = 12  # words that "if" reaches
ASKED_REACH = 12  # words over which a question casts doubt
NEAR = 6  # words before a sign in which the one who has it is named
SHORT = 4  # words of a sentence that is hardly more than a sign
BESIDE = 3  # words before a number that may say it is no temperature
TOGETHER = 6  # words between two ideas that count as evidence together
LIST = frozenset((",", "or", "and", "any", "a", "/", "&"))  # "no fever, cough or rash"
HINT = "hint"  # found, and too common a word to alarm by itself
START = "^"  # stands before the first word of a sentence
PERSONS = ("WHO", "MY")


@dataclass(frozen=True)
class Mention:
    """A sign that was found (never the text), and why it is not an alarm; "" when it is one."""

    sign: Sign
    why: str = ""


@dataclass(frozen=True)
class Findings:
    """What was found in one message.

    Attributes:
        alarms: reported signs, the most urgent first.
        near_misses: other signs that were mentioned, with the reason why they do not alarm.
        evidence: names of the ideas, pairs of ideas, signs and cues found, for the classifier.
    """

    alarms: tuple[Sign, ...]
    near_misses: tuple[Mention, ...]
    evidence: frozenset[str]


class SafetyGate:
    """Reads messages by one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        """Compile the protocol. Raises KeyError for an idea that it does not name."""
        self._signs = Patterns(
            ((sign, hint), written)
            for sign in protocol.signs
            for hint, words in ((False, sign.words), (True, sign.hints))
            for written in words
        )
        self._context = Patterns(
            (kind, written) for kind, words in protocol.context.dict().items() for written in words
        )
        self._quantities = protocol.quantities
        labels = self._signs.labels | self._context.labels
        unknown = {*filter(is_idea, labels)} - {*protocol.ideas, *protocol.quantities}
        if unknown:
            raise KeyError(min(unknown))
        self._phrases = Phrases(protocol.ideas, labels)
        self._reader = Reader(self._phrases.vocabulary, protocol.spellings)

    def read(self, text: str) -> Findings:
        """What is found in `text`."""
        mentions: list[Mention] = []
        evidence: set[str] = set()
        for reading in self._reader.readings(text):
            read_before = {one.sign for one in mentions}  # with a likelier spelling
            for sentence in reading:
                spans = self._spans([START, *sentence])
                cues = self._cues(spans)
                found = list(self._mentions(_Sentence([START, *sentence], spans, cues)))
                mentions += [one for one in found if one.sign not in read_before]
                evidence.update(_evidence(spans, cues, found))
        order = sorted(dict.fromkeys(mentions), key=lambda one: BY_URGENCY.index(one.sign.level))
        alarms = tuple(one.sign for one in order if not one.why)
        near = tuple(one for one in order if one.why and one.sign not in alarms)
        return Findings(alarms, near, frozenset(evidence))

    def _mentions(self, sentence: _Sentence) -> Iterator[Mention]:
        for (sign, hint), span in self._signs.find(sentence.spans):
            why = sentence.takes_back(sign, span)
            if hint and not why and not sentence.is_urgent(sign, span):
                why = HINT
            yield Mention(sign, why)

    def _cues(self, spans: Spans) -> dict[str, list[Span]]:
        cues: dict[str, list[Span]] = {}
        for kind, span in self._context.find(spans):
            cues.setdefault(kind, []).append(span)
        return cues

    def _spans(self, words: list[str]) -> dict[str, list[Span]]:
        spans = self._phrases.find(words)
        for number in numbers(words):
            beside = set(words[max(0, number.start - BESIDE) : number.end + 1])
            for name, quantity in self._quantities.items():
                if quantity.exact and not number.exact or beside & set(quantity.unless):
                    continue
                if any(low <= number.value <= high for low, high in quantity.ranges):
                    spans.setdefault(name, []).append(Span(number.start, number.end))
        return spans


def _evidence(spans: Spans, cues: Spans, mentions: list[Mention]) -> Iterator[str]:
    ideas = sorted((one.start, name) for name in spans if is_idea(name) for one in spans[name])
    yield from (f"has {name}" for name in spans)
    for (place, one), (other_place, other) in combinations(ideas, 2):
        if one != other and other_place - place <= TOGETHER:
            yield f"near {min(one, other)} {max(one, other)}"
    yield from (f"cue {kind}" for kind in cues)
    for mention in mentions:
        why = mention.why or "alarm"
        yield f"sign {mention.sign.name} {why}"
        yield f"level {mention.sign.level} {why}"


@dataclass(frozen=True)
class _Sentence:
    """One sentence with its cues: does it take a sign back?"""

    words: list[str]
    spans: Spans
    cues: Spans

    def takes_back(self, sign: Sign, span: Span) -> str:
        """The reason why a sign at `span` is no alarm by itself; empty when it is reported."""
        if any(one.touches(span) for one in self._of("harmless")):
            return "harmless phrase"
        if any(self._denies(cue, span) for cue in self._real("denied", "denies_nothing")):
            return "denied"
        now = self._now(span)
        if not now:
            for kind in ("told", "past", "over"):
                elsewhere = [cue for cue in self._of(kind) if not cue.touches(span)]
                if elsewhere and (sign.level != "crisis" or kind == "past"):
                    return kind
            if any(self._asks(cue, span) for cue in self._of("asking")):
                return "asked"
            if sign.level != "crisis" and self._is_supposed(span):
                return "supposed"
            if sign.level != "crisis" and self._of("stable"):
                return "stable"
        return "doubtful" if self._is_doubtful(span) else ""

    def is_urgent(self, sign: Sign, span: Span) -> bool:
        """Whether it speaks of here and now, or says hardly more than the sign."""
        if sign.level == "crisis":
            return False
        return self._now(span) or len(self.words) <= SHORT + 1 and self.words[-1] != ASKS

    def _is_doubtful(self, span: Span) -> bool:
        """Whether anything else in the sentence speaks of another time, of asking or supposing."""
        cues = [cue for kind in ("past", "over", "told", "stable") for cue in self._of(kind)]
        asking = self._real("asking", "now") + self._real("supposed", "supposes_nothing")
        cues += [cue for cue in asking if self._reaches(cue, span)]
        return not all(cue.touches(span) for cue in cues)

    def _reaches(self, cue: Span, span: Span) -> bool:
        """Whether nothing stands between the two that begins another thought."""
        first, second = sorted((cue, span))
        between = range(first.end, second.start)
        if len(between) > ASKED_REACH or self._turns(between):
            return False
        return cue.start > span.start or not self._begins_anew(between)

    def _begins_anew(self, places: range) -> bool:
        """Whether a comma stands there and somebody behind it: "how much is it, and my dad ..."."""
        for place in places:
            if self.words[place] == ",":
                after = place + 1 + (self.words[place + 1] in LIST)
                if self._names_somebody(range(after, after + 1)):
                    return True
        return False

    def _now(self, span: Span) -> bool:
        """Whether the sentence speaks of here and now: "today", but not "fine now"."""
        ended = [span, *self._of("over"), *self._of("past"), *self._of("stable")]
        return any(not any(map(one.touches, ended)) for one in self._of("now"))

    def _of(self, kind: str) -> list[Span]:
        return list(self.cues.get(kind, ()))

    def _real(self, kind: str, unless: str) -> list[Span]:
        """The cues of a kind that are not part of a phrase which only looks like one."""
        return [
            cue for cue in self._of(kind) if not any(cue.touches(one) for one in self._of(unless))
        ]

    def _denies(self, cue: Span, span: Span) -> bool:
        between = range(cue.end, span.start)
        if cue.end > span.start or self._turns(between) or self._names_somebody(between):
            return False
        return sum(self.words[place] not in LIST for place in between) <= REACH

    def _turns(self, places: range) -> bool:
        return any(one.start in places for one in self._of("turns"))

    def _names_somebody(self, places: range) -> bool:
        """Whether somebody is named there: the beginning of a report."""
        return any(one.start in places for name in PERSONS for one in self.spans.get(name, ()))

    def _asks(self, cue: Span, span: Span) -> bool:
        if cue.touches(span):
            return False
        start = cue.end if cue.end <= span.start else max(0, span.start - NEAR)
        return not self._names_somebody(range(start, span.start + 1))

    def _is_supposed(self, span: Span) -> bool:
        return any(
            (0 <= span.start - cue.end <= SUPPOSED_REACH or cue.touches(span))
            and not self._turns(range(cue.end, span.start))
            for cue in self._real("supposed", "supposes_nothing")
        )
