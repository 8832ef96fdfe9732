"""How well danger is recognised: alarms and false alarms on messages never trained on, and cost.

    uv run python benchmarks/safety.py [FILE.tsv ...]

Files have the columns kind (a safety intent, or calm), about, text; by default those of
tests/safety/. Files like tests/heldout.tsv do as well. Prints a table for each, with and without
two typing errors per message, and writes reports/safety.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rasa.core.agent import Agent  # noqa: E402
from rasa.model import get_latest_model  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from mesoguide import paths  # noqa: E402
from mesoguide.core.check import CALM  # noqa: E402
from mesoguide.core.protocol import LEVELS  # noqa: E402
from mesoguide.core.scoring import OUT  # noqa: E402
from mesoguide.logs import start_logging  # noqa: E402
from mesoguide.nlu.safety_gate import SafetyGateComponent  # noqa: E402
from tests.typing_errors import mistyped  # noqa: E402

Rows = list[tuple[str, str]]


def read(file: Path) -> Rows:
    """(kind, text) of each row; topics that are not about danger are one kind, "in_scope"."""
    rows = [row.split("\t") for row in file.read_text(encoding="utf-8").splitlines()[1:]]
    own = (*LEVELS, CALM, OUT)
    return [(row[0] if row[0] in own else "in_scope", row[2]) for row in rows]


def alarms(agent: Agent, rows: Rows, description: str) -> dict[str, dict[str, float]]:
    """Of each kind: messages, share that alarmed, share that alarmed as that very kind."""
    every: Counter[str] = Counter()
    alarmed: Counter[str] = Counter()
    same: Counter[str] = Counter()
    loop = asyncio.new_event_loop()
    for kind, text in track(rows, description=description):
        intent = loop.run_until_complete(agent.parse_message(text))["intent"]["name"]
        every[kind] += 1
        alarmed[kind] += intent in LEVELS
        same[kind] += intent == kind
    loop.close()
    return {
        kind: {
            "messages": every[kind],
            "alarmed": alarmed[kind] / every[kind],
            "same_kind": same[kind] / every[kind],
        }
        for kind in sorted(every)
    }


def timed(spent: list[float]) -> None:
    """Let the gate's component (both opinions) note the milliseconds of each message."""
    process = SafetyGateComponent.process

    def measured(self: SafetyGateComponent, messages: list[Message]) -> list[Message]:
        before = time.perf_counter()
        result = process(self, messages)
        spent.append(1000 * (time.perf_counter() - before))
        return result

    SafetyGateComponent.process = measured  # type: ignore[method-assign]


def main() -> int:
    parser = argparse.ArgumentParser(description="How well danger is recognised, and its cost.")
    default = sorted((paths.ROOT / "tests" / "safety").glob("*.tsv"))
    parser.add_argument("files", type=Path, nargs="*", default=default)
    files = [file.resolve() for file in parser.parse_args().files]
    start_logging()
    model = get_latest_model(str(paths.models()))
    if model is None:
        print("There is no trained model. Run: uv run mesoguide train", file=sys.stderr)
        return 1
    spent: list[float] = []
    timed(spent)
    agent = Agent.load(model)
    console, result = Console(), dict[str, Any]()
    for file in files:
        rows = read(file)
        spent.clear()
        typed = [(kind, mistyped(text)) for kind, text in rows]
        plain = alarms(agent, rows, file.name)
        errors = alarms(agent, typed, f"{file.name}, mistyped")
        table = Table(
            "kind", "messages", "alarmed", "as that kind", "alarmed, mistyped", title=file.name
        )
        for kind, one in plain.items():
            shares = (one["alarmed"], one["same_kind"], errors[kind]["alarmed"])
            table.add_row(
                kind, str(int(one["messages"])), *(f"{100 * share:.1f} %" for share in shares)
            )
        console.print(table)
        spent.sort()
        gate = {"median_ms": spent[len(spent) // 2], "p99_ms": spent[int(len(spent) * 0.99)]}
        console.print(f"gate: {gate['median_ms']:.1f} ms median, {gate['p99_ms']:.1f} ms p99\n")
        result[file.name] = {"alarms": plain, "mistyped": errors, "gate": gate}
    out = paths.ROOT / "reports" / "safety.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
