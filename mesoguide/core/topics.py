"""Replies about a topic: its first answer, what more there is, and the numbers."""

from __future__ import annotations

from itertools import product

from mesoguide.core.knowledge import CORRECTION, LIMIT, Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.models import Answer
from mesoguide.core.reply import Reply, Suggestion
from mesoguide.core.turn import SHORT, Turn, mentions

GROUNDED = ("answer", "signpost", "decline")
CHUNK = 2  # facts said per "tell me more"
BUTTONS = 3


def topic_reply(knowledge: Knowledge, name: str, turn: Turn, memory: Memory) -> Reply:
    """The first answer on topic `name`. Changes `memory`."""
    answer = knowledge.answers[name]
    say, quote = _opening(knowledge, answer, turn, memory)
    if answer.kind not in GROUNDED:
        return Reply(answer.kind, name, say, quote, suggestions=next_topics(knowledge, name))
    memory.topic, memory.said = name, []
    if answer.question and answer.question not in memory.questions:
        memory.questions.append(answer.question)
    if answer.kind == "decline" and answer.question:
        say += (answer.question,)
    if answer.offer_numbers:
        if memory.numbers:
            return numbers_reply(knowledge, name, memory)
        if turn.value("numbers") == "no":  # said in this very message: not asked again
            say += ("numbers_no",)
            return _grounded(knowledge, name, say, quote, next_topics(knowledge, name), memory)
        ask = "ask_numbers" if memory.numbers is None else "numbers_kept_back"
        return _asking(knowledge, name, (*say, ask), quote, memory)
    return _grounded(knowledge, name, say, quote, next_topics(knowledge, name), memory)


def more_reply(knowledge: Knowledge, name: str, memory: Memory) -> Reply:
    """The next facts on a topic: what was not said yet, then the numbers if they are wanted."""
    answer = knowledge.answers[name]
    rest = _not_said(knowledge, answer, memory)
    say, later = tuple(rest[:CHUNK]), rest[CHUNK:]
    if not later and answer.numbers and memory.numbers is None:
        return _asking(knowledge, name, (*say, "ask_numbers"), (), memory)
    if any(knowledge.needs_yes(id_) for id_ in say) and LIMIT not in memory.said:
        say = (LIMIT, *say)
    suggestions = next_topics(knowledge, name)
    if later:
        suggestions = (topic_button(knowledge, "more_detail"), *suggestions)[:BUTTONS]
    return _grounded(knowledge, name, say or ("no_more",), (), suggestions, memory)


def numbers_reply(knowledge: Knowledge, name: str, memory: Memory) -> Reply:
    """The survival figures of topic `name`.

    Raises:
        ValueError: when the person has not said yes to numbers.
    """
    if not memory.numbers:
        raise ValueError("Numbers are said only after a yes.")
    numbers = knowledge.answers[name].numbers
    say = ("numbers_yes", LIMIT, *numbers[:CHUNK])
    suggestions = next_topics(knowledge, name)
    if len(numbers) > CHUNK:
        suggestions = (topic_button(knowledge, "more_detail"), *suggestions)[:BUTTONS]
    return _grounded(knowledge, name, say, (), suggestions, memory)


def numbers_refused(knowledge: Knowledge, memory: Memory) -> Reply:
    """No numbers for the rest of the conversation, unless the person asks again."""
    memory.numbers, memory.offer = False, None
    say = ("numbers_no", "prog-some-dont-want")
    return Reply("meta", "deny", say, suggestions=next_topics(knowledge, "deny"))


def is_grounded(knowledge: Knowledge, name: str) -> bool:
    """Whether there is a topic `name` that is answered, signposted or declined."""
    answer = knowledge.answers.get(name)
    return answer is not None and answer.kind in GROUNDED


def next_topics(knowledge: Knowledge, name: str) -> tuple[Suggestion, ...]:
    """Buttons for the topics that topic `name` offers next."""
    return tuple(topic_button(knowledge, other) for other in knowledge.answers[name].next)


def topic_button(knowledge: Knowledge, name: str) -> Suggestion:
    """The button that opens topic `name`."""
    return Suggestion(knowledge.answers[name].title, f"/{name}")


def yes_no(knowledge: Knowledge) -> tuple[Suggestion, Suggestion]:
    """The two buttons under a yes-or-no question."""
    return topic_button(knowledge, "affirm"), topic_button(knowledge, "deny")


def _opening(
    knowledge: Knowledge, answer: Answer, turn: Turn, memory: Memory
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What fits the words of the message: (what is said, the article sentences quoted).

    A short message ("and for the belly kind?") is read together with the last topic's title.
    """
    texts = [turn.text]
    grounded = answer.kind in GROUNDED
    if grounded and memory.topic and 0 < len(turn.text.split()) <= SHORT:
        texts.append(knowledge.answers[memory.topic].title)
    for text, asked in product(texts, answer.asked):
        if mentions(text, asked.words):
            quote = answer.quote if asked.quote is None else asked.quote
            corrected = asked.say[0] == CORRECTION
            return tuple(asked.say), tuple(
                id_ for id_ in quote if corrected or not knowledge.claims[id_].needs_correction
            )
    return tuple(answer.say), tuple(answer.quote)


def _not_said(knowledge: Knowledge, answer: Answer, memory: Memory) -> list[str]:
    numbers = answer.numbers if memory.numbers else []
    words = [*answer.more, *answer.say]
    everything = [*numbers, *words] if answer.offer_numbers else [*words, *numbers]
    return [
        id_
        for id_ in dict.fromkeys(everything)
        if id_ in knowledge.facts and id_ not in memory.said
    ]


def _asking(
    knowledge: Knowledge, name: str, say: tuple[str, ...], quote: tuple[str, ...], memory: Memory
) -> Reply:
    memory.offer = "numbers"
    suggestions = (*yes_no(knowledge), *next_topics(knowledge, name))[:BUTTONS]
    return _grounded(knowledge, name, say, quote, suggestions, memory)


def _grounded(
    knowledge: Knowledge,
    name: str,
    say: tuple[str, ...],
    quote: tuple[str, ...],
    suggestions: tuple[Suggestion, ...],
    memory: Memory,
) -> Reply:
    memory.said += say
    kind = knowledge.answers[name].kind
    return Reply(kind, name, say, quote, reminder=True, suggestions=suggestions)
