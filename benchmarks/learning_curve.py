"""How much more examples help: the topic classifier on 1/16, 1/8, 1/4, 1/2 and all of them.

    uv run python benchmarks/learning_curve.py [NLU.yml] [TEST.tsv] [--out docs/learning_curve.png]

Only config.yml's sentence encoder and topic classifier take part, without spelling and guards.
Every text is encoded once; a larger subset of one seed holds its smaller ones.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesoguide import paths
from mesoguide.cli import QUIET
from mesoguide.core.rejection import at_rejection
from mesoguide.core.scoring import OUT, BadFile, Parsed, Row, read_rows

if TYPE_CHECKING:
    from rasa.shared.nlu.training_data.message import Message

    from mesoguide.nlu.classifier import TopicClassifier
    from mesoguide.nlu.encoder import SentenceEncoder
    from mesoguide.pipelines import Pipeline

PARTS = (16, 8, 4, 2, 1)  # one in so many examples
SEEDS = (0, 1, 2)
REJECTED = 0.9  # of the out-of-scope messages
COLOURS = {"plain": "#2f7d5b", "rejecting": "#44618a"}


@dataclass(frozen=True)
class Point:
    """What one size of the training data gives; each list has one share (0 to 1) per seed."""

    part: int
    examples: int
    plain: list[float]
    rejecting: list[float]

    @property
    def share(self) -> str:
        """Of all examples: 1/16 and so on."""
        return f"1/{self.part}" if self.part > 1 else "all"

    def mean(self, line: str) -> float:
        """The mean of one of the two lists, in per cent."""
        shares: list[float] = getattr(self, line)
        return 100 * sum(shares) / len(shares)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, draw. Returns the exit status: 0 done, 1 a wrong file, 2 wrong use."""
    options = _parser().parse_args(arguments)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")
    try:
        if not options.out.resolve().parent.is_dir():
            raise BadFile(f"{options.out} cannot be written: its folder is missing.")
        points = measure(options.nlu, options.test, options.out_of_scope)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 1
    show(points)
    draw(points, options.out)
    print(f"Written: {options.out}")
    return 0


def measure(nlu: Path, tsv: Path, out_of_scope: str) -> list[Point]:
    """One point for each size. Raises BadFile."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    from mesoguide.logs import start_logging
    from mesoguide.pipelines import our_pipeline, read_examples

    start_logging()
    rows = read_rows(tsv)
    if not any(row.expected == out_of_scope for row in rows):
        raise BadFile(f"{tsv} has no message labelled {out_of_scope}: give the name it has there.")
    data = read_examples(nlu)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = our_pipeline(data.intents, out_of_scope)
        encoder, classifier = _components(pipeline, LocalModelStorage(Path(folder)))
        encoder.process_training_data(data)
        messages = _encoded(encoder, rows)
        return list(_points(classifier, data.intent_examples, messages, rows, out_of_scope))


def _components(pipeline: Pipeline, storage: Any) -> tuple[SentenceEncoder, TopicClassifier]:
    """Both with the settings of config.yml."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.resource import Resource

    from mesoguide.nlu.classifier import TopicClassifier
    from mesoguide.nlu.encoder import SentenceEncoder
    from mesoguide.pipelines import full_name

    settings = {one["name"]: one for one in pipeline.components}

    def create(kind: Any) -> Any:
        context = ExecutionContext(GraphSchema({}), node_name=kind.__name__)
        config = {**kind.get_default_config(), **settings[full_name(kind)]}
        return kind.create(config, storage, Resource(kind.__name__), context)

    return create(SentenceEncoder), create(TopicClassifier)


def _encoded(encoder: SentenceEncoder, rows: list[Row]) -> list[Message]:
    from rasa.shared.nlu.training_data.message import Message
    from rich.progress import track

    messages = [Message.build(row.text) for row in rows]
    for message in track(messages, "Encoding test messages"):
        encoder.process([message])
    return messages


