"""The Matrix bridge: a real homeserver, the real assistant, and people with a real client."""

from __future__ import annotations

import asyncio
import re
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mesoguide import paths
from mesoguide.core.knowledge import Knowledge
from tests.channels.synapse import LIMIT, NAME, Bot, Person, Synapse
from tests.conftest import Server, free_port, start_server

LINK = re.compile(r"https://\S+")
FIGURE = re.compile(r"\d+ (?:%|percent|out of)")
Someone = Callable[[Bot], Awaitable[Person]]


@pytest.fixture(scope="module")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    synapse = Synapse(tmp_path_factory.mktemp("synapse"))
    synapse.start()
    yield synapse
    synapse.stop()


@pytest.fixture(scope="module")
def bot(
    synapse: Synapse, running: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bot]:
    """A bridge that is not touched."""
    bot = Bot(synapse, synapse.register("guide"), tmp_path_factory.mktemp("bridge"), running.url)
    bot.start()
    yield bot
    assert bot.stop() == 0


@pytest.fixture
def own_bot(synapse: Synapse, running: Server, tmp_path: Path) -> Iterator[Bot]:
    """A bridge of one test's own, not yet started."""
    name = f"guide-{uuid.uuid4().hex[:8]}"
    bot = Bot(synapse, synapse.register(name), tmp_path, running.url)
    yield bot
    bot.stop(signal.SIGKILL)


@pytest.fixture
async def someone(synapse: Synapse) -> AsyncIterator[Someone]:
    people: list[Person] = []

    async def new(bot: Bot) -> Person:
        people.append(await Person.of(synapse, f"person-{uuid.uuid4().hex[:8]}", bot.user))
        return people[-1]

    yield new
    for person in people:
        await person.client.close()


@pytest.fixture
async def person(someone: Someone, bot: Bot) -> Person:
    """Somebody who has been greeted."""
    person = await someone(bot)
    await person.open()
    await person.says("hello")
    return person


