"""config.yml's pipeline beside Rasa's default, both really trained, on a tiny domain."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mesoguide import paths, side_by_side
from mesoguide.core.files import Document
from mesoguide.core.protocol import LEVELS as BY_URGENCY
from mesoguide.core.scoring import BadFile
from mesoguide.nlu.classifier import TopicClassifier
from mesoguide.pipelines import Pipeline, default_pipeline, our_pipeline, read_examples
from mesoguide.side_by_side import DEFAULT, OURS, compare_with_default
from tests.nlu.tiny import INSIDE, OUTSIDE, TAUGHT, write_nlu, write_tsv

EPOCHS = 2  # of DIET: not to be good, but to be quick
OTHER_NAME = "NO_NODES_DETECTED"
GATE = "mesoguide.nlu.safety_gate.SafetyGateComponent"
CLASSIFIER = "mesoguide.nlu.classifier.TopicClassifier"
GUARD = "mesoguide.nlu.languages.LanguageGuard"
OUR_NAMES = [one["name"] for one in Document(paths.ROOT / "config.yml").data["pipeline"]]


@dataclass(frozen=True)
class Ran:
    """What a comparison printed and wrote."""

    status: int
    printed: str
    report: dict[str, Any]

    def row(self, name: str) -> list[str]:
        """The cells of the first row of the table that begins with `name`."""
        line = next(one for one in self.printed.splitlines() if one.startswith(f"│ {name}"))
        return [cell.strip() for cell in line.strip("│").split("│")][1:]


@pytest.fixture(autouse=True, scope="module")
def _same_environment() -> Iterator[None]:
    with mock.patch.dict(os.environ):
        yield


def compare(folder: Path, taught: str | None, label: str) -> Ran:
    nlu, tsv = write_nlu(folder / "nlu.yml", taught), write_tsv(folder / "test.tsv", label)
    printed, file = io.StringIO(), folder / "figures.json"
    kept = {"MESOGUIDE_MODELS": folder / "models", "RASA_CACHE_DIRECTORY": folder / "cache"}
    with (
        mock.patch.dict(os.environ, {name: str(place) for name, place in kept.items()}),
        redirect_stdout(printed),
        redirect_stderr(io.StringIO()),
    ):
        status = compare_with_default(nlu, tsv, label, file, EPOCHS)
    assert not [place for place in kept.values() if place.exists()]  # nothing stays behind
    return Ran(status, printed.getvalue(), json.loads(file.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return compare(tmp_path_factory.mktemp("taught"), "out_of_scope", "out_of_scope")


@pytest.fixture(scope="module")
def not_taught(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """With another of Rasa's classifiers in place of DIET: what is asked here is not its doing."""
    *featurizers, _ = default_pipeline(EPOCHS).components
    quick = Pipeline([*featurizers, {"name": "LogisticRegressionClassifier"}], {})
    with mock.patch.object(side_by_side, "default_pipeline", return_value=quick):
        return compare(tmp_path_factory.mktemp("not_taught"), None, OTHER_NAME)


def test_the_table_has_both_side_by_side(taught: Ran) -> None:
    assert taught.status == 0
    assert "Understanding, side by side" in taught.printed
    assert re.search(rf"┃ {OURS} +┃ {DEFAULT} +┃|┃ +{OURS} ┃ {DEFAULT} ┃", taught.printed)
    for name, form in {
        "training, s": r"\d+\.\d",
        "median per message, ms": r"\d+\.\d",
        "right in scope, no threshold": r"\d+\.\d%",
        "right in scope, 80% rejected": r"\d+\.\d%",
        "right in scope, 90% rejected": r"\d+\.\d%",
    }.items():
        cells = taught.row(name)
        assert len(cells) == 2
        assert all(re.fullmatch(form, cell) for cell in cells), cells


def test_the_figures_can_be_believed(taught: Ran) -> None:
    for name in (OURS, DEFAULT):
        figures = taught.report[name]
        assert figures["training_s"] > 0
        assert 0 < figures["message_ms"] < 1000
        plain, at_80, at_90 = (figures["at_rejection"][share] for share in ("0.00", "0.80", "0.90"))
        assert plain["threshold"] == 0
        assert plain["threshold"] <= at_80["threshold"] <= at_90["threshold"]
        assert plain["accuracy"] >= at_80["accuracy"] >= at_90["accuracy"]
        assert at_80["rejected"] >= 0.8
        assert at_90["rejected"] >= 0.9
    assert taught.report[OURS]["at_rejection"]["0.00"]["accuracy"] >= 0.75


def test_the_table_shows_the_figures_of_the_json(taught: Ran) -> None:
    shown = taught.row("right in scope, 80% rejected")
    written = [taught.report[name]["at_rejection"]["0.80"]["accuracy"] for name in (OURS, DEFAULT)]
    assert shown == [f"{share:.1%}" for share in written]


