"""What reaches into Rasa: Rasa is still what it was written for, and nothing else is changed."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.events import Event, SlotSet, deserialise_events
from rasa.shared.utils.common import all_subclasses

from mesoguide import paths
from mesoguide.rasa_inside import (
    NEED_TENSORFLOW,
    compile_the_schema,
    remember_event_types,
    without_fail_safe,
)
from mesoguide.storage.order import InOrder

LIMIT = 120  # seconds for a program of its own
# Which file replaces or relies on what code of Rasa 3.6.21, and the digest of that code.
WRITTEN_FOR = {
    "mesoguide/rasa_inside.py": {
        "rasa.core.actions.action:RemoteAction._validate_action_result": "b6cd4cd8707c08a2",
        "rasa.core.actions.action:RemoteAction.action_response_format_spec": "181d4a1fa039ba79",
        "rasa.shared.core.events:Event.resolve_by_type": "729eef3a4e29ff40",
        "rasa.shared.core.events:Event.from_parameters": "bafddb8edc939e22",
        "rasa.core.agent:Agent._create_tracker_store": "3eeff045ed31e8a2",
        "rasa.core.agent:Agent.load_model": "bc99294dd00cd467",
        "rasa.core.tracker_store:FailSafeTrackerStore": "1229197a014972ef",
    },
    "mesoguide/storage/bounded.py": {
        "rasa.core.tracker_store:SQLTrackerStore": "701504ba5ac49d4f",
        "rasa.core.tracker_store:TrackerStore.get_or_create_tracker": "ae6d72f3cbbe235f",
        "rasa.core.tracker_store:TrackerStore.create_tracker": "d9dc23215cf3fd6e",
        "rasa.core.tracker_store:TrackerStore._stream_new_events": "dc9e7fe7c7fa098e",
        "rasa.core.processor:MessageProcessor.handle_message": "124f9bb5152919e5",
        "rasa.core.actions.action:ActionSessionStart": "f0c5b1363242f26f",
        "rasa.shared.core.trackers:DialogueStateTracker.applied_events": "8bb2b3b3bc14f101",
        "rasa.shared.core.events:deserialise_events": "aee6a5a32ed39204",
    },
    "mesoguide/storage/order.py": {
        "rasa.core.lock_store:LockStore.lock": "7c1a99bd223a3364",
        "rasa.core.lock_store:_load_from_module_name_in_endpoint_config": "d4750e80f5d125f1",
        "rasa.core.agent:Agent.handle_message": "e2f168d09d5483f0",
    },
    "mesoguide/in_process.py": {
        "rasa.core.actions.action:RemoteAction.run": "ed27415fa478f75e",
        "rasa.utils.endpoints:EndpointConfig.request": "7692239c9c8eb9f2",
    },
    "mesoguide/server.py": {
        "rasa.core.run:load_agent_on_start": "ceb87009f70250e9",
    },
}


def code_of(name: str) -> str:
    """The code of "module:Class.function" in its file, whatever was put in its place meanwhile."""
    module, _, inside = name.partition(":")
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None, name
    node: Any = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    for part in inside.split("."):
        node = next((one for one in node.body if getattr(one, "name", None) == part), None)
        assert node is not None, f"Rasa has no {name} any more"
    return ast.unparse(node)


@pytest.mark.parametrize(
    ("file", "name", "digest"),
    [(file, name, one) for file, names in WRITTEN_FOR.items() for name, one in names.items()],
)
def test_rasa_is_what_it_was_written_for(file: str, name: str, digest: str) -> None:
    found = sha256(code_of(name).encode()).hexdigest()[:16]
    assert found == digest, (
        f"Rasa's {name} is no longer what {file} was written for. Look at what changed in it and "
        f"whether {file} still holds, run benchmarks/inside.py again, then put {found} here."
    )


def test_the_columns_of_rasas_table() -> None:
    columns = [(one.name, str(one.type)) for one in SQLTrackerStore.SQLEvent.__table__.columns]
    assert columns == [
        ("id", "INTEGER"),
        ("sender_id", "VARCHAR(255)"),
        ("type_name", "VARCHAR(255)"),
        ("timestamp", "FLOAT"),
        ("intent_name", "VARCHAR(255)"),
        ("action_name", "VARCHAR(255)"),
        ("data", "TEXT"),
    ], "look at _row in mesoguide/storage/bounded.py"


def test_the_lock_is_called_as_rasas_own() -> None:
    ours, rasas = (inspect.signature(one.lock).parameters for one in (InOrder, LockStore))
    assert [(name, one.default) for name, one in ours.items()] == [
        (name, one.default) for name, one in rasas.items()
    ]


@pytest.fixture
def rasa_restored() -> Iterator[None]:
    """Whatever a test changes in Rasa is undone after it."""
    with pytest.MonkeyPatch.context() as undo:
        for owner, name in ((RemoteAction, "_validate_action_result"), (Event, "resolve_by_type")):
            undo.setattr(owner, name, owner.__dict__[name])
        yield


TEXT = "what was typed concerns nobody else"
USER = {"event": "user", "text": TEXT, "input_channel": None, "message_id": "1", "metadata": {}}
USER["parse_data"] = {"intent": {"name": "tell", "confidence": 0.5}, "entities": [], "text": TEXT}
GOOD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "no answers": {"responses": [], "events": []},
    "text": {"responses": [{"text": "Hello"}], "events": []},
    "data": {"responses": [{"custom": {"data": {"a": [1, None]}}}], "events": []},
    "anything beside": {"responses": [], "more": [1, {"a": "b"}]},
    "a slot": {"events": [{"event": "slot", "name": "topic", "value": None, "timestamp": 1.5}]},
    "a slot with data": {"events": [{"event": "slot", "name": "topic", "value": {"a": [1]}}]},
    "a message": {"events": [USER]},
    "a rewind": {"events": [{"event": "rewind", "timestamp": None}, {"event": "undo"}]},
    "a form": {"events": [{"event": "active_loop", "name": None}]},
    "a pause": {"events": [{"event": "pause", "metadata": {"by": "us"}}, {"event": "resume"}]},
    "an action": {"events": [{"event": "action", "name": "utter_hello", "policy": None}]},
    "a follow-up": {"events": [{"event": "followup", "name": "utter_hello"}]},
}
BAD: dict[str, Any] = {
    "a list": [],
    "a text": TEXT,
    "no object": None,
    "answers that are no list": {"responses": {"text": TEXT}},
    "an answer that is text": {"responses": [TEXT]},
    "events that are no list": {"events": {"event": "slot", "name": "a", "value": TEXT}},
    "an event that is text": {"events": [TEXT]},
    "an event without a type": {"events": [{"name": "topic", "value": TEXT}]},
    "an unknown event": {"events": [{"event": "nonsense", "text": TEXT}]},
    "a slot without a name": {"events": [{"event": "slot", "value": TEXT}]},
    "a time that is text": {"events": [{"event": "rewind", "timestamp": TEXT}]},
    "metadata that is text": {"events": [{"event": "rewind", "metadata": TEXT}]},
}
Check = Callable[[RemoteAction, Any], bool]


@pytest.fixture
def checks(rasa_restored: None) -> tuple[Check, Check]:
    """Rasa's own, and the compiled one."""
    rasas = RemoteAction._validate_action_result
    compile_the_schema()
    ours = RemoteAction._validate_action_result
    assert ours is not rasas
    return rasas, ours


