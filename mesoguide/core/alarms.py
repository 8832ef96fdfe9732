"""Replies to danger: the number to call, and the turns after it, which stay aware of it."""

from __future__ import annotations

from dataclasses import replace

from mesoguide.core.forgetting import OFFER, is_about_forgetting
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.protocol import EMERGENCY, LEVELS, URGENT
from mesoguide.core.reply import Reply
from mesoguide.core.topics import GROUNDED, is_grounded, topic_button
from mesoguide.core.turn import Turn, mentions

AWARE_FOR = 5  # turns after an alarm in which small talk is no small talk
LEAD = {"red": "after_red", "amber": "after_amber", "crisis": "after_crisis"}
STILL = {"red": "after_called", "amber": "after_called", "crisis": "after_here"}
WATCH = {"red": "se-call", "amber": "se-call", "crisis": "crisis_watch"}


def safety_reply(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply:
    """The number to call, first and short; the question of the message is offered for afterwards.

    Changes `memory`.
    """
    memory.offer, memory.misses = None, 0
    memory.alarm, memory.alarm_turns = turn.intent, 0
    sign = knowledge.protocol.sign(turn.sign)
    facts = sign.facts if sign and sign.intent == turn.intent else []
    first, *rest = _say(knowledge, turn.intent)
    say = tuple(dict.fromkeys((first, *facts, *rest)))
    asked = [name for name in turn.also if is_grounded(knowledge, name)]
    buttons = tuple(topic_button(knowledge, name) for name in asked[:1])
    return Reply("safety", turn.intent, say, suggestions=buttons)


def after_alarm(knowledge: Knowledge, turn: Turn, memory: Memory) -> Reply | None:
    """The reply to a turn that follows an alarm; None when it asks something that is answered.

    Changes `memory`: help that is there ends the alarm, and "worse" makes it red.
    """
    if memory.alarm not in LEVELS:
        memory.alarm = None
        return None
    memory.alarm_turns += 1
    level = LEVELS[memory.alarm]
    words = knowledge.protocol.after_an_alarm
    if _is_worse(knowledge, turn):
        worse = EMERGENCY if level != "crisis" else memory.alarm
        return safety_reply(knowledge, replace(turn, intent=worse, sign=None, also=()), memory)
    asks = is_grounded(knowledge, turn.intent) or is_about_forgetting(turn, memory)
    if level != "crisis" and not asks and mentions(turn.text, words.helped):
        topic, memory.alarm = memory.alarm, None
        return Reply("meta", topic, ("after_helped", *_numbers(knowledge, topic)))
    if asks:
        return None
    if memory.alarm_turns > AWARE_FOR:
        memory.alarm = None
        return None
    memory.offer = None
    first = ("amber_call",) if level == "amber" else ()
    numbers = _numbers(knowledge, memory.alarm)
    return Reply("safety", memory.alarm, (*first, *numbers, STILL[level]))


def with_reminder_of_alarm(knowledge: Knowledge, reply: Reply, memory: Memory) -> Reply:
    """An answer after an alarm, with the number to call once more before it.

    Ends the alarm, unless the answer only asks whether to forget the conversation.
    """
    if memory.alarm not in LEVELS:
        return reply
    lead = (LEAD[LEVELS[memory.alarm]], *_numbers(knowledge, memory.alarm))
    if memory.offer != OFFER:
        memory.alarm = None
    return replace(reply, lead=lead)


def with_watch(reply: Reply, turn: Turn) -> Reply:
    """An answer to a message that mentions a sign without alarming, with the line to watch for."""
    if turn.watch is None or reply.type not in (*GROUNDED, "fallback"):
        return reply
    return replace(reply, say=tuple(dict.fromkeys((*reply.say, WATCH[turn.watch]))))


def grown_worse(knowledge: Knowledge, turn: Turn, memory: Memory) -> Turn:
    """An alarm that follows an amber one and says that it got worse: that makes it red."""
    if memory.alarm == turn.intent == URGENT and _is_worse(knowledge, turn):
        return replace(turn, intent=EMERGENCY, sign=None)
    return turn


def _is_worse(knowledge: Knowledge, turn: Turn) -> bool:
    return mentions(turn.text, knowledge.protocol.after_an_alarm.worse) and not _is_long(turn)


def _say(knowledge: Knowledge, intent: str) -> list[str]:
    answer = knowledge.answers[intent]
    return answer.say_in.get(knowledge.region) or answer.say


def _numbers(knowledge: Knowledge, intent: str) -> tuple[str, ...]:
    """Whom to call, without the rest."""
    if intent == EMERGENCY:
        return ("numbers_emergency",)
    if intent == URGENT:
        return ("amber_worse",)
    return tuple(id_ for id_ in _say(knowledge, intent) if id_ in knowledge.facts)


def _is_long(turn: Turn) -> bool:
    return len(turn.text.split()) > 25
