"""config.yml's pipeline beside Rasa's default: the same examples, the same messages, one table.

Both are trained and used in temporary folders, nothing is tuned, and no model of the product is
touched.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rasa import __version__ as rasa_version
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.training_data import TrainingData
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mesoguide.core.rejection import AtRejection, at_rejection
from mesoguide.core.scoring import OUT, BadFile, Parsed, Row, read_rows
from mesoguide.logs import start_logging
from mesoguide.parsing import FALLBACK
from mesoguide.pipelines import (
    NO_INTENTS,
    Pipeline,
    default_pipeline,
    our_pipeline,
    read_examples,
    train_pipeline,
)

EPOCHS = 100  # of Rasa's default
SHARES = (0.0, 0.8, 0.9)  # of out-of-scope messages rejected; the first is plain accuracy
OURS, DEFAULT = "config.yml", "Rasa's default"


@dataclass(frozen=True)
class Measured:
    """What one pipeline gave.

    Attributes:
        training: seconds.
        message: median milliseconds to parse one message, each by itself.
        at: one for each of SHARES.
    """

    training: float
    message: float
    at: list[AtRejection]


def compare_with_default(
    nlu: Path,
    tsv: Path,
    out_of_scope: str = OUT,
    json_file: Path | None = None,
    epochs: int = EPOCHS,
) -> int:
    """Train both on `nlu`, parse the messages of `tsv` with both, print them side by side.

    Args:
        nlu: a Rasa NLU file, with or without examples of `out_of_scope`.
        tsv: see mesoguide.core.scoring.read_rows.
        out_of_scope: the label in `tsv` of messages that none of the intents is meant for.
        json_file: where the same goes as JSON, when given.
        epochs: of Rasa's default; fewer only to try this out.

    Returns the exit status: 1 when a file is not as it should be, which is printed.
    """
    start_logging()
    try:
        rows = read_rows(tsv)
        data = read_examples(nlu)
        _check(rows, data, nlu, tsv, out_of_scope)
        pipelines = {
            OURS: our_pipeline(data.intents, out_of_scope),
            DEFAULT: default_pipeline(epochs),
        }
        measured = _measure(pipelines, nlu, rows, out_of_scope)
    except BadFile as error:
        print(error, file=sys.stderr)
        return 1
    remarks = _remarks(rows, data, out_of_scope, epochs)
    remarks += _about(pipelines[OURS])
    _print(measured, remarks)
    if json_file:
        report = {"nlu": nlu.name, "test": tsv.name, **_as_dict(measured), "remarks": remarks}
        json_file.write_text(json.dumps(report, indent=2), encoding="utf-8")
        print(f"Written: {json_file}")
    return 0


def _check(rows: list[Row], data: TrainingData, nlu: Path, tsv: Path, out_of_scope: str) -> None:
    inside = [row for row in rows if row.expected != out_of_scope]
    if len(inside) == len(rows):
        raise BadFile(f"{tsv} has no message labelled {out_of_scope}: give the name it has there.")
    if not any(row.accepted & data.intents for row in inside):
        raise BadFile(f"{tsv} has no message in scope whose intent {nlu} teaches.")


def _measure(
    pipelines: dict[str, Pipeline], nlu: Path, rows: list[Row], out_of_scope: str
) -> dict[str, Measured]:
    agents: dict[str, Agent] = {}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, pipeline) in enumerate(pipelines.items()):
            print(f"Training {name}", flush=True)
            place = Path(folder) / str(number)
            place.mkdir()
            started = time.monotonic()
            model = train_pipeline(pipeline, nlu, place)
            seconds[name] = time.monotonic() - started
            agents[name] = Agent.load(model)
    parsed, times = _parse(agents, rows)
    return {
        name: Measured(
            training=seconds[name],
            message=1000 * statistics.median(times[name]),
            at=[at_rejection(parsed[name], share, out_of_scope) for share in SHARES],
        )
        for name in pipelines
    }


def _parse(
    agents: dict[str, Agent], rows: list[Row]
) -> tuple[dict[str, list[Parsed]], dict[str, list[float]]]:
    """What each made of every message, in how many seconds; in turn, as machines drift."""
    parsed: dict[str, list[Parsed]] = {name: [] for name in agents}
    times: dict[str, list[float]] = {name: [] for name in agents}
    loop = asyncio.new_event_loop()
    try:
        for row in track(rows, description="Parsing with both"):
            for name, agent in agents.items():
                started = time.perf_counter()
                found = loop.run_until_complete(agent.parse_message(row.text))
                times[name].append(time.perf_counter() - started)
                parsed[name].append(Parsed(row, _ranked(found)))
    finally:
        loop.close()
    return parsed, times


def _ranked(found: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    ranking = found.get("intent_ranking", [])
    return tuple((one["name"], one["confidence"]) for one in ranking if one["name"] != FALLBACK)


def _print(measured: dict[str, Measured], remarks: list[str]) -> None:
    table = Table(title="Understanding, side by side")
    table.add_column("")
    for name in measured:
        table.add_column(name, justify="right")
    found = measured.values()
    table.add_row("training, s", *(f"{one.training:.1f}" for one in found))
    table.add_row("median per message, ms", *(f"{one.message:.1f}" for one in found))
    for index, share in enumerate(SHARES):
        here = [one.at[index] for one in found]
        rejecting = f", {share:.0%} rejected" if share else ", no threshold"
        table.add_row(f"right in scope{rejecting}", *(f"{one.accuracy:.1%}" for one in here))
        if share:
            table.add_row("  threshold", *(f"{one.threshold:.4f}" for one in here))
        table.add_row("  out of scope rejected", *(f"{one.rejected:.1%}" for one in here))
    Console().print(table)
    for remark in remarks:
        print(remark)


def _remarks(rows: list[Row], data: TrainingData, out_of_scope: str, epochs: int) -> list[str]:
    outside = sum(row.expected == out_of_scope for row in rows)
    found = [
        f"Taught: {len(data.intent_examples)} examples of {len(data.intents)} intents. Judged: "
        f"{len(rows) - outside} messages in scope, {outside} out of scope ({out_of_scope}).",
        "What counts is the first of intent_ranking without nlu_fallback, not what guards set.",
        f"{DEFAULT}: default_config.yml of Rasa {rasa_version}, {epochs} epochs, without "
        f"{', '.join(NO_INTENTS)}, which rank no intents.",
    ]
    if out_of_scope not in data.intents:
        found.append(f"{out_of_scope} is not taught: only the threshold rejects.")
    elif out_of_scope != OUT:
        found.append(f"{OURS}: the classifier was told that {OUT} is {out_of_scope} here.")
    not_taught = {row.expected for row in rows if not row.accepted & data.intents}
    never = sorted(not_taught - {out_of_scope})
    if never:
        found.append(f"Not taught and so never right: {', '.join(never)}.")
    return found


def _about(ours: Pipeline) -> list[str]:
    if not ours.left_out:
        return [f"{OURS}: as it is, nothing left out."]
    return [
        f"{OURS}: {name.split('.')[-1]} left out; it sets {', '.join(intents)}, which the file "
        "does not teach."
        for name, intents in ours.left_out.items()
    ]


def _as_dict(measured: dict[str, Measured]) -> dict[str, Any]:
    return {
        name: {
            "training_s": round(one.training, 1),
            "message_ms": round(one.message, 1),
            "at_rejection": {
                f"{share:.2f}": asdict(at) for share, at in zip(SHARES, one.at, strict=True)
            },
        }
        for name, one in measured.items()
    }
