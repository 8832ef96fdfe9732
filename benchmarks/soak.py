"""Hours in minutes: many conversations at a steady rate; nothing silent, mixed or growing.

    uv run python benchmarks/soak.py [--minutes 20] [--share 0.8] [--rate TURNS_PER_SECOND]

Before it starts, scripts of twelve messages, danger among them, are each rehearsed alone. In the
first minute everybody sends as fast as answers come: that is the throughput, unless it is told.
From then on turns are due at a share of it, and late is counted from when they were due. Each
conversation plays one script and is followed by a new one; each answer must be the rehearsed one to
the letter. Resident memory is compared with that after the first minute. Exit 1 when a turn was
silent or another than rehearsed, when memory grew by more than a tenth, or the rate was not held.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from rich.progress import Progress, track
from sides import OURS, REPORTS, ROOT, UNLIMITED, Side, failed, side
from telling import COLOURS, canvas, report, save, share

LENGTH = 12  # messages of a script
DANGERS = 120
FIRST = 60.0  # seconds at full speed, or to warm up when the rate is told
EVERY = 5.0  # seconds between looks at memory
WINDOW = 15  # seconds of one point of the latency's line
MOST_GROWTH = 1.1
LEAST_RATE = 0.95  # of the rate that was wanted
PATIENCE = 60  # seconds
SHOWN = 5
Answer = str


@dataclass(frozen=True)
class Turn:
    """One turn as it was: seconds since the start, seconds it took, and what was wrong."""

    at: float
    took: float
    problem: str | None


@dataclass
class Talk:
    """One connection on which one conversation after the other is held."""

    port: int
    sender: str = ""
    link: http.client.HTTPConnection | None = None

    def begin(self) -> None:
        self.sender = uuid.uuid4().hex

    def say(self, text: str) -> Answer:
        """What is answered, without the name of the conversation. Raises OSError or ValueError."""
        if self.link is None:
            self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = json.dumps({"sender": self.sender, "message": text})
        try:
            self.link.request(
                "POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"}
            )
            answer = self.link.getresponse()
            said = json.loads(answer.read())
        except BaseException:
            self.link = None
            raise
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        if not any(one.get("text", "").strip() for one in said):
            raise ValueError("silent")
        if any(one.pop("recipient_id") != self.sender for one in said):
            raise ValueError("somebody else's name on an answer")
        whole = json.dumps(said, ensure_ascii=False, sort_keys=True)
        if failed() in whole:
            raise ValueError("an excuse for a failure")
        return whole


@dataclass
class Watch:
    """What everybody sees: the clock, which turn is due next, and what happened."""

    seconds: float
    rate: float | None
    share: float
    started: float = field(default_factory=time.monotonic)
    turns: list[Turn] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    steady: float = 0.0  # turns per second that are wanted after the first minute
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _from: float = 0.0
    _place: int = 0

    def now(self) -> float:
        return time.monotonic() - self.started

    def next_due(self) -> float | None:
        """When the next turn is due; None when there is none any more."""
        with self._lock:
            now = self.now()
            if now >= self.seconds:
                return None
            if now < FIRST and self.rate is None:
                return now
            if not self.steady:
                measured = sum(one.problem is None for one in self.turns) / FIRST
                self.steady = self.share * (self.rate or measured)
                self._from = now
            due = self._from + self._place / self.steady
            self._place += 1
            return due if due < self.seconds else None


def scripts() -> list[list[str]]:
    """Held-out messages in a fixed mixed order with a danger in each script, cut in twelves."""
    with (ROOT / "tests" / "heldout.tsv").open(encoding="utf-8", newline="") as rows:
        texts = [row["text"] for row in csv.DictReader(rows, delimiter="\t")]
    with (ROOT / "tests" / "safety" / "tuning.tsv").open(encoding="utf-8", newline="") as rows:
        found = [row["text"] for row in csv.DictReader(rows, delimiter="\t")]
    order = random.Random(0)
    order.shuffle(texts)
    order.shuffle(found)
    cut = [texts[place : place + LENGTH - 1] for place in range(0, len(texts), LENGTH - 1)]
    dangers = found[: min(DANGERS, len(cut))]
    for script, danger in zip(cut, dangers, strict=False):
        script.insert(order.randrange(len(script) + 1), danger)
    return cut


def rehearse(one: Side, plays: list[list[str]]) -> list[list[Answer]]:
    """Every script alone, one after the other."""
    talk = Talk(one.port)
    answers = []
    for script in track(plays, "Rehearsal"):
        talk.begin()
        answers.append([talk.say(text) for text in script])
    return answers


def hold(talk: Talk, watch: Watch, next_play: Callable[[], tuple[list[str], list[Answer]]]) -> None:
    """Hold conversations until the time is over."""
    while True:
        talk.begin()
        for text, expected in zip(*next_play(), strict=True):
            due = watch.next_due()
            if due is None:
                return
            time.sleep(max(0.0, due - watch.now()))
            problem = None
            try:
                if talk.say(text) != expected:
                    problem = "another answer than rehearsed"
            except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            now = watch.now()
            watch.turns.append(Turn(now, now - due, problem))
            if problem:
                break  # what follows would differ too


def look(one: Side, watch: Watch) -> None:
    """Write down the memory until the time is over."""
    with Progress() as progress:
        bar = progress.add_task("Soak", total=watch.seconds)
        while (now := watch.now()) < watch.seconds:
            watch.memory.append((now, one.memory()))
            progress.update(bar, completed=now)
            time.sleep(EVERY)
        progress.update(bar, completed=watch.seconds)


def soak(one: Side, options: argparse.Namespace) -> Watch:
    plays = scripts()
    pairs = list(zip(plays, rehearse(one, plays), strict=True))
    places = count()
    watch = Watch(60 * options.minutes, options.rate, options.share)
    everybody = [
        threading.Thread(
            target=hold,
            args=(Talk(one.port), watch, lambda: pairs[next(places) % len(pairs)]),
            daemon=True,
        )
        for _ in range(options.conversations)
    ]
    for person in everybody:
        person.start()
    look(one, watch)
    for person in everybody:
        person.join(PATIENCE)
    return watch


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def memory_about(watch: Watch, at: float) -> float:
    """The median of the three looks nearest to a moment, in MB."""
    nearest = sorted(watch.memory, key=lambda look: abs(look[0] - at))[:3]
    return median([mb for _, mb in nearest])


def summary(watch: Watch) -> dict[str, Any]:
    began = FIRST if watch.steady else 0.0
    steady = [one for one in watch.turns if one.at >= began]
    took = [one.took for one in steady if not one.problem] or [float("nan")]
    then, at_the_end = memory_about(watch, FIRST), memory_about(watch, watch.seconds)
    return {
        "minutes": watch.seconds / 60,
        "turns": len(watch.turns),
        "first_minute_turns_s": sum(one.at < FIRST for one in watch.turns) / FIRST,
        "wanted_turns_s": watch.steady,
        "held_turns_s": len(steady) / (watch.seconds - began),
        "median_ms": share(took, 0.5),
        "p99_ms": share(took, 0.99),
        "longest_ms": share(took, 1.0),
        "other_than_rehearsed": sum("rehearsed" in (one.problem or "") for one in watch.turns),
        "silent_or_failed": sum(
            one.problem is not None and "rehearsed" not in one.problem for one in watch.turns
        ),
        "memory_first_minute_mb": then,
        "memory_end_mb": at_the_end,
        "memory_ratio": at_the_end / then,
    }


def wrong(found: dict[str, Any], failures: float) -> list[str]:
    """What was not as it must be."""
    must = {
        "turns were silent or failed": not found["silent_or_failed"],
        "answers were not the rehearsed ones": not found["other_than_rehearsed"],
        "turns failed inside": not failures,
        "memory grew": found["memory_ratio"] <= MOST_GROWTH,
        "the rate was not held": found["held_turns_s"] >= LEAST_RATE * found["wanted_turns_s"],
    }
    return [what for what, is_well in must.items() if not is_well]


def draw(watch: Watch, file: Path) -> None:
    figure, (left, right) = canvas(2, 9)
    left.plot(
        [at / 60 for at, _ in watch.memory], [mb for _, mb in watch.memory], color=COLOURS[OURS]
    )
    left.set_ylim(0, 1.2 * max(mb for _, mb in watch.memory))
    left.set_ylabel("resident memory, MB")
    windows: dict[float, list[float]] = {}
    for one in watch.turns:
        windows.setdefault((one.at // WINDOW + 0.5) * WINDOW / 60, []).append(one.took)
    for name, quantile, line in (("median", 0.5, "-"), ("99th percentile", 0.99, "--")):
        points = [share(windows[at], quantile) for at in sorted(windows)]
        right.plot(sorted(windows), points, line, color=COLOURS[OURS], label=name)
    right.set_ylim(0)
    right.set_ylabel("milliseconds of a turn")
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.set_xlabel("minutes")
        axes.axvline(FIRST / 60, color="#999999", linewidth=0.8)
    save(figure, file)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20, help="at least 2 (%(default)s)")
    parser.add_argument("--share", type=float, default=0.8, help="of the throughput (%(default)s)")
    parser.add_argument("--rate", type=float, help="the throughput, turns/s (measured first)")
    parser.add_argument("--conversations", type=int, default=32, help="at once (%(default)s)")
    parser.add_argument(
        "--picture", type=Path, default=REPORTS / "soak.png", help="(reports/soak.png)"
    )
    options = parser.parse_args()
    if options.minutes < 2:
        parser.error("--minutes must be at least 2: the first one is what the rest is held against")
    with side(OURS) as one:
        one.settings |= UNLIMITED
        one.start()
        watch = soak(one, options)
        failures = one.count("mesoguide_failures_total") or 0.0
    found = summary(watch)
    problems = wrong(found, failures)
    rows = [[name.replace("_", " "), f"{value:,.2f}"] for name, value in found.items()]
    kinds = {turn.problem for turn in watch.turns if turn.problem}
    remarks = [f"Not as it must be: {what}." for what in problems] or ["All as it must be."]
    remarks += sorted(kinds)[:SHOWN]
    lines = {"memory_mb": watch.memory, "wrong": problems}
    report("soak", "A steady load", ["", "mesoguide serve"], rows, {**found, **lines}, *remarks)
    draw(watch, options.picture)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
