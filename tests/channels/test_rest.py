"""REST: the contract, messages that come again, and bodies that cannot be used."""

from __future__ import annotations

import json
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from tests.channels.vendor import post
from tests.conftest import Server, start_server

DEEP = b"[" * 500 + b"]" * 500  # it can be read, but not copied
JSON = {"Content-Type": "application/json"}
Messages = list[dict[str, Any]]


def ask(server: Server, text: str, id_: str | None = None, **more: Any) -> Messages:
    body = {"sender": server.sender, "message": text, **more}
    if id_ is not None:
        body["message_id"] = id_
    status, answer = post(f"{server.url}/webhooks/rest/webhook", json.dumps(body).encode(), JSON)
    assert status == 200, answer
    return list(json.loads(answer))


def test_the_contract_is_rasas(server: Server) -> None:
    said = ask(server, "what does stage 4 mean")
    assert {one["recipient_id"] for one in said} == {server.sender}
    assert all(set(one) <= {"recipient_id", "text", "buttons", "custom"} for one in said)
    *texts, data = said
    assert [set(one) - {"buttons"} for one in texts] == [{"recipient_id", "text"}] * 2
    assert set(texts[1]["buttons"][0]) == {"title", "payload"}
    schema = json.loads((paths.ROOT / "tests" / "contract" / "reply.schema.json").read_text())
    jsonschema.validate(data["custom"]["data"], schema)
    assert server.get("/webhooks/rest/")[0] == 200


def test_a_message_that_comes_again_is_not_heard_twice(
    server: Server, knowledge: Knowledge
) -> None:
    first = ask(server, "how long have i got", "$one:meso.test")
    assert ask(server, "how long have i got", "$one:meso.test") == first
    assert knowledge.text("numbers_yes") in str(ask(server, "yes", "$two"))
    assert ask(server, "how long have i got", "$one:meso.test") == first  # also later
    # the same words under another id, or under none, are a new message
    assert ask(server, "how long have i got", "$three") != first
    assert ask(server, "hello") and ask(server, "hello")
    # and the same id in another conversation is another message
    other = server.someone_else()
    assert ask(other, "hello", "$one:meso.test")[0]["recipient_id"] == other.sender


def test_several_at_once_are_answered_once(server: Server) -> None:
    text = "what does stage 4 mean"
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(server, text, "same"), range(4)))
    assert len(answers[0]) == 3  # with the introduction, which only the first turn has
    assert all(answer == answers[0] for answer in answers)
    assert len(ask(server, text, "other")) == 2


def test_over_matrix_a_reply_is_data_only_also_when_it_comes_again(server: Server) -> None:
    (first,) = ask(server, "hello", "$a", input_channel="matrix")
    assert set(first) == {"recipient_id", "custom"}
    assert ask(server, "hello", "$a", input_channel="matrix") == [first]


def test_a_message_is_known_after_a_restart(
    model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    process, server = start_server(tmp_path)
    try:
        first = ask(server, "how long have i got", "$one")
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        process, again = start_server(tmp_path)
        again.sender = server.sender
        assert ask(again, "how long have i got", "$one") == first
        assert knowledge.text("numbers_yes") in str(ask(again, "yes", "$two"))
        assert "how long" not in again.log.read_text()
    finally:
        process.kill()
        process.wait(timeout=30)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'"hello"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"{}", "'sender'"),
        (b'{"message": "hello"}', "'sender'"),
        (b'{"sender": "", "message": "hello"}', "'sender'"),
        (b'{"sender": 5, "message": "hello"}', "'sender'"),
        (b'{"sender": "a"}', "'message'"),
        (b'{"sender": "a", "message": null}', "'message'"),
        (b'{"sender": "a", "message": {"text": "hello"}}', "'message'"),
        (b'{"sender": "a", "message": "hello", "message_id": 5}', "'message_id'"),
        (b'{"sender": "a", "message": "hello", "message_id": ""}', "'message_id'"),
        (b'{"sender": "a", "message": "hello", "message_id": "a b"}', "'message_id'"),
        (b'{"sender": "a", "message": "hello", "input_channel": []}', None),
        (b'{"sender": "a", "message": "hello", "input_channel": ["b"]}', "'input_channel'"),
        (b'{"sender": "a", "message": "hello", "metadata": "b"}', "'metadata'"),
        pytest.param(
            b'{"sender": "a", "message": "hi", "metadata": {"b": %s}}' % DEEP,
            "'metadata'",
            id="metadata too deep",
        ),
    ],
)
def test_a_body_that_cannot_be_used_is_answered_with_why(
    server: Server, body: bytes, says: str | None
) -> None:
    status, answer = post(f"{server.url}/webhooks/rest/webhook", body, JSON)
    if says is None:  # what is empty counts as not given
        assert status == 200
        return
    assert status == 400
    assert set(json.loads(answer)) == {"error"}
    assert says in json.loads(answer)["error"]


def test_the_longest_id_is_taken(server: Server) -> None:
    assert ask(server, "hello", "$" + "a" * 254)
    body = {"sender": server.sender, "message": "hello", "message_id": "a" * 256}
    webhook = f"{server.url}/webhooks/rest/webhook"
    assert post(webhook, json.dumps(body).encode(), JSON)[0] == 400


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\u2028b", "   ", "👋"])
def test_odd_characters_get_a_sentence(server: Server, text: str) -> None:
    assert ask(server, text, uuid.uuid4().hex)[0]["text"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u2003"])
def test_nothing_gets_a_sentence_and_is_no_failure(
    server: Server, knowledge: Knowledge, text: str
) -> None:
    before = failures(server)
    said = ask(server, text)
    assert knowledge.text("what_to_ask") in said[0]["text"]
    assert said[-1]["custom"]["data"]["type"] == "meta"
    assert failures(server) == before


def failures(server: Server) -> list[str]:
    counts = server.get("/metrics")[2].decode().splitlines()
    return [line for line in counts if line.startswith("mesoguide_failures_total")]


def test_metadata_may_be_as_deep_as_anybody_needs(server: Server, knowledge: Knowledge) -> None:
    said = ask(server, "is it catching?", metadata={"a": [{"b": [{"c": [None, 1, "x"]}]}]})
    assert said[-1]["custom"]["data"]["topic"] is not None


@pytest.mark.parametrize("cut", ["\ud83d", "\ude22"])
def test_half_an_emoji_hides_neither_danger_nor_a_question(server: Server, cut: str) -> None:
    said = ask(server, f"{cut} my dad cant breathe and his lips are blue {cut}")
    assert said[-1]["custom"]["data"]["type"] == "safety"
    said = ask(server, f"what does stage 4 mean? {cut}")
    assert said[-1]["custom"]["data"]["topic"] == "stage_4_meaning"
