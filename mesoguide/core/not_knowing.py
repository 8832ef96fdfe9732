"""Replies for a message that was not understood, and for a failure of the assistant itself."""

from __future__ import annotations

from collections.abc import Iterable

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.reply import Reply, Suggestion
from mesoguide.core.topics import GROUNDED, next_topics, topic_button, topic_reply
from mesoguide.core.turn import SHORT, Turn

HELP_LINES = ("help-acs", "help-macmillan")
NEAREST = 3  # topics offered when one was nearly sure enough
FAR = 2  # topics offered otherwise, beside "something else"
CLOSE = 0.04  # confidence from which one is nearly sure: half the threshold of config.yml
ABOUT_US = (  # what is asked about the assistant; "something else" leads to the rest
    "bot_identity",
    "source_of_information",
    "privacy",
    "delete_my_data",
    "human_handoff",
)
# A message that is hardly more than one of these words is about this topic: (entity, value).
TOPIC_OF = {
    ("place", "peritoneal"): "peritoneal_mesothelioma",
    ("place", "pleural"): "types_of_mesothelioma",
    ("stage", "1"): "staging_system",
    ("stage", "2"): "staging_system",
    ("stage", "3"): "staging_system",
    ("stage", "4"): "stage_4_meaning",
    ("treatment", "chemotherapy"): "chemotherapy",
    ("treatment", "radiation"): "radiation",
    ("treatment", "surgery"): "surgery",
    ("treatment", "immunotherapy"): "checkpoint_inhibitors_explained",
    ("treatment", "palliative care"): "palliative_care",
}


def fallback_reply(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    """Offer the nearest topics; at the second miss in a row, people and what can be asked."""
    about = _named_topic(turn)
    if not about and turn.entities.get("person") and _is_short(turn):
        about = memory.topic  # "for him too?"
    if about:
        return topic_reply(knowledge, about, turn, memory)
    memory.misses += 1
    if memory.misses > 1:
        suggestions = next_topics(knowledge, "capabilities")
        say = ("not_understood_again", *HELP_LINES, "can_do")
        return Reply("fallback", None, say, suggestions=suggestions)
    near = offered(knowledge, turn.nearest, turn.close)
    buttons = [topic_button(knowledge, name) for name in near]
    buttons.append(Suggestion(knowledge.text("button_something_else"), "/capabilities"))
    ask = ("did_you_mean",) if near else ()
    help_lines = () if near and turn.close else HELP_LINES
    return Reply(
        "fallback", None, ("not_understood", *ask, *help_lines), suggestions=tuple(buttons)
    )


def is_close(confidences: Iterable[float]) -> bool:
    """Whether the confidence of any topic (0 to 1) was nearly enough to answer it."""
    return any(one >= CLOSE for one in confidences)


def offered(knowledge: Knowledge, nearest: Iterable[str], close: bool) -> list[str]:
    """Of the intents by falling confidence, the topics to offer."""
    return [name for name in nearest if _is_topic(knowledge, name)][: NEAREST if close else FAR]


def failure_reply() -> Reply:
    """What is said when the assistant itself has failed: not the same as not understanding."""
    return Reply("fallback", None, ("failed", "numbers_short"))


def _named_topic(turn: Turn) -> str | None:
    if not _is_short(turn):
        return None
    for (entity, value), topic in TOPIC_OF.items():
        if value in turn.entities.get(entity, []):
            return topic
    return None


def _is_short(turn: Turn) -> bool:
    return 0 < len(turn.text.split()) <= SHORT


def _is_topic(knowledge: Knowledge, name: str) -> bool:
    answer = knowledge.answers.get(name)
    return answer is not None and (answer.kind in GROUNDED or name in ABOUT_US)