def accepts(check: Check, answer: Any) -> bool:
    try:
        return check(RemoteAction("action_topic", None), answer)
    except ValidationError:
        return False


class TestAnswersOfActions:
    @pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD.keys())
    def test_a_good_one_passes(self, checks: tuple[Check, Check], answer: Any) -> None:
        assert [accepts(check, answer) for check in checks] == [True, True]

    @pytest.mark.parametrize("answer", BAD.values(), ids=BAD.keys())
    def test_a_bad_one_does_not(self, checks: tuple[Check, Check], answer: Any) -> None:
        assert [accepts(check, answer) for check in checks] == [False, False]

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(data=st.data())
    def test_any_other_as_rasa_does(self, checks: tuple[Check, Check], data: st.DataObject) -> None:
        answer = damaged(data)
        rasas, ours = (accepts(check, answer) for check in checks)
        assert ours == rasas

    @pytest.mark.parametrize("answer", BAD.values(), ids=BAD.keys())
    def test_the_error_names_the_action_and_quotes_nothing(
        self, checks: tuple[Check, Check], answer: Any
    ) -> None:
        """Rasa logs it, and an answer may hold what was typed."""
        _, ours = checks
        with pytest.raises(ValidationError) as caught:
            ours(RemoteAction("action_topic", None), answer)
        assert "action_topic" in str(caught.value)
        assert TEXT not in str(caught.value)


JUNK = (None, True, 0, -1.5, "", "text", [], {}, [None], [{}], {"event": "slot"}, {"name": "a"})


