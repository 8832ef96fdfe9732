"""Random conversations through real Rasa, with its own store and with ours: nobody can tell which.

One tiny model is trained for them. Its messages are payloads, which Rasa reads without any NLU.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core import processor
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.model_training import train_core
from rasa.shared.core import events, trackers
from rasa.shared.core.events import ConversationPaused, ConversationResumed, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor

from mesoguide.pipelines import WHILE_TRAINING
from mesoguide.rasa_inside import (
    compile_the_schema,
    remember_event_types,
    without_fail_safe,
)
from mesoguide.storage.bounded import TURNS, BoundedTrackerStore
from mesoguide.storage.order import InOrder

EXPIRES = 60  # minutes
LATER = "later"  # in place of a message: so much time that a new session begins
PAUSE, RESUME = "pause", "resume"  # in place of a message: as another program does over HTTP
DOMAIN = f"""
version: "3.1"
session_config: {{session_expiration_time: {EXPIRES}, carry_over_slots_to_new_session: true}}
intents: [greet, ask, affirm, choose, forget, fail, unsay, hush, book, tell, stop]
entities: [day, topic]
slots:
  topic: {{type: text, mappings: [{{type: from_entity, entity: topic}}]}}
  chosen: {{type: bool, initial_value: false, mappings: [{{type: custom}}]}}
  count: {{type: any, mappings: [{{type: custom}}]}}
  day: {{type: text, influence_conversation: false, mappings: [{{type: from_entity, entity: day}}]}}
forms:
  day_form: {{required_slots: [day]}}
actions: [action_choose, action_forget, action_fail, action_unsay, action_hush, action_booked]
responses:
  utter_hello: [{{text: Hello}}]
  utter_answer: [{{text: "About {{topic}}"}}]
  utter_chosen: [{{text: "You have chosen, {{count}} times"}}]
  utter_yes: [{{text: Yes what}}]
  utter_ask_day: [{{text: Which day}}]
  utter_lost: [{{text: I am lost}}]
  utter_back: [{{text: One step back}}]
  utter_restart: [{{text: From the start}}]
"""
CONFIG = """
recipe: default.v1
assistant_id: same_as_stock
language: en
pipeline: []
policies:
- name: RulePolicy
  enable_fallback_prediction: false
- name: MemoizationPolicy
  max_history: 4
"""
STORIES = """
version: "3.1"
rules:
- {rule: greet, steps: [{intent: greet}, {action: utter_hello}]}
- {rule: choose, steps: [{intent: choose}, {action: action_choose}, {action: utter_chosen}]}
- {rule: forget, steps: [{intent: forget}, {action: action_forget}]}
- {rule: fail, steps: [{intent: fail}, {action: action_fail}, {action: utter_lost}]}
- {rule: unsay, steps: [{intent: unsay}, {action: action_unsay}]}
- {rule: hush, steps: [{intent: hush}, {action: action_hush}]}
- rule: ask when nothing is chosen
  condition: [{slot_was_set: [{chosen: false}]}]
  steps: [{intent: ask}, {action: utter_answer}]
- rule: ask when something is chosen
  condition: [{slot_was_set: [{chosen: true}]}]
  steps: [{intent: ask}, {action: utter_chosen}]
- {rule: book, steps: [{intent: book}, {action: day_form}, {active_loop: day_form}]}
- rule: booked
  condition: [{active_loop: day_form}]
  steps: [{action: day_form}, {active_loop: null}, {action: action_booked}]
- rule: stop
  condition: [{active_loop: day_form}]
  steps: [{intent: stop}, {action: action_deactivate_loop}, {active_loop: null}]
- {rule: tell, steps: [{intent: tell}, {action: utter_hello}]}
stories:
- story: as the rules
  steps: [{intent: greet}, {action: utter_hello}, {intent: tell}, {action: utter_hello}]
- story: what no rule knows
  steps: [{intent: greet}, {action: utter_hello}, {intent: affirm}, {action: utter_yes}]
