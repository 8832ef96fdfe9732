"""config.yml's pipeline and Rasa's default one, ready to be trained on any Rasa NLU file.

Left out of config.yml are only components that give intents of this product to a file that does
not teach them; all others stay as they are, the words of knowledge/words.yml among them. The
classifier is told what the file calls its out-of-scope intent.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from rasa.model_training import train_nlu
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from mesoguide import paths
from mesoguide.core.files import Document
from mesoguide.core.protocol import LEVELS
from mesoguide.core.scoring import OUT, BadFile
from mesoguide.nlu.classifier import TopicClassifier
from mesoguide.nlu.languages import LanguageGuard
from mesoguide.nlu.safety_gate import SafetyGateComponent

# What Rasa's default has besides its intent classifier and the featurizers before it:
NO_INTENTS = ("EntitySynonymMapper", "ResponseSelector", "FallbackClassifier")
# Rasa takes what it has trained before from .rasa, and shows no progress when told to be quiet:
WHILE_TRAINING = {"RASA_MAX_CACHE_SIZE": "0", "LOG_LEVEL": "INFO"}
Components = list[dict[str, Any]]


@dataclass(frozen=True)
class Pipeline:
    """Components as in config.yml, and what was left out of it.

    Attributes:
        left_out: name of a component -> the intents it sets that are not taught.
    """

    components: Components
    left_out: dict[str, list[str]]


def read_examples(nlu: Path) -> TrainingData:
    """A Rasa NLU file. Raises BadFile unless it can be read and teaches two intents or more."""
    if not nlu.is_file():
        raise BadFile(f"{nlu} is missing: give a Rasa NLU file, such as data/nlu.yml.")
    try:
        data = load_data(str(nlu))
    except (RasaException, ValueError, OSError) as error:
        raise BadFile(f"{nlu} is not a Rasa NLU file: {error}") from None
    if len(data.intents) < 2:
        raise BadFile(f"{nlu} teaches fewer than two intents: give a file that teaches more.")
    return data


def our_pipeline(intents: set[str], out_of_scope: str = OUT) -> Pipeline:
    """config.yml's pipeline for a file that teaches `intents`, perhaps `out_of_scope` too."""
    components = Document(paths.ROOT / "config.yml").data["pipeline"]
    foreign = {one["name"]: sorted(_set_by(one) - intents) for one in components}
    left_out = {name: names for name, names in foreign.items() if names}
    kept = [one for one in components if one["name"] not in left_out]
    return Pipeline([_told(one, out_of_scope) for one in kept], left_out)


def _set_by(component: dict[str, Any]) -> set[str]:
    """The intents that a component itself names, whatever was taught."""
    if component["name"] == full_name(SafetyGateComponent):
        return set(LEVELS)
    if component["name"] == full_name(LanguageGuard):
        return {{**LanguageGuard.get_default_config(), **component}["intent"]}
    return set()


def _told(component: dict[str, Any], out_of_scope: str) -> dict[str, Any]:
    if component["name"] == full_name(TopicClassifier) and out_of_scope != OUT:
        return {**component, "outside": out_of_scope}
    return component


def full_name(component: type) -> str:
    """What config.yml calls a component of this product."""
    return f"{component.__module__}.{component.__name__}"


def default_pipeline(epochs: int) -> Pipeline:
    """Rasa's own default without what ranks no intents; with a seed, so that figures repeat."""
    source = files("rasa.engine.recipes.config_files") / "default_config.yml"
    components = yaml.safe_load(source.read_text(encoding="utf-8"))["pipeline"]
    trained = {"epochs": epochs, "random_seed": 0}
    return Pipeline(
        [
            {**one, **trained} if "epochs" in one else one
            for one in components
            if one["name"] not in NO_INTENTS
        ],
        {},
    )


def train_pipeline(pipeline: Pipeline, nlu: Path, folder: Path) -> str:
    """Train from nothing. Returns the path of the model, which is in `folder`. Raises BadFile."""
    config = {"recipe": "default.v1", "assistant_id": "pipeline", "language": "en"}
    file = folder / "config.yml"
    text = yaml.safe_dump({**config, "pipeline": pipeline.components})
    file.write_text(text, encoding="utf-8")
    said = io.StringIO()  # progress is on the other stream
    with _environment(WHILE_TRAINING), redirect_stdout(said):
        model = train_nlu(str(file), str(nlu), str(folder))
    if model is None:
        raise BadFile(f"{nlu} cannot be trained on: {said.getvalue()}")
    return str(model)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            del os.environ[name]
            if name in before:
                os.environ[name] = before[name]
