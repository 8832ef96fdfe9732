"""The reply to a message in another language: one line, in that language where there is one."""

from __future__ import annotations

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.reply import Reply
from mesoguide.core.topics import next_topics
from mesoguide.core.turn import Turn

TOPIC = "non_english"
LINE = "english_only"  # the phrase; english_only_tr is the same in Turkish, and so on


def language_reply(knowledge: Knowledge, turn: Turn) -> Reply:
    """Say in the person's language, or else in English, that only English works here."""
    own = f"{LINE}_{turn.value('language')}"
    say = (own,) if own in knowledge.phrases else tuple(knowledge.answers[TOPIC].say)
    return Reply("meta", TOPIC, say, suggestions=next_topics(knowledge, TOPIC))
