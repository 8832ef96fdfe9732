"""Everything that reaches into Rasa 3.6.21: what is changed, why, and what it was measured to save.

`benchmarks/inside.py` measures it. A test holds each against the source it was written for, so
that a new version of Rasa is looked at before it is used. `rasa train`, `rasa run` and `rasa shell`
are not touched: the changes are made by mesoguide's own commands.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

# Rasa's components that need TensorFlow; all others do not, although Rasa imports it for them too.
NEED_TENSORFLOW = (
    "ConveRTFeaturizer",
    "DIETClassifier",
    "LanguageModelFeaturizer",
    "ResponseSelector",
    "TEDPolicy",
    "UnexpecTEDIntentPolicy",
)
TENSORFLOW = ("tensorflow", "keras")


class _Nothing(type):
    """A class that takes part in whatever is done to it while a module is imported."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *arguments: Any, **_: Any) -> Any:
        """As a decorator it leaves what it decorates; anything else stays nothing."""
        return arguments[0] if len(arguments) == 1 and callable(arguments[0]) else cls


class Nothing(metaclass=_Nothing):
    """Stands for every name of TensorFlow."""


class _Absent(ModuleType):
    """A module that has every name, and nothing behind it."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _InPlaceOfTensorFlow(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in TENSORFLOW:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def keep_tensorflow_out(components: Iterable[str]) -> bool:
    """Let Rasa import a stand-in for TensorFlow, unless one of `components` needs the real one.

    Why: Rasa imports it whatever the pipeline is. Saves 8 s of each start, and 350 MB.

    Returns whether TensorFlow is out now; False when a component needs it, or it is in already.
    """
    names = [component.rpartition(".")[2] for component in components]
    if any(name in NEED_TENSORFLOW for name in names) or "tensorflow" in sys.modules:
        return isinstance(sys.modules.get("tensorflow"), _Absent)
    sys.meta_path.insert(0, _InPlaceOfTensorFlow())
    return True


@lru_cache(maxsize=1)
def answer_validator() -> Any:
    """Checks what an action answers against Rasa's own schema."""
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def compile_the_schema() -> None:
    """Check the answers of actions with a validator that is made once.

    What it replaces: `RemoteAction._validate_action_result`, which has jsonschema check its schema
    against the schema of schemas for every answer. Saves 40 ms of each turn.
    """
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        for error in answer_validator().iter_errors(result):
            where = error.json_path  # what is there may be what somebody typed
            raise ValidationError(f"The answer of {self.name()} is malformed at {where}.") from None
        return True

    RemoteAction._validate_action_result = validate


def remember_event_types() -> None:
    """Look up the class of an event by its name once, not by a walk over all classes.

    What it replaces: `Event.resolve_by_type`. Saves 0.2 ms of each event that is read.
    """
    from rasa.shared.core.events import Event

    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=256)(Event.resolve_by_type))


def without_fail_safe(agent: Any) -> None:
    """Let an error of the database be one.

    What it replaces: the `FailSafeTrackerStore` around the store of an `Agent`, which turns an
    error into an empty conversation, so that the assistant forgets without a word, and logs the
    error with what people typed.
    """
    from rasa.core.tracker_store import FailSafeTrackerStore

    if isinstance(agent.tracker_store, FailSafeTrackerStore):
        agent.tracker_store = agent.tracker_store._tracker_store
        if agent.processor is not None:  # there is none when the model could not be loaded
            agent.processor.tracker_store = agent.tracker_store