def _points(
    classifier: TopicClassifier,
    examples: list[Message],
    messages: list[Message],
    rows: list[Row],
    out_of_scope: str,
) -> Iterator[Point]:
    from rasa.shared.nlu.training_data.training_data import TrainingData

    for part in PARTS:
        plain, rejecting, count = [], [], 0
        for seed in SEEDS if part > 1 else SEEDS[:1]:  # all of them are always the same
            started = time.monotonic()
            chosen = subset(examples, part, seed)
            count = len(chosen)
            classifier.train(TrainingData(chosen))
            classifier.process(messages)
            parsed = [_parsed(row, one) for row, one in zip(rows, messages, strict=True)]
            plain.append(at_rejection(parsed, 0, out_of_scope).accuracy)
            rejecting.append(at_rejection(parsed, REJECTED, out_of_scope).accuracy)
            seconds = time.monotonic() - started
            print(f"1/{part} of all, seed {seed}: {plain[-1]:.1%} ({seconds:.0f} s)", flush=True)
        yield Point(part, count, plain, rejecting)


def subset(examples: list[Message], part: int, seed: int) -> list[Message]:
    """One in `part` of the examples of each intent, at least one."""
    by_intent: dict[str, list[Message]] = {}
    for one in examples:
        by_intent.setdefault(one.get("intent"), []).append(one)
    chosen = []
    for name, of_intent in by_intent.items():
        mixed = random.Random(f"{seed} {name}").sample(of_intent, len(of_intent))
        chosen += mixed[: max(1, round(len(mixed) / part))]
    return chosen


def _parsed(row: Row, message: Message) -> Parsed:
    ranking = message.get("intent_ranking", [])
    return Parsed(row, tuple((one["name"], one["confidence"]) for one in ranking))


def show(points: list[Point]) -> None:
    """The table: each mean, lowest and highest of the seeds, and what the doubling gained."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Right in scope, % (mean of the seeds, lowest to highest)")
    for head in ("share", "examples", "no threshold", "gain"):
        table.add_column(head, justify="right")
    table.add_column(f"{REJECTED:.0%} of out of scope rejected", justify="right")
    table.add_column("gain", justify="right")
    for before, point in zip([None, *points], points, strict=False):
        cells = [point.share, str(point.examples)]
        for line in COLOURS:
            gain = f"{point.mean(line) - before.mean(line):+.1f}" if before else ""
            cells += [f"{point.mean(line):.1f}{_spread(point, line)}", gain]
        table.add_row(*cells)
    Console().print(table)


def _spread(point: Point, line: str) -> str:
    shares = [100 * one for one in getattr(point, line)]
    return f" ({min(shares):.1f} to {max(shares):.1f})" if len(shares) > 1 else ""


def draw(points: list[Point], file: Path) -> None:
    """Both lines over the number of examples, with the spread of the seeds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    labels = {"plain": "no threshold", "rejecting": f"{REJECTED:.0%} of out of scope rejected"}
    sizes = [one.examples for one in points]
    figure, axes = pyplot.subplots(figsize=(7.5, 4.6))
    for line, colour in COLOURS.items():
        means = [one.mean(line) for one in points]
        lowest = [100 * min(getattr(one, line)) for one in points]
        highest = [100 * max(getattr(one, line)) for one in points]
        axes.fill_between(sizes, lowest, highest, color=colour, alpha=0.15, linewidth=0)
        axes.plot(sizes, means, marker="o", color=colour, label=labels[line])
        above = line == "plain"
        for size, mean in zip(sizes, means, strict=True):
            axes.annotate(
                f"{mean:.1f}",
                (size, mean),
                xytext=(0, 8 if above else -15),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=colour,
            )
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{one.examples}\n({one.share})" for one in points])
    axes.minorticks_off()
    axes.set_xlabel("training examples (share of all), each step twice as many")
    axes.set_ylabel("messages in scope understood rightly, %")
    axes.set_title("Never trained on; band: lowest to highest of three subsets", fontsize=10)
    axes.margins(x=0.08, y=0.15)
    axes.grid(axis="y", color="#dddddd", linewidth=0.7)
    axes.legend(loc="lower right", fontsize=9)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "nlu", type=Path, nargs="?", metavar="NLU.yml", default=paths.ROOT / "data" / "nlu.yml",
        help="Rasa NLU file to train on (default: data/nlu.yml)",
    )  # fmt: skip
    parser.add_argument(
        "test", type=Path, nargs="?", metavar="TEST.tsv",
        default=paths.ROOT / "tests" / "heldout.tsv",
        help="columns expected, also_ok, text (default: tests/heldout.tsv)",
    )  # fmt: skip
    parser.add_argument(
        "--out-of-scope", default=OUT, metavar="NAME",
        help="what TEST.tsv calls messages that no intent is meant for (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=paths.ROOT / "docs" / "learning_curve.png",
        help="the picture (default: docs/learning_curve.png)",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