def damaged(data: st.DataObject) -> Any:
    """A good answer in which up to three values are something else, are gone or are new."""
    answer: Any = copy.deepcopy(GOOD[data.draw(st.sampled_from(sorted(GOOD)))])
    for _ in range(data.draw(st.integers(1, 3))):
        owners = list(containers(answer))
        owner = owners[data.draw(st.integers(0, len(owners) - 1))]
        value = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
        if isinstance(owner, list):
            owner.insert(data.draw(st.integers(0, len(owner))), value)
            continue
        names = sorted({*owner, "event", "name", "timestamp", "metadata", "events", "responses"})
        name = data.draw(st.sampled_from(names))
        if data.draw(st.booleans()):
            owner[name] = value
        else:
            owner.pop(name, None)
    return answer


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from containers(one)


def found_by(resolve: Callable[..., Any], *arguments: Any) -> Any:
    """The class, or what is said when there is none."""
    try:
        return resolve(*arguments)
    except ValueError as error:
        return str(error)


class TestTypesOfEvents:
    def test_each_name_means_what_it_meant(self, rasa_restored: None) -> None:
        names = [kind.type_name for kind in all_subclasses(Event)]
        names += ["topic", "nonsense", "", "Slot", None]
        calls = [(name, *default) for name in names for default in ((), (None,), (SlotSet,))]
        rasas = [found_by(Event.resolve_by_type, *call) for call in calls]
        remember_event_types()
        for _ in range(2):  # the second time from memory
            assert [found_by(Event.resolve_by_type, *call) for call in calls] == rasas
        assert Event.resolve_by_type.cache_info().hits > 0
        assert SlotSet in rasas

    def test_events_are_read_by_it(self, rasa_restored: None) -> None:
        remember_event_types()
        written = {"event": "slot", "name": "topic", "value": "staging"}
        assert deserialise_events([written, written]) == [SlotSet("topic", "staging")] * 2
        assert Event.resolve_by_type.cache_info().hits > 0

    def test_it_is_done_once(self, rasa_restored: None) -> None:
        remember_event_types()
        first = Event.resolve_by_type
        remember_event_types()
        assert Event.resolve_by_type is first


def run(program: str, *arguments: str) -> Any:
    """What a program of its own prints as JSON on its last line."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


WITHOUT_TENSORFLOW = """
import ast, asyncio, inspect, json, sys
from pathlib import Path
from mesoguide.rasa_inside import keep_tensorflow_out, without_fail_safe
found = {"out": keep_tensorflow_out(["RulePolicy", "CountVectorsFeaturizer"])}

import rasa.core.run, rasa.engine.recipes.default_components
import mesoguide.nlu.safety_gate
from rasa.core.agent import Agent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.model_training import train_core
from mesoguide.storage.bounded import BoundedTrackerStore

folder = Path(sys.argv[1])
files = [str(folder / f"{name}.yml") for name in ("domain", "config", "rules")]
model = train_core(*files, str(folder))
agent = Agent.load(model, tracker_store=BoundedTrackerStore(db=""))
store = agent.tracker_store

async def say(text):
    try:
        return await agent.handle_text(text, sender_id="someone")
    except Exception as error:
        return type(error).__name__

def stores():
    return [type(one.tracker_store).__name__ for one in (agent, agent.processor)]

async def talk():
    found["answer"] = await say("/greet")
    store._tracker_store.engine.execute("DROP TABLE events")
    found["with it"] = [stores(), await say("/greet")]
    without_fail_safe(agent)
    found["without it"] = [stores(), await say("/greet")]
    without_fail_safe(agent)
    found["twice"] = stores()

asyncio.run(talk())

def imported(module):
    for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)

def needs_tensorflow(kind):
    modules = [one.__module__ for one in kind.__mro__ if one.__module__.startswith("rasa.")]
    names = {name for module in modules for name in imported(module)}
    packages = {name.partition(".")[0] for name in names}
    return bool({"tensorflow", "keras"} & packages or "rasa.utils.tensorflow.models" in names)

registered = DefaultV1Recipe._registered_components
found["need it"] = [name for name, one in registered.items() if needs_tensorflow(one.clazz)]
found["registered"] = list(registered)
ours = {name: module for name, module in sys.modules.items()
        if name.partition(".")[0] in ("tensorflow", "keras")}