"""
MESSAGES = [
    "/greet",
    "/ask",
    '/ask{"topic": "staging"}',
    '/ask{"topic": "costs"}',
    "/choose",
    "/forget",
    "/fail",
    "/book",
    "/tell",
    '/tell{"day": "monday"}',
    "/stop",
    "/restart",
    "/session_start",
]
TAKING_BACK = ["/back", "/unsay"]
SILENCING = ["/hush", PAUSE, RESUME]


class Choose(Action):
    def name(self) -> str:
        return "action_choose"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        count = (tracker.get_slot("count") or {"n": 0})["n"] + 1
        dispatcher.utter_message(text=f"Chosen {count}")
        return [slot("chosen", True), slot("count", {"n": count, "said": ["é", None]})]


class Forget(Action):
    def name(self) -> str:
        return "action_forget"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        return [slot("chosen", None), slot("topic", None)]


class Fail(Action):
    def name(self) -> str:
        return "action_fail"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        raise OSError("out of order")


class Unsay(Action):
    def name(self) -> str:
        return "action_unsay"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="That was not said")
        return [{"event": "rewind"}]


class Hush(Action):
    def name(self) -> str:
        return "action_hush"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        return [{"event": "pause"}]


class Booked(Action):
    def name(self) -> str:
        return "action_booked"

    async def run(self, dispatcher: Any, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=f"Booked on {tracker.get_slot('day')}")
        return [slot("day", None)]


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


class Actions(EndpointConfig):
    """The actions above, without a server."""

    def __init__(self) -> None:
        super().__init__(url="in-process://tests")
        self._executor = ActionExecutor()
        for action in (Choose, Forget, Fail, Unsay, Hush, Booked):
            self._executor.register_action(action)

    async def request(self, *_: Any, **call: Any) -> Any:
        return await self._executor.run(json.loads(json.dumps(call["json"])))


class Clock:
    """Each look at it takes a millisecond, so that no two events have the same time."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0

    def time(self) -> float:
        self._now += 0.001
        return self._now

    def wait(self) -> None:
        self._now += 2 * 60 * EXPIRES


@dataclass(frozen=True)
class Side:
    """One agent with its store."""

    agent: Agent
    store: TrackerStore

    async def hear(self, sender: str, step: str) -> list[Any]:
        """What is answered."""
        self.agent.tracker_store = self.agent.processor.tracker_store = self.store
        channel = CollectingOutputChannel()
        if step in (PAUSE, RESUME):
            tracker = await self.agent.processor.fetch_tracker_with_initial_session(sender)
            event = ConversationPaused() if step == PAUSE else ConversationResumed()
            tracker.update(event, self.agent.domain)
            await self.agent.processor.save_tracker(tracker)
        else:
            message = UserMessage(step, channel, sender, message_id="id", metadata={"of": "test"})
            await self.agent.handle_message(message)
        return list(channel.messages)

    async def state(self, sender: str) -> dict[str, Any]:
        tracker = await self.store.retrieve(sender)
        if tracker is None:
            return {}
        state = tracker.current_state()
        left_out = ("events", "latest_event_time")
        return {
            **{name: state[name] for name in state if name not in left_out},
            "were_set": {name: one.has_been_set for name, one in tracker.slots.items()},
        }

    async def history(self, sender: str) -> list[dict[str, Any]]:
        tracker = await self.store.retrieve_full_tracker(sender)
        return carried_over_once(tracker) if tracker else []


