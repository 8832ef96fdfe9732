"""What the person hears when the assistant itself fails: a sentence, never nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from mesoguide.core.knowledge import Knowledge
from mesoguide.in_process import InProcessActions
from mesoguide.never_silent import never_silent
from tests.calls import action_call


async def test_a_failed_turn_is_said_and_logged_without_the_text(
    knowledge: Knowledge, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(message: UserMessage) -> Any:
        raise OSError(f"disk full while saving {message.text}")

    channel = CollectingOutputChannel()
    with caplog.at_level(logging.ERROR):
        await never_silent(fails)(UserMessage("my secret", channel, "someone"))
    assert knowledge.text("failed") in channel.messages[0]["text"]
    assert channel.messages[1]["custom"]["data"]["type"] == "fallback"
    assert "OSError" in caplog.text
    assert "my secret" not in caplog.text


async def test_what_fails_after_the_answer_is_said_beside_it(knowledge: Knowledge) -> None:
    async def fails_at_the_end(message: UserMessage) -> Any:
        await message.output_channel.send_response("someone", {"text": "the answer"})
        raise OSError

    channel = CollectingOutputChannel()
    await never_silent(fails_at_the_end)(UserMessage("hello", channel, "someone"))
    assert [one["text"] for one in channel.messages if "text" in one] == [
        "the answer",
        knowledge.text("not_stored"),
    ]


async def test_a_turn_that_says_nothing_gets_a_sentence(knowledge: Knowledge) -> None:
    async def says_nothing(_: UserMessage) -> Any:
        return None

    channel = CollectingOutputChannel()
    await never_silent(says_nothing)(UserMessage("/restart", channel, "someone"))
    assert knowledge.text("hello_again") in channel.messages[0]["text"]


async def test_actions_run_inside_the_process() -> None:
    call = action_call("action_topic", "greet")
    answer = await InProcessActions().request(json=call)
    assert answer["responses"][0]["text"].startswith("Hello. I am a computer program")
    assert call["tracker"]["slots"] == {}
