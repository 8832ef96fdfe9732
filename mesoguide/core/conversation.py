"""One turn of a conversation: what was understood and what is remembered become one reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mesoguide.core.alarms import (
    after_alarm,
    grown_worse,
    safety_reply,
    with_reminder_of_alarm,
    with_watch,
)
from mesoguide.core.follow_ups import follow_up_reply
from mesoguide.core.forgetting import ask_to_forget
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.languages import TOPIC as OTHER_LANGUAGE
from mesoguide.core.languages import language_reply
from mesoguide.core.memory import Memory
from mesoguide.core.not_knowing import fallback_reply
from mesoguide.core.questions import TOPIC as LIST_TOPIC
from mesoguide.core.questions import questions_reply
from mesoguide.core.reply import INTRO, Reply, Suggestion
from mesoguide.core.topics import (
    BUTTONS,
    GROUNDED,
    is_grounded,
    numbers_refused,
    numbers_reply,
    topic_button,
    topic_reply,
)
from mesoguide.core.turn import Turn

NUMBERS_TOPIC = "prognosis"
SUBJECTS = ("self", "other")
# These wait with the introduction.
SMALL_TALK = ("thank", "goodbye", "affirm", "deny", OTHER_LANGUAGE)
# Every other message lets an open question go.
LEAN_ON_LAST = ("affirm", "deny", "more_detail", "repeat", "simpler")
Respond = Callable[[Knowledge, Turn, Memory], Reply]


@dataclass(frozen=True)
class Guide:
    """The conversation, for one loaded knowledge. One method per kind of reply.

    Each takes the turn and changes the memory it is given; none of them does any I/O.
    """

    knowledge: Knowledge

    def topic(self, turn: Turn, memory: Memory) -> Reply:
        """Any topic of answers.yml that needs no more than its entry."""
        return self._turn(_topic, turn, memory)

    def follow_up(self, turn: Turn, memory: Memory) -> Reply:
        """Yes, no, more, simpler, again."""
        return self._turn(follow_up_reply, turn, memory)

    def questions(self, turn: Turn, memory: Memory) -> Reply:
        """The list for the oncologist."""
        return self._turn(questions_reply, turn, memory)

    def fallback(self, turn: Turn, memory: Memory) -> Reply:
        """A message that was not understood."""
        return self._turn(fallback_reply, turn, memory)

    def delete(self, turn: Turn, memory: Memory) -> Reply:
        """Ask before forgetting."""
        return self._turn(ask_to_forget, turn, memory)

    def safety(self, turn: Turn, memory: Memory) -> Reply:
        """The number to call. Nothing stands before it: no intro, no question, no reminder."""
        turn = grown_worse(self.knowledge, turn, memory)
        reply = safety_reply(self.knowledge, turn, memory)
        memory.last = reply.to_dict()
        return reply

    def _turn(self, respond: Respond, turn: Turn, memory: Memory) -> Reply:
        _learn_subject(turn, memory)
        if memory.alarm:
            reply = after_alarm(self.knowledge, turn, memory)
            if reply is not None:
                memory.last = reply.to_dict()
                return reply
        reply = self._wish(turn, memory)
        if reply is None:
            if turn.intent not in LEAN_ON_LAST:
                memory.offer = None
            reply = respond(self.knowledge, turn, memory)
        if reply.type != "fallback":
            memory.misses = 0
        reply = with_watch(self._with_second(reply, turn, memory), turn)
        reply = with_reminder_of_alarm(self.knowledge, reply, memory)
        reply = self._introduced(self._asking_subject(reply, memory), memory)
        memory.last = reply.to_dict()
        return reply

    def _wish(self, turn: Turn, memory: Memory) -> Reply | None:
        """A changed mind about numbers, said in passing or on its own."""
        wish = turn.value("numbers")
        alone = not is_grounded(self.knowledge, turn.intent)
        if wish == "no":
            memory.numbers = False
            return numbers_refused(self.knowledge, memory) if alone else None
        was_asked = memory.numbers is False or memory.offer == "numbers"
        if was_asked and (wish == "yes" or (wish and (alone or turn.intent == NUMBERS_TOPIC))):
            topic = memory.topic if memory.offer == "numbers" else NUMBERS_TOPIC
            memory.numbers, memory.offer, memory.topic = True, None, topic or NUMBERS_TOPIC
            return numbers_reply(self.knowledge, memory.topic, memory)
        return None

    def _with_second(self, reply: Reply, turn: Turn, memory: Memory) -> Reply:
        """Offer the other question of the same message; a "yes" then answers it."""
        others = [
            name for name in turn.also if is_grounded(self.knowledge, name) and name != reply.topic
        ]
        if reply.type not in GROUNDED or not others:
            return reply
        button = topic_button(self.knowledge, others[0])
        if memory.offer:  # a yes already answers the question about numbers
            suggestions = (*reply.suggestions[: BUTTONS - 1], button)
            return replace(reply, say=(*reply.say, "also_asked_below"), suggestions=suggestions)
        memory.offer = others[0]
        rest = [one for one in reply.suggestions if one != button]
        suggestions = (button, *rest)[:BUTTONS]
        return replace(reply, say=(*reply.say, "also_asked"), suggestions=suggestions)

    def _asking_subject(self, reply: Reply, memory: Memory) -> Reply:
        """Once, early and skippable: for yourself or for someone else?"""
        free = reply.type in ("answer", "signpost") and memory.offer is None
        free = free and reply.topic != LIST_TOPIC
        free = free and not any(self.knowledge.needs_yes(id_) for id_ in reply.say)
        if not (free and memory.introduced) or memory.subject or memory.subject_asked:
            return reply
        memory.subject_asked = True
        buttons = [self._subject_button(who) for who in SUBJECTS]
        suggestions = (*buttons, *reply.suggestions)[:BUTTONS]
        return replace(reply, say=(*reply.say, "ask_subject"), suggestions=suggestions)

    def _subject_button(self, who: str) -> Suggestion:
        payload = f'/who_it_is_for{{"person": "{who}"}}'
        return Suggestion(self.knowledge.text(f"button_{who}"), payload)

    def _introduced(self, reply: Reply, memory: Memory) -> Reply:
        """The first turn says what this is; a greeting is answered with just that."""
        if memory.introduced or reply.type == "safety" or reply.topic in SMALL_TALK:
            return reply
        memory.introduced = True
        if reply.topic == "greet":
            return replace(reply, say=(*INTRO, "intro_ask"))
        return replace(reply, intro=True)


def _learn_subject(turn: Turn, memory: Memory) -> None:
    """Take up for whom the person asks, when they say so; only a direct statement changes it."""
    said = turn.entities.get("person", [])
    if said and (memory.subject is None or turn.intent == "who_it_is_for"):
        memory.subject = "other" if "other" in said else "self"


def _topic(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    if turn.intent == OTHER_LANGUAGE:
        return language_reply(knowledge, turn)
    return topic_reply(knowledge, turn.intent, turn, memory)
