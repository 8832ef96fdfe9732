"""The actions as Rasa calls them: a tracker goes in, messages and events come out."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.delete import ActionDelete
from actions.fallback import ActionFallback
from actions.follow_up import ActionFollowUp
from actions.questions import ActionQuestions
from actions.safety import ActionSafety
from actions.topic import ActionTopic
from actions.turns import ReplyAction, turn_of
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.not_knowing import CLOSE
from mesoguide.core.turn import Turn
from mesoguide.counts import exposition

KNOWN = {"introduced": True, "subject": "self"}


def tracker(
    intent: str | None = "stage_4_meaning",
    text: str = "",
    channel: str | None = "rest",
    memory: object = None,
    **latest: Any,
) -> Tracker:
    message = {"intent": {"name": intent}, "text": text, **latest}
    events = [{"event": "user", "input_channel": channel}] if channel else []
    return Tracker("someone", {"memory": memory}, message, events, False, None, {}, None)


async def run(
    action: ReplyAction, tracker: Tracker
) -> tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]:
    """The messages sent, the memory stored, and the other events."""
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker, {})
    assert events[0]["event"] == "slot"
    assert events[0]["name"] == "memory"
    return dispatcher.messages, events[0]["value"], events[1:]


def ranking(**confidence: float) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": value} for name, value in confidence.items()]


def data(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return dict(messages[-1]["custom"]["data"])


@pytest.mark.parametrize("channel", ["rest", "socketio"])
async def test_channels_with_buttons_get_text_buttons_and_data(channel: str) -> None:
    messages, memory, rest = await run(ActionTopic(), tracker(channel=channel, memory=KNOWN))
    assert [bool(one["text"]) for one in messages] == [True, False]
    assert 1 <= len(messages[0]["buttons"]) <= 3
    assert data(messages)["topic"] == "stage_4_meaning"
    assert memory["topic"] == "stage_4_meaning"
    assert [one["name"] for one in rest] == ["action_listen"]


@pytest.mark.parametrize("channel", ["cmdline", "twilio", None])
async def test_other_channels_get_plain_text_alone(
    channel: str | None, knowledge: Knowledge
) -> None:
    messages, _, _ = await run(ActionTopic(), tracker(channel=channel, memory=KNOWN))
    assert len(messages) == 1
    assert not messages[0]["buttons"]
    assert not messages[0]["custom"]
    assert knowledge.answers["treatment_options"].title in messages[0]["text"]
    assert "/treatment_options" not in messages[0]["text"]


async def test_the_introduction_is_a_message_of_its_own(knowledge: Knowledge) -> None:
    messages, memory, _ = await run(ActionTopic(), tracker())
    assert messages[0]["text"].startswith(knowledge.text("intro_program"))
    assert messages[1]["text"].startswith("Stage 4 means")
    assert memory["introduced"]


async def test_the_wording_follows_for_whom_is_asked(knowledge: Knowledge) -> None:
    for who in ("self", "other"):
        entities = [{"entity": "person", "value": who}]
        sent = tracker(memory={"introduced": True}, entities=entities)
        messages, memory, _ = await run(ActionTopic(), sent)
        assert memory["subject"] == who
        assert data(messages)["reminder"] == knowledge.phrases["reminder"].for_subject(who)


async def test_every_action_answers_for_its_intents() -> None:
    met = []
    for action, intent in (
        (ActionFollowUp(), "more_detail"),
        (ActionQuestions(), "questions_for_oncologist"),
        (ActionSafety(), "emergency"),
        (ActionFallback(), "nlu_fallback"),
        (ActionDelete(), "delete_my_data"),
    ):
        messages, _, _ = await run(action, tracker(intent, memory=KNOWN))
        met.append((action.name(), data(messages)["type"]))
    assert met == [
        ("action_follow_up", "meta"),
        ("action_questions", "answer"),
        ("action_safety", "safety"),
        ("action_fallback", "fallback"),
        ("action_delete", "meta"),
    ]
    assert ActionTopic().name() == "action_topic"


async def test_a_failure_is_said_and_logged_without_what_was_typed(
    knowledge: Knowledge, caplog: pytest.LogCaptureFixture
) -> None:
    sent = tracker("no_such_topic", text="my secret", memory=KNOWN)
    with caplog.at_level(logging.ERROR):
        messages, memory, rest = await run(ActionTopic(), sent)
    assert knowledge.text("failed") in messages[0]["text"]
    assert data(messages)["type"] == "fallback"
    assert memory["subject"] == "self"
    assert [one["name"] for one in rest] == ["action_listen"]
    assert "action_topic failed" in caplog.text
    assert "my secret" not in caplog.text


@pytest.mark.parametrize("rubbish", [None, "text", 7, {"numbers": None, "hacked": True}])
async def test_rubbish_in_the_slot_starts_a_fresh_memory(rubbish: object) -> None:
    _, memory, _ = await run(ActionTopic(), tracker(memory=rubbish))
    assert "hacked" not in memory
    assert memory["numbers"] is None


def test_a_turn_holds_what_was_understood_and_no_payload() -> None:
    sent = tracker(
        "drug_names",
        text="opdivo and yervoy?",
        entities=[
            {"entity": "drug", "value": "nivolumab"},
            {"entity": "drug", "value": "ipilimumab"},
        ],
        intent_ranking=ranking(drug_names=0.6, side_effects=0.2),
        also_asked=["cost_and_insurance"],
    )
    assert turn_of(sent) == Turn(
        "drug_names",
        "opdivo and yervoy?",
        {"drug": ["nivolumab", "ipilimumab"]},
        ("drug_names", "side_effects"),
        close=True,
        also=("cost_and_insurance",),
    )
    assert turn_of(tracker(text="/greet")).text == ""
    assert turn_of(tracker(None)).intent == "nlu_fallback"


def test_a_miss_is_close_when_a_topic_was_nearly_sure_enough() -> None:
    near = ranking(nlu_fallback=0.9, surgery=CLOSE, radiation=0.01)
    far = ranking(nlu_fallback=0.9, surgery=CLOSE - 0.001, radiation=0.01)
    assert turn_of(tracker("nlu_fallback", intent_ranking=near)).close
    assert not turn_of(tracker("nlu_fallback", intent_ranking=far)).close
    assert not turn_of(tracker("nlu_fallback")).close


async def test_two_questions_are_answered_and_offered(knowledge: Knowledge) -> None:
    sent = tracker("surgery", memory=KNOWN, also_asked=["radiation"])
    messages, memory, _ = await run(ActionTopic(), sent)
    assert knowledge.text("also_asked") in messages[0]["text"]
    assert messages[0]["buttons"][0]["payload"] == "/radiation"
    messages, _, _ = await run(ActionFollowUp(), tracker("affirm", memory=memory))
    assert data(messages)["topic"] == "radiation"


def test_the_base_cannot_be_run_by_itself() -> None:
    with pytest.raises(TypeError):
        ReplyAction()  # type: ignore[abstract]


ALARM = {"alarm": {"level": "amber", "sign": "fever"}, "near_misses": []}
NEAR = {"alarm": None, "near_misses": [{"level": "red", "sign": "chest pain", "why": "asked"}]}


@pytest.mark.parametrize(
    ("found", "channel", "line"),
    [
        (ALARM, "rest", "safety alarm level=amber sign='fever' channel=rest"),
        (ALARM, "<script>", "safety alarm level=amber sign='fever' channel=other"),
        (NEAR, "slack", "safety near miss level=red sign='chest pain' why='asked' channel=slack"),
    ],
)
async def test_alarms_and_near_misses_are_counted_without_text(
    caplog: pytest.LogCaptureFixture, found: dict[str, Any], channel: str, line: str
) -> None:
    with caplog.at_level(logging.INFO, logger="mesoguide.safety"):
        await run(ActionTopic(), tracker(text="SECRET", channel=channel, safety=found))
    lines = [one.getMessage() for one in caplog.records if one.name.startswith("mesoguide.safety")]
    assert lines == [line]
    assert f'channel="{line.split("channel=")[1]}"' in exposition().decode()


def test_what_the_gate_found_reaches_the_turn() -> None:
    found = {"alarm": {"level": "amber", "sign": "fever"}, "near_misses": [], "watch": None}
    assert turn_of(tracker(intent="urgent_symptom", safety=found)).sign == "fever"
    watching = {"alarm": None, "near_misses": [], "watch": "red"}
    assert turn_of(tracker(safety=watching)).watch == "red"
    assert (turn_of(tracker()).sign, turn_of(tracker()).watch) == (None, None)
