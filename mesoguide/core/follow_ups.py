"""Replies to messages that lean on what was said before: yes, no, more, simpler, again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from mesoguide.core.forgetting import OFFER, forget
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.models import Word
from mesoguide.core.reply import Reply
from mesoguide.core.topics import (
    is_grounded,
    more_reply,
    next_topics,
    numbers_refused,
    numbers_reply,
    topic_reply,
)
from mesoguide.core.turn import Turn

WORDS_AT_ONCE = 4


def follow_up_reply(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    """The reply to affirm, deny, more_detail, simpler or repeat. Changes `memory`."""
    return _FOLLOW_UPS[turn.intent](knowledge, turn, memory)


def _affirm(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    offer, memory.offer = memory.offer, None
    if offer == OFFER:
        return forget(memory)
    if offer == "numbers" and memory.topic:
        memory.numbers = True
        return numbers_reply(knowledge, memory.topic, memory)
    if offer and is_grounded(knowledge, offer):
        return topic_reply(knowledge, offer, Turn(offer), memory)
    if memory.last is None or memory.last["topic"] != memory.topic:
        return topic_reply(knowledge, "affirm", turn, memory)
    return _more(knowledge, turn, memory)


def _deny(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    offer, memory.offer = memory.offer, None
    if offer == OFFER:
        return Reply("meta", "deny", ("delete_kept",), suggestions=next_topics(knowledge, "deny"))
    if offer == "numbers":
        return numbers_refused(knowledge, memory)
    return topic_reply(knowledge, "deny", turn, memory)


def _more(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    if memory.topic is None:
        return topic_reply(knowledge, turn.intent, turn, memory)
    return more_reply(knowledge, memory.topic, memory)


def _simpler(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    asked_about = [word for word in knowledge.glossary if _stands_in(word, turn.text)]
    if not asked_about and memory.last is None:
        return topic_reply(knowledge, "simpler", turn, memory)
    last = Reply.from_dict(memory.last) if memory.last else None
    said = " ".join(knowledge.text(id_) for id_ in (*last.say, *last.quote)) if last else ""
    words = asked_about or [word for word in knowledge.glossary if _stands_in(word, said)]
    meanings = dict.fromkeys(word.says for word in words)
    new = [id_ for id_ in meanings if asked_about or last is None or id_ not in last.say]
    say = ("simpler_words", *new[:WORDS_AT_ONCE]) if new else ("simpler_none",)
    name = memory.topic or "simpler"
    return Reply("meta", "simpler", say, suggestions=next_topics(knowledge, name))


def _stands_in(word: Word, text: str) -> bool:
    """Whether a hard word stands in a text; words in capitals (NICE) only in capitals."""
    return any(
        re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, 0 if form.isupper() else re.IGNORECASE)
        for form in (word.word, *word.also)
    )


def _repeat(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    if memory.last is None:
        return topic_reply(knowledge, "repeat", turn, memory)
    return replace(Reply.from_dict(memory.last), intro=False, lead=())


_FOLLOW_UPS: dict[str, Callable[[Knowledge, Turn, Memory], Reply]] = {
    "affirm": _affirm,
    "deny": _deny,
    "more_detail": _more,
    "simpler": _simpler,
    "repeat": _repeat,
}