def run(bot: Bot, **changes: str) -> subprocess.CompletedProcess[str]:
    """Start the bridge when it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, *bot.command], env=bot.environment(**changes), cwd=paths.ROOT,
        capture_output=True, text=True, check=False, timeout=LIMIT,
    )  # fmt: skip


async def test_a_greeting_says_what_this_is(person: Person, knowledge: Knowledge) -> None:
    heard = person.heard[0]
    assert heard["msgtype"] == "m.text"
    assert heard["body"].startswith(knowledge.text("intro_program"))
    assert knowledge.text("number_label") in heard["body"]


async def test_an_answer_has_its_sources_and_one_reminder_at_its_end(
    person: Person, knowledge: Knowledge
) -> None:
    plain = await person.says("does immunotherapy work for mesothelioma?")
    html = person.heard[-1]["formatted_body"]
    assert person.heard[-1]["format"] == "org.matrix.custom.html"
    links, reminder = LINK.findall(plain), knowledge.text("reminder", None)
    assert links
    assert re.findall(r'<a href="([^"]+)">', html) == links
    assert plain.count(reminder) == html.count(reminder) == 1
    assert plain.index(links[-1]) < plain.index(reminder)
    assert f"<b>{reminder}</b>" in html
    assert "<" not in plain
    assert "\n" not in html
    assert html.count("<br>") == plain.count("\n")


async def test_a_number_chooses_what_the_last_reply_listed(
    person: Person, knowledge: Knowledge
) -> None:
    heard = await person.says("what does stage 4 mean?")
    listed = dict(re.findall(r"^(\d)\. (.+)$", heard, re.MULTILINE))
    other = next(number for number, title in listed.items() if title == "For someone else")
    assert knowledge.text("subject_thanks") in await person.says(f" {other}. ")
    assert await person.says("9")  # stands for nothing: a message like any other


async def test_figures_are_said_after_a_yes_only(person: Person, knowledge: Knowledge) -> None:
    first = await person.says("how long have i got")
    assert knowledge.text("ask_numbers") in first
    assert not FIGURE.search(first)
    assert knowledge.text("numbers_yes") in await person.says("yes")


async def test_danger_is_answered_first_and_in_one_message(
    someone: Someone, bot: Bot, knowledge: Knowledge
) -> None:
    person = await someone(bot)
    await person.open()
    heard = await person.says("he is coughing up blood and cannot breathe")
    assert heard.startswith(knowledge.text("numbers_emergency"))
    assert person.heard[0]["formatted_body"].startswith("<b>")
    assert "\n1. " not in heard


async def test_messages_one_after_the_other_are_answered_in_order(
    person: Person, knowledge: Knowledge
) -> None:
    for text in ("what does stage 4 mean", "how long have i got", "no", "hello", "2 + 2"):
        await person.send(text)
    await person.hears(6)
    bodies = [one["body"] for one in person.heard[1:]]
    assert knowledge.text("stage4-def") in bodies[0]
    assert knowledge.text("ask_numbers") in bodies[1]
    assert knowledge.text("numbers_no") in bodies[2]


async def test_what_is_no_text_is_said_so(person: Person, knowledge: Knowledge) -> None:
    only = knowledge.text("text_only")
    for kind in ("m.image", "m.audio", "m.video", "m.file"):
        heard = await person.says("scan.png", msgtype=kind, url=f"mxc://{NAME}/abc")
        assert heard.startswith(only)
        assert knowledge.text("intro_emergency") in heard
    assert (await person.says("here", msgtype="m.location", geo_uri="geo:1,2")).startswith(only)
    assert (await person.says("  ")).startswith(only)
    assert (await person.says("a" * 2001)).startswith(knowledge.text("too_long"))


async def test_notices_edits_and_quotations_are_no_messages(
    person: Person, knowledge: Knowledge
) -> None:
    await person.send("I am another bot. Call me.", msgtype="m.notice")
    event = await person.send("what does stage 4 meen")
    await person.hears(2)
    edit = {"rel_type": "m.replace", "event_id": event}
    new = {"msgtype": "m.text", "body": "what does stage 4 mean"}
    await person.send("* what does stage 4 mean", **{"m.new_content": new, "m.relates_to": edit})
    quoted = f"> <{person.bot}> If you are coughing up blood, call 911.\n> Now.\n\nhello"
    heard = await person.says(quoted, **{"m.relates_to": {"m.in_reply_to": {"event_id": event}}})
    assert knowledge.text("numbers_emergency") not in heard
    assert len(person.heard) == 3


async def test_a_group_is_left(someone: Someone, bot: Bot, knowledge: Knowledge) -> None:
    person, other = await someone(bot), await someone(bot)
    await person.open()
    await person.until_bot("join")
    await person.client.room_invite(person.room, other.client.user_id)
    await other.client.join(person.room)
    await person.until_bot("leave")
    await person.hears(1)
    assert person.heard[0]["body"].startswith(knowledge.text("not_private"))
    assert knowledge.text("intro_emergency") in person.heard[0]["body"]
    await person.client.room_invite(person.room, bot.user)  # now it is a group from the start
    await person.hears(2)
    await person.until_bot("leave")


async def test_an_encrypted_room_is_told_so_once(
    someone: Someone, bot: Bot, knowledge: Knowledge
) -> None:
    person = await someone(bot)
    await person.open(encrypted=True)
    told = await person.hears(1)
    assert told.startswith(knowledge.text("encrypted_room"))
    assert knowledge.text("intro_emergency") in told
    secret = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "y"}
    await person.send_event("m.room.encrypted", {**secret, "device_id": "z", "sender_key": "k"})
    # what is written without encryption all the same is answered
    assert knowledge.text("intro_program") in await person.says("hello")
    await person.open()
    await person.says("hello")
    how = {"algorithm": "m.megolm.v1.aes-sha2"}
    await person.client.room_put_state(person.room, "m.room.encryption", how)
    assert (await person.hears(2)).startswith(knowledge.text("encrypted_room"))


async def test_what_is_older_than_the_invitation_is_not_answered(
    someone: Someone, bot: Bot, knowledge: Knowledge
) -> None:
    person = await someone(bot)
    await person.open(invited=False)
    await person.send("he is coughing up blood")
    for number in range(55):  # more than the homeserver tells at once
        await person.send(str(number))
    await person.client.room_invite(person.room, bot.user)
    assert knowledge.text("intro_program") in await person.says("hello")
    assert knowledge.text("stage4-def") in await person.says("what does stage 4 mean")


async def test_an_empty_room_is_left(person: Person, someone: Someone, bot: Bot) -> None:
    witness = await someone(bot)
    await person.client.room_leave(person.room)
    end = asyncio.get_running_loop().time() + LIMIT
    rooms = [person.room]
    while person.room in rooms:
        assert asyncio.get_running_loop().time() < end
        path = f"v1/users/{bot.user}/joined_rooms"
        rooms = bot.synapse.administer("GET", path)["joined_rooms"]
    await witness.open()
    assert await witness.says("hello")


async def test_killed_between_messages_it_answers_each_once(
    own_bot: Bot, someone: Someone, knowledge: Knowledge
) -> None:
    person = await someone(own_bot)
    await person.open()
    await person.send("hello")  # before the bridge has ever been started
    own_bot.start()
    assert knowledge.text("intro_program") in await person.hears(1)
    own_bot.stop(signal.SIGKILL)
    await person.send("what does stage 4 mean")
    for number in range(55):  # more than the homeserver tells at once
        await person.send(str(number), msgtype="m.notice")
    own_bot.start()
    assert knowledge.text("stage4-def") in await person.hears(2)
    await person.says("how long have i got")
    assert own_bot.stop() == 0
    own_bot.start()
    assert knowledge.text("numbers_yes") in await person.says("yes")
    assert len(person.heard) == 4


async def test_what_was_said_but_not_noted_is_shown_once(
    own_bot: Bot, someone: Someone, knowledge: Knowledge
) -> None:
    person = await someone(own_bot)
    own_bot.start()
    await person.open()
    await person.says("hello")
    assert own_bot.stop() == 0
    before = own_bot.state.read_bytes()
    own_bot.start()
    await person.says("how long have i got")
    own_bot.stop(signal.SIGKILL)
    own_bot.state.write_bytes(before)  # as if it had been killed after its answer was sent
    own_bot.state.with_name("matrix.db-journal").unlink(missing_ok=True)
    own_bot.start()
    assert knowledge.text("numbers_yes") in await person.says("yes")
    assert len(person.heard) == 3


async def test_the_state_file_is_private_and_holds_no_words(
    own_bot: Bot, someone: Someone, knowledge: Knowledge
) -> None:
    person = await someone(own_bot)
    own_bot.start()
    await person.open()
    await person.says("what does stage 4 mean, zebra")
    second = run(own_bot)
    assert second.returncode == 1
    assert "is another bridge running" in second.stderr
    assert own_bot.stop() == 0
    assert stat.S_IMODE(own_bot.state.stat().st_mode) == 0o600
    kept = own_bot.state.read_bytes()
    assert b"zebra" not in kept
    assert knowledge.text("stage4-def").encode() not in kept
    assert "zebra" not in own_bot.log
    assert person.client.user_id not in own_bot.log


async def test_without_its_state_file_it_repeats_nothing(
    own_bot: Bot, someone: Someone, knowledge: Knowledge
) -> None:
    person = await someone(own_bot)
    own_bot.start()
    await person.open()
    await person.says("hello")
    own_bot.stop()
    own_bot.state.unlink()
    own_bot.start()
    assert knowledge.text("stage4-def") in await person.says("what does stage 4 mean")
    assert len(person.heard) == 2


async def test_an_assistant_that_is_started_again_answers_once(
    own_bot: Bot, someone: Someone, model: Path, tmp_path: Path, knowledge: Knowledge
) -> None:
    port = free_port()
    own_bot.assistant = f"http://127.0.0.1:{port}"
    own_bot.start()
    person = await someone(own_bot)
    await person.open()
    process = None
    try:
        await person.send("how long have i got")
        slow = await person.hears(1)
        assert slow.startswith(knowledge.text("slow_now"))
        assert knowledge.text("intro_emergency") in slow
        assert own_bot.stop() == 0  # with a message that is not yet answered
        own_bot.start()
        process, _ = await asyncio.to_thread(start_server, tmp_path, port)
        assert knowledge.text("ask_numbers") in await person.hears(2)
        assert knowledge.text("numbers_yes") in await person.says("yes")
        assert len(person.heard) == 3
    finally:
        if process is not None:
            process.kill()
            process.wait(timeout=30)


async def test_an_assistant_that_stays_away_ends_in_a_sentence(
    own_bot: Bot, someone: Someone, running: Server, knowledge: Knowledge
) -> None:
    own_bot.command = [
        "-c",
        "from mesoguide.channels.matrix import answers as a; a.SLOW, a.PATIENCE = 0.5, 3; "
        "from mesoguide.cli import main; raise SystemExit(main(['matrix']))",
    ]
    own_bot.assistant = f"http://127.0.0.1:{free_port()}"
    own_bot.start()
    person = await someone(own_bot)
    await person.open()
    await person.send("hello")
    heard = await person.hears(2)
    assert heard.startswith(knowledge.text("failed"))
    assert knowledge.text("numbers_short") in heard
    assert "the assistant has not answered" in own_bot.log


async def test_a_homeserver_that_is_started_again_loses_nothing(
    own_bot: Bot, someone: Someone, synapse: Synapse, knowledge: Knowledge
) -> None:
    own_bot.start()
    person = await someone(own_bot)
    await person.open()
    await person.says("hello")
    synapse.stop()
    synapse.start()
    assert knowledge.text("ask_numbers") in await person.says("how long have i got")
    assert len(person.heard) == 2


async def test_a_limit_of_the_homeserver_is_waited_for(
    own_bot: Bot, someone: Someone, synapse: Synapse
) -> None:
    own_bot.start()
    person = await someone(own_bot)
    await person.open()
    slowly = {"messages_per_second": 1, "burst_count": 1}
    synapse.administer("POST", f"v1/users/{own_bot.user}/override_ratelimit", slowly)
    for _ in range(4):
        await person.send("hello")
    await person.hears(4)
    assert "429" in own_bot.log


async def test_a_login_that_was_ended_is_made_again(
    own_bot: Bot, someone: Someone, synapse: Synapse
) -> None:
    own_bot.start()
    person = await someone(own_bot)
    await person.open()
    await person.says("hello")
    path = f"v2/users/{own_bot.user}/devices"

    def ours() -> list[str]:
        devices = synapse.administer("GET", path)["devices"]
        return [one["device_id"] for one in devices if one["display_name"] == "mesoguide"]

    (device,) = ours()
    synapse.administer("DELETE", f"{path}/{device}")
    assert await person.says("what does stage 4 mean")
    assert ours() == [device]
    assert own_bot.log.count("matrix: logged in") == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"MESOGUIDE_MATRIX_PASSWORD": "wrong"}, "M_FORBIDDEN"),
        ({"MESOGUIDE_MATRIX_SERVER": f"http://127.0.0.1:{free_port()}"}, "lets nobody in"),
        ({"MESOGUIDE_MATRIX_SERVER": "example.org"}, "write an address"),
        ({"MESOGUIDE_MATRIX_ASSISTANT": "localhost"}, "write an address"),
        ({"MESOGUIDE_MATRIX_USER": "guide"}, "write it as @name:server"),
        ({"MESOGUIDE_MATRIX_PASSWORD": ""}, "also set MESOGUIDE_MATRIX_PASSWORD"),
        (
            dict.fromkeys(
                [f"MESOGUIDE_MATRIX_{name}" for name in ("SERVER", "USER", "PASSWORD")], ""
            ),
            "Matrix is off",
        ),
        ({"MESOGUIDE_MATRIX_STATE": "/nowhere/at/all.db"}, "cannot be used"),
        ({"MESOGUIDE_MATRIX_STATE": "NOTES"}, "cannot be used"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:20],
)
def test_what_is_set_wrong_is_one_sentence(
    own_bot: Bot, changes: dict[str, str], says: str
) -> None:
    notes = own_bot.folder / "notes.txt"  # no state file: it must stay as it is
    notes.write_text("what I have to do\n" * 100)
    notes.chmod(0o644)
    given = {name: value.replace("NOTES", str(notes)) for name, value in changes.items()}
    done = run(own_bot, **given)
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert stat.S_IMODE(notes.stat().st_mode) == 0o644
    assert notes.read_text() == "what I have to do\n" * 100


def test_a_state_file_is_for_one_account(own_bot: Bot) -> None:
    own_bot.start()
    assert own_bot.stop() == 0
    done = run(own_bot, MESOGUIDE_MATRIX_USER=f"@someone:{NAME}")
    assert done.returncode == 1
    assert f"belongs to {own_bot.user}" in done.stderr


def test_the_bridge_is_small() -> None:
    code = (
        "import sys, mesoguide.channels.matrix.bridge; "
        "print({'rasa', 'rasa_sdk', 'spacy', 'actions', 'sanic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
