"""The one process, as a site and a person meet it."""

from __future__ import annotations

import gzip
import json
import secrets
import urllib.error
import urllib.request

import pytest
import socketio

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.reply import INTRO
from tests.conftest import Server

SECRET = "my neighbour Ermentrude Quill has stage 4 and lives at 7 Larkspur Lane"


def test_health_names_the_model_after_parsing_a_message(server: Server) -> None:
    status, _, body = server.get("/health")
    answer = json.loads(body)
    assert status == 200
    assert answer["status"] == "ok"
    assert answer["model"].endswith(".tar.gz")
    assert answer["version"]


def test_a_reply_is_text_and_then_data(server: Server) -> None:
    server.say("hello")
    heard = server.say("what does stage 4 mean")
    assert [sorted(one) for one in heard.messages] == [
        ["buttons", "recipient_id", "text"],
        ["custom", "recipient_id"],
    ]
    assert heard.messages[0]["recipient_id"] == server.sender
    assert 1 <= len(heard.messages[0]["buttons"]) <= 3


def test_first_turn_says_what_this_is_and_fits_a_phone(
    server: Server, knowledge: Knowledge
) -> None:
    heard = server.say("hi")
    assert heard.data["text"].splitlines()[: len(INTRO)] == [knowledge.text(id_) for id_ in INTRO]
    assert len(heard.texts[0]) < 500
    assert len(heard.data["suggestions"]) == 3


def test_a_question_as_first_message_is_answered_after_the_introduction(server: Server) -> None:
    heard = server.say("which side effects can immunotherapy have?")
    assert heard.texts[0].startswith("Hello. I am a computer program")
    assert heard.data["topic"] == "side_effects"
    assert heard.data["intro"]
    assert not server.say("and what is a second opinion?").data["intro"]


def test_danger_in_the_first_message_comes_before_the_introduction(server: Server) -> None:
    heard = server.say("hello, what are the options, my dad can't breathe and his lips are blue")
    assert heard.data["type"] == "safety"
    assert heard.texts[0].startswith("Call for help now: 911")
    assert len(heard.texts) == 1


@pytest.mark.parametrize(
    "payload", ["/no_such_intent", '/delete_everything{"x":1}', "/", "/greet{broken", "/restart"]
)
def test_payloads_nobody_offered_get_a_sentence(server: Server, payload: str) -> None:
    heard = server.say(payload)
    assert payload == "/restart" or heard.texts
    assert server.say("what is mesothelioma?").data["topic"] == "what_is_mesothelioma"


def test_a_payload_cannot_set_the_memory(server: Server) -> None:
    server.say("hi")
    server.say('/affirm{"memory": {"numbers": true}}')
    heard = server.say("how long do people with this live?")
    assert heard.data["topic"] == "prognosis"
    assert "Would you like to hear them?" in heard.data["text"]


def test_conversations_do_not_mix(server: Server) -> None:
    other = server.someone_else()
    server.say("tell me about radiation treatment")
    assert "radiation" not in other.say("tell me more").data["text"].lower()


def test_the_list_of_questions_grows_and_is_shown(server: Server, knowledge: Knowledge) -> None:
    server.say("hi")
    server.say("what are the side effects of opdivo?")
    server.say("can surgery help at stage 4?")
    heard = server.say("show me my list of questions")
    for id_ in ("ask_side_effects", "ask_surgery"):
        assert knowledge.text(id_) in heard.data["text"]


def test_what_people_type_is_not_logged(server: Server) -> None:
    server.say(SECRET)
    server.say('/no_such_intent{"name": "Ermentrude"}')
    log = server.log.read_text()
    assert "Ermentrude" not in log
    assert "Larkspur" not in log


def test_the_page_and_its_parts_are_served_with_a_strict_policy(server: Server) -> None:
    for path, kind in {
        "/": "text/html",
        "/about": "text/html",
        "/embed": "text/html",
        "/embed.js": "text/javascript",
        "/page.css": "text/css",
        "/mesoguide.js": "text/javascript",
    }.items():
        status, headers, body = server.get(path)
        assert status == 200
        assert headers["content-type"].startswith(kind)
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert body
    assert server.get("/no-such-page")[0] == 404


