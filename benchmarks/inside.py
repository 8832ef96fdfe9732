"""What each change of mesoguide/rasa_inside.py saves, one by one, beside Rasa as it is.

    uv run python benchmarks/inside.py

Every pair is measured in turn in one run; ratios hold better than absolute times.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.shared.core.events import Event  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from mesoguide import rasa_inside  # noqa: E402
from mesoguide.in_process import InProcessActions  # noqa: E402
from tests.calls import action_call  # noqa: E402

Pair = tuple[Callable[[], Any], Callable[[], Any]]
NAMES = ("user", "bot", "action", "slot")
IMPORTS = "import rasa.core.run, rasa.engine.recipes.default_components"
MEMORY = "; print(int(open('/proc/self/status').read().split('VmRSS:')[1].split()[0]) / 1024)"
WITHOUT = "from mesoguide.rasa_inside import keep_tensorflow_out as out; out(()); "


def pairs() -> dict[str, Pair]:
    """What is done with Rasa as it is, and with the change."""
    answer = asyncio.run(InProcessActions().request(json=action_call("action_topic", "greet")))
    action = RemoteAction("action_topic", None)
    stock_check, stock_names = RemoteAction._validate_action_result, Event.resolve_by_type
    rasa_inside.compile_the_schema()
    rasa_inside.remember_event_types()
    return {
        "one action's answer checked": (
            lambda: stock_check(action, answer),
            lambda: action._validate_action_result(answer),
        ),
        "class of four events found": (
            lambda: [stock_names(name) for name in NAMES],
            lambda: [Event.resolve_by_type(name) for name in NAMES],
        ),
    }


def median(work: Callable[[], Any], times: int) -> float:
    """Milliseconds."""
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - before))
    return statistics.median(spent)


def started(code: str) -> tuple[float, float]:
    """Milliseconds to run `code` in a new interpreter, and its memory in MB."""
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + MEMORY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return 1000 * (time.perf_counter() - before), float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=50, help="of each (%(default)s)")
    times = parser.parse_args().times
    table = Table("", "Rasa as it is", "changed", "ratio", title="rasa_inside, milliseconds")
    for name, (stock, ours) in pairs().items():
        one, other = median(stock, times), median(ours, times)
        table.add_row(name, f"{one:.2f}", f"{other:.2f}", f"{one / other:.1f}")
    with_it, without = started(IMPORTS), started(WITHOUT + IMPORTS)
    for name, one, other in zip(("imports", "imports, MB"), with_it, without, strict=True):
        table.add_row(name, f"{one:.0f}", f"{other:.0f}", f"{one / other:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
