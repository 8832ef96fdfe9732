"""The person's own list of questions for the oncologist."""

from __future__ import annotations

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply
from mesoguide.core.topics import next_topics, topic_reply
from mesoguide.core.turn import Turn

TOPIC = "questions_for_oncologist"
WANTS_LIST = ("my list", "the list", "my question", "list of question", "show", "so far")
LONGEST = 8


def gathered(knowledge: Knowledge, memory: Memory) -> list[str]:
    """The questions gathered so far, in words, for a channel that shows them as a list."""
    return [knowledge.text(id_, memory.subject) for id_ in memory.questions]


def questions_reply(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    """The list if it is asked for or has grown; otherwise what is good to ask. Changes `memory`."""
    wants_list = turn.mentions(WANTS_LIST) or not turn.text
    if not memory.questions and not wants_list:
        return topic_reply(knowledge, TOPIC, turn, memory)
    if not wants_list and len(memory.questions) < 2:
        return topic_reply(knowledge, TOPIC, turn, memory)
    listed = tuple(memory.questions[-LONGEST:])
    say = ("list_label", *listed) if listed else ("list_empty", "visit-ask")
    return Reply(
        "answer",
        TOPIC,
        (*say, "visit-list"),
        reminder=True,
        suggestions=next_topics(knowledge, TOPIC),
    )