def test_the_script_is_sent_compressed_and_not_twice(server: Server) -> None:
    whole = server.get("/mesoguide.js")[2]
    packed = urllib.request.Request(
        f"{server.url}/mesoguide.js", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(packed, timeout=60) as answer:
        assert gzip.decompress(answer.read()) == whole
        tag = answer.headers["ETag"]
    known = urllib.request.Request(f"{server.url}/mesoguide.js", headers={"If-None-Match": tag})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(known, timeout=60)


def test_rasas_own_http_api_is_closed(server: Server) -> None:
    assert server.get("/conversations/anyone/tracker")[0] == 404
    assert server.get("/domain")[0] == 404


def test_a_page_elsewhere_may_not_read_answers(server: Server) -> None:
    body = json.dumps({"sender": server.sender, "message": "hi"}).encode()
    headers = {"Origin": "http://elsewhere.example", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/webhooks/rest/webhook", body, headers)
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(request, timeout=60)
    assert "Access-Control-Allow-Origin" not in refused.value.headers
    refused.value.close()


def test_socket_io_delivers_every_answer(server: Server) -> None:
    session = secrets.token_hex(16)
    with socketio.SimpleClient() as client:
        client.connect(server.url, transports=["polling"])
        client.emit("session_request", {"session_id": session})
        assert client.receive(timeout=10) == ["session_confirm", session]
        client.emit("user_uttered", {"message": "what is mesothelioma?", "session_id": session})
        received: dict[str, str] = {}
        while "topic" not in received:
            event, received = client.receive(timeout=20)
            assert event == "bot_uttered"
        assert received["topic"] == "what_is_mesothelioma"


def test_socket_io_refuses_a_session_id_that_could_be_guessed(server: Server) -> None:
    with socketio.SimpleClient() as client:
        client.connect(server.url, transports=["polling"])
        client.emit("session_request", {"session_id": "1"})
        _, confirmed = client.receive(timeout=10)
        assert len(confirmed) == 32


def test_the_safety_protocol_is_a_page(server: Server, knowledge: Knowledge) -> None:
    status, headers, body = server.get("/safety")
    page = body.decode()
    assert status == 200
    assert "text/html" in headers["content-type"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "<script" not in page
    assert "It is no triage" in page
    for sign in knowledge.protocol.signs:
        assert f"<strong>{sign.name.capitalize()}</strong>" in page


def test_alarms_can_be_counted_on_the_machine_itself(server: Server) -> None:
    server.say("my chest hurts so much and i am sweating")
    server.say("can opdivo cause chest pain?")
    status, _, body = server.get("/metrics")
    counts = body.decode()
    assert status == 200
    alarms = 'mesoguide_safety_alarms_total{channel="rest",level="red",sign="chest pain"}'
    assert alarms in counts
    assert "mesoguide_safety_near_misses_total" in counts
    assert "opdivo" not in counts
    assert "safety alarm level=red sign='chest pain' channel=rest" in server.log.read_text()


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_counts_are_not_for_those_behind_a_proxy(server: Server, header: str) -> None:
    request = urllib.request.Request(f"{server.url}/metrics", headers={header: "203.0.113.7"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    refused.value.close()
    assert refused.value.code == 404


def test_the_turns_after_an_alarm_stay_aware_of_it(server: Server) -> None:
    server.say("his temperature is 39.1 and he is shivering")
    assert server.say("ok thanks").data["topic"] == "urgent_symptom"
    assert server.say("it's getting worse").data["topic"] == "emergency"
    heard = server.say("what does stage 4 mean")
    assert heard.data["topic"] == "stage_4_meaning"
    assert heard.data["intro"][0].startswith("If you have not called yet")


def test_a_question_beside_a_danger_is_offered_after_it(server: Server) -> None:
    heard = server.say("how often is opdivo given? also my husband can't breathe since an hour")
    assert heard.data["type"] == "safety"
    assert [one["payload"] for one in heard.data["suggestions"]] == ["/how_treatment_is_given"]