def carried_over_once(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """All events without their times.

    A new session begins with the slots of the one before. Rasa repeats every event that ever set
    one; what counts is the last for each.
    """
    found: list[dict[str, Any]] = []
    carried: dict[str, Any] | None = None
    for event in tracker.events:
        now = {name: value for name, value in event.as_dict().items() if name != "timestamp"}
        if carried is not None and now["event"] == "slot":
            carried[now["name"]] = now["value"]
            continue
        if carried:
            found.append({"event": "carried over", "slots": carried})
        carried = {} if now["event"] == "session_started" else None
        found.append(now)
    return found


@pytest.fixture(scope="module", autouse=True)
def _as_served() -> Iterator[None]:
    """Rasa with the changes of `mesoguide serve`, which make it quick; undone afterwards."""
    with pytest.MonkeyPatch.context() as undo:
        for owner, name in (
            (RemoteAction, "_validate_action_result"),
            (Event, "resolve_by_type"),
        ):
            undo.setattr(owner, name, owner.__dict__[name])
        compile_the_schema()
        remember_event_types()
        yield


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    folder = tmp_path_factory.mktemp("model")
    for name, text in (("domain", DOMAIN), ("config", CONFIG), ("stories", STORIES)):
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    files = [str(folder / f"{name}.yml") for name in ("domain", "config", "stories")]
    with mock.patch.dict(os.environ, WHILE_TRAINING), redirect_stdout(StringIO()):
        model = train_core(*files, str(folder))
    assert model is not None
    agent = Agent.load(model, lock_store=InOrder(), action_endpoint=Actions())
    without_fail_safe(agent)
    return agent


@dataclass(frozen=True)
class Both:
    """The same conversation with Rasa's own store and with ours."""

    stock: Side
    ours: Side
    clock: Clock

    async def talk(self, steps: list[str]) -> list[Any]:
        """Go through the steps; after each the two must be the same. What was answered to each."""
        sender, answers = uuid.uuid4().hex, []
        for number, step in enumerate(steps):
            if step == LATER:
                self.clock.wait()
                answers.append([])
                continue
            after = f"after {steps[: number + 1]}"
            answers.append(await self.ours.hear(sender, step))
            assert answers[-1] == await self.stock.hear(sender, step), after
            assert await self.ours.state(sender) == await self.stock.state(sender), after
        assert await self.ours.history(sender) == await self.stock.history(sender)
        return answers


@pytest.fixture
def both(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    clock = Clock()
    for module in (processor, events, trackers):
        monkeypatch.setattr(module, "time", clock)
    stores = SQLTrackerStore(agent.domain, db=""), BoundedTrackerStore(agent.domain, db="")
    yield Both(Side(agent, stores[0]), Side(agent, stores[1]), clock)
    for store in stores:
        store.engine.dispose()


RANDOMLY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)


def conversations(*steps: str) -> st.SearchStrategy[list[str]]:
    """Longer than what a turn reads."""
    return st.lists(st.sampled_from(steps), min_size=2 * TURNS + 2, max_size=30)


@RANDOMLY
@given(steps=conversations(*MESSAGES))
async def test_what_people_say(both: Both, steps: list[str]) -> None:
    await both.talk(steps)


@RANDOMLY
@given(steps=conversations(*MESSAGES, *TAKING_BACK))
async def test_what_people_say_and_take_back(both: Both, steps: list[str]) -> None:
    await both.talk(steps)


@RANDOMLY
@given(steps=conversations(*MESSAGES, *SILENCING))
async def test_what_people_say_to_nobody(both: Both, steps: list[str]) -> None:
    await both.talk(steps)


@RANDOMLY
@given(steps=conversations(*MESSAGES, LATER))
async def test_what_people_say_later(both: Both, steps: list[str]) -> None:
    await both.talk(steps)


async def test_a_story_goes_on_after_turns_that_only_rules_know(both: Both) -> None:
    """Rasa's policies that learn from stories do not see these turns at all.

    Ours reads TURNS turns back, so after more of them the story is over; see the store.
    """
    *_, answer = await both.talk(["/greet", *["/ask"] * (TURNS - 1), "/affirm"])
    assert answer == [{"recipient_id": mock.ANY, "text": "Yes what"}]


async def test_a_restart_ends_a_long_silence(both: Both) -> None:
    said = ["/greet"] * (TURNS + 1)
    *_, restart, greeting = await both.talk([*said, PAUSE, *said, "/restart", "/greet"])
    assert [one["text"] for one in (*restart, *greeting)] == ["From the start", "Hello"]


async def test_a_silence_that_an_action_began(both: Both) -> None:
    said = ["/greet"] * (TURNS + 1)
    *_, silence, _, _ = await both.talk([*said, "/hush", *said, RESUME, "/greet"])
    assert silence == []


async def test_a_step_back_after_a_long_silence(both: Both) -> None:
    said = ["/greet"] * (TURNS + 2)
    *_, back, _ = await both.talk([*said, PAUSE, *said, RESUME, "/back", "/greet"])
    assert [one["text"] for one in back] == ["One step back"]