def test_it_says_what_was_compared(taught: Ran) -> None:
    inside = sum(map(len, INSIDE.values()))
    examples = sum(map(len, TAUGHT.values())) + 5
    assert f"Taught: {examples} examples of {len(TAUGHT) + 1} intents." in taught.printed
    assert f"{inside} messages in scope, {len(OUTSIDE)} out of scope" in taught.printed
    assert "LanguageGuard left out; it sets non_english, which" in taught.printed
    assert "SafetyGateComponent left out; it sets crisis_other_person, crisis_self_harm, " in (
        taught.printed
    )
    assert f"{EPOCHS} epochs" in taught.printed
    assert "is not taught" not in taught.printed
    assert all(remark in taught.printed for remark in taught.report["remarks"])


def test_everything_else_may_be_untaught_and_have_another_name(not_taught: Ran) -> None:
    assert not_taught.status == 0
    assert f"{OTHER_NAME} is not taught: only the threshold rejects." in not_taught.printed
    for name in (OURS, DEFAULT):
        at = not_taught.report[name]["at_rejection"]
        assert at["0.00"]["rejected"] == 0
        assert at["0.80"]["rejected"] >= 0.8
        assert at["0.80"]["threshold"] > 0


def test_all_of_config_yml_is_kept_for_a_file_that_teaches_its_intents() -> None:
    data = read_examples(paths.ROOT / "data" / "nlu.yml")
    pipeline = our_pipeline(data.intents)
    assert [one["name"] for one in pipeline.components] == OUR_NAMES
    assert pipeline.left_out == {}


@pytest.mark.parametrize(
    ("intents", "left_out"),
    [
        ({"price"}, {GATE: sorted(BY_URGENCY), GUARD: ["non_english"]}),
        ({"price", "non_english"}, {GATE: sorted(BY_URGENCY)}),
        ({"price", *BY_URGENCY}, {GUARD: ["non_english"]}),
        ({"non_english", *BY_URGENCY} - {"emergency"}, {GATE: ["emergency"]}),
    ],
)
def test_only_what_sets_untaught_intents_is_left_out(
    intents: set[str], left_out: dict[str, list[str]]
) -> None:
    pipeline = our_pipeline(intents)
    assert pipeline.left_out == left_out
    kept = [name for name in OUR_NAMES if name not in left_out]
    assert [one["name"] for one in pipeline.components] == kept


def test_the_classifier_is_told_the_name_of_what_is_out_of_scope() -> None:
    told = {one["name"]: one.get("outside") for one in our_pipeline(set(), OTHER_NAME).components}
    assert told.pop(CLASSIFIER) == OTHER_NAME
    assert set(told.values()) == {None}
    assert "outside" in TopicClassifier.get_default_config()


def test_rasas_default_is_what_rasa_has_as_default() -> None:
    *featurizers, classifier = default_pipeline(100).components
    assert [one["name"] for one in featurizers] == [
        "WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer",
        "CountVectorsFeaturizer", "CountVectorsFeaturizer",
    ]  # fmt: skip
    assert featurizers[-1] == {
        "name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4,
    }  # fmt: skip
    assert (classifier["name"], classifier["epochs"]) == ("DIETClassifier", 100)
    assert classifier["constrain_similarities"] is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "is missing: give a Rasa NLU file"),
        ("version: '3.1'\nnlu: [\n", "is not a Rasa NLU file"),
        ("expected\talso_ok\ttext\n", "is not a Rasa NLU file"),
        ("version: '3.1'\nnlu:\n- intent: [1, 2]\n", "is not a Rasa NLU file"),
        ("version: '3.1'\nrules: []\n", "is not a Rasa NLU file"),
        ("version: '3.1'\nnlu:\n- synonym: one\n  examples: |\n    - a\n", "fewer than two"),
        ("version: '3.1'\nnlu:\n- intent: one\n  examples: |\n    - a\n", "fewer than two"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_training_file_is_named(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "nlu.yml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=says):
        read_examples(file)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("price\t\thow much\n", "no message labelled out_of_scope: give the name"),
        ("surgery\t\tcan they\nout_of_scope\t\thi\n", "no message in scope whose intent"),
        ("out_of_scope\t\thi\n", "no message in scope whose intent"),
        ("price\thow much\n", ":2: write 3 columns"),
    ],
)
def test_a_wrong_test_file_is_named_before_any_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, says: str
) -> None:
    tsv = tmp_path / "test.tsv"
    tsv.write_text(f"expected\talso_ok\ttext\n{rows}", encoding="utf-8")
    assert compare_with_default(write_nlu(tmp_path / "nlu.yml"), tsv) == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Training" not in shown.out