found["stand-ins"] = sorted(ours)
found["real"] = [name for name, module in ours.items() if getattr(module, "__file__", None)]
found["again"] = keep_tensorflow_out([])
print(json.dumps(found))
"""
FILES = {
    "domain": """
        version: "3.1"
        intents: [greet]
        responses: {utter_hello: [{text: Hello}]}
    """,
    "config": """
        recipe: default.v1
        assistant_id: without_tensorflow
        language: en
        pipeline: []
        policies: [{name: MemoizationPolicy}, {name: RulePolicy}]
    """,
    "rules": """
        version: "3.1"
        rules: [{rule: greet, steps: [{intent: greet}, {action: utter_hello}]}]
    """,
}


@pytest.fixture(scope="module")
def without_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program found in which it was kept out, a model was trained and somebody answered."""
    folder = tmp_path_factory.mktemp("without")
    for name, text in FILES.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return dict(run(WITHOUT_TENSORFLOW, str(folder)))


class TestWithoutTensorFlow:
    def test_rasa_trains_and_answers_without_it(self, without_tensorflow: dict[str, Any]) -> None:
        assert without_tensorflow["out"] is True
        assert without_tensorflow["again"] is True
        assert without_tensorflow["answer"] == [{"recipient_id": "someone", "text": "Hello"}]
        assert "tensorflow" in without_tensorflow["stand-ins"]
        assert without_tensorflow["real"] == []

    def test_the_components_that_need_it_are_known(
        self, without_tensorflow: dict[str, Any]
    ) -> None:
        assert "DIETClassifier" in without_tensorflow["need it"]
        assert set(without_tensorflow["need it"]) <= set(NEED_TENSORFLOW)
        assert set(NEED_TENSORFLOW) <= set(without_tensorflow["registered"])

    @pytest.mark.parametrize("name", [*NEED_TENSORFLOW, "its module"])
    def test_it_stays_for_a_component_that_needs_it(self, name: str) -> None:
        if name == "its module":  # Rasa knows its own components by either name
            name = "rasa.nlu.classifiers.diet_classifier.DIETClassifier"
        program = f"""
import json, sys
from mesoguide.rasa_inside import keep_tensorflow_out
before = list(sys.meta_path)
out = keep_tensorflow_out(["WhitespaceTokenizer", {name!r}])
print(json.dumps([out, sys.meta_path == before]))
"""
        assert run(program) == [False, True]

    def test_it_stays_when_it_is_in_already(self) -> None:
        program = """
import json, sys, types
from mesoguide.rasa_inside import keep_tensorflow_out
sys.modules["tensorflow"] = types.ModuleType("tensorflow")
before = list(sys.meta_path)
out = keep_tensorflow_out([])
print(json.dumps([out, sys.meta_path == before]))
"""
        assert run(program) == [False, True]


class TestWithoutFailSafe:
    def test_an_error_of_the_database_is_one(self, without_tensorflow: dict[str, Any]) -> None:
        wrapped, answered = without_tensorflow["with it"]
        assert wrapped == ["FailSafeTrackerStore"] * 2
        assert answered == [{"recipient_id": "someone", "text": "Hello"}]  # and all is forgotten
        unwrapped, error = without_tensorflow["without it"]
        assert unwrapped == ["BoundedTrackerStore"] * 2
        assert error == "OperationalError"

    def test_twice_is_as_once(self, without_tensorflow: dict[str, Any]) -> None:
        assert without_tensorflow["twice"] == ["BoundedTrackerStore"] * 2


UNTOUCHED = """
import json, sys
before = list(sys.meta_path)
import rasa
import mesoguide.action_server, mesoguide.channels.socket, mesoguide.channels.web, mesoguide.server
import mesoguide.storage.bounded, mesoguide.storage.order, mesoguide.nlu.safety_gate
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event
print(json.dumps({
    "check": RemoteAction._validate_action_result.__module__,
    "types": [Event.resolve_by_type.__module__, hasattr(Event.resolve_by_type, "cache_info")],
    "indexes": sorted(one.name for one in SQLTrackerStore.SQLEvent.__table__.indexes),
    "tables": sorted(SQLTrackerStore.Base.metadata.tables),
    "finders": [type(one).__name__ for one in sys.meta_path if one not in before],
    "tensorflow": bool(getattr(sys.modules["tensorflow"], "__file__", None)),
}))
"""


def test_rasa_itself_is_not_touched_by_an_import() -> None:
    found = run(UNTOUCHED)
    assert found["check"] == "rasa.core.actions.action"
    assert found["types"] == ["rasa.shared.core.events", False]
    assert found["indexes"] == ["ix_events_sender_id"]
    assert found["tables"] == ["events"]
    assert "_InPlaceOfTensorFlow" not in found["finders"]
    assert found["tensorflow"] is True


def test_an_agent_without_a_model_is_unwrapped_too() -> None:
    agent = Agent()
    without_fail_safe(agent)
    assert not isinstance(agent.tracker_store, FailSafeTrackerStore)
