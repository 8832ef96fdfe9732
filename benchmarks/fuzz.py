"""Odd messages, bodies and requests against a real server: never silence, never a stack trace.

    uv run python benchmarks/fuzz.py [--inputs 20000] [--seed N] [--part made|described|both]

`made` are those of odd_inputs.py, `described` those that Schemathesis makes of docs/openapi.yml, in
an environment of its own. The server has a database of its own and runs on this machine. Exit 1
when anything was found, 3 when Schemathesis cannot be had. The seed is printed: the same seed, the
same inputs.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from odd_inputs import Odd, inputs
from rich.console import Console
from rich.progress import track
from sides import OURS, REPORTS, ROOT, Side, failed, side

SCHEMATHESIS = "schemathesis==4.30.1"
CANNOT_BE_HAD = 3
CONNECTIONS = 8
PATIENCE = 60  # seconds
TOLD_APART = 16  # characters of a text that is looked for in the log
SHOWN = 10
UNSAFE = ("Traceback (most", 'File "/', "sqlalchemy.", "rasa.core")
# Whose methods are refused (404 or 405) is Sanic's business.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,positive_data_acceptance"
)
Found = dict[str, Any]


def problem(odd: Odd, status: int, body: bytes) -> str | None:
    """What is wrong with an answer; None when all is well."""
    shown = body.decode(errors="replace")
    if status >= 500:
        return f"status {status}"
    if any(trace in shown for trace in UNSAFE):
        return "a stack trace"
    if odd.kind == "request":
        return None  # whether it is refused depends on what nobody meant
    if status in (400, 403):
        return _refusal(odd, status, shown)
    if status not in (200, 413, 429):
        return f"status {status}"
    return _answer(odd, status, shown)


def _refusal(odd: Odd, status: int, shown: str) -> str | None:
    if odd.kind == "message":
        return f"a message was refused, status {status}"
    try:
        why = json.loads(shown)["error"]
    except (ValueError, KeyError, TypeError):
        why = None
    return None if isinstance(why, str) and why.strip() else f"status {status} without a reason"


def _answer(odd: Odd, status: int, shown: str) -> str | None:
    try:
        said = json.loads(shown)
        texts = [one.get("text") or one["custom"]["data"]["text"] for one in said]
        whose = {one["recipient_id"] for one in said if "recipient_id" in one}
    except (ValueError, KeyError, TypeError, AttributeError):
        return "an answer that is none"
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        return "an answer without text"
    if odd.kind == "message" and not whose <= {odd.sender}:
        return "somebody else's answer"
    return "an excuse for a failure" if status == 200 and failed() in shown else None


class Wire(threading.local):
    """One connection for each thread, on which anything may be written."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.link: socket.socket | None = None

    def send(self, odd: Odd) -> str | None:
        """Send one; what is wrong with what comes back."""
        for again in (False, True):
            was_open = self.link is not None
            try:
                return self._sent(odd)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if was_open and not again and not isinstance(error, TimeoutError):
                    continue  # the server may close a connection that was used
                if odd.kind == "request" and isinstance(error, http.client.BadStatusLine):
                    return None  # it was no HTTP
                return f"no answer: {type(error).__name__}"
        raise AssertionError("A new connection was tried.")

    def close(self) -> None:
        if self.link is not None:
            self.link.close()
        self.link = None

    def _sent(self, odd: Odd) -> str | None:
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.link.sendall(odd.wire())
        answer = http.client.HTTPResponse(self.link, method=odd.method)
        answer.begin()
        body = answer.read()
        if answer.will_close or odd.kind == "request":
            self.close()
        return problem(odd, answer.status, body)


def made(server: Side, odd: list[Odd]) -> Iterator[Found]:
    """Send what was made over several connections, and look at the server afterwards."""
    wire = Wire(server.port)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        answers = threads.map(wire.send, odd)
        for one, what in zip(odd, track(answers, "Made", total=len(odd)), strict=True):
            if what:
                yield {"what": what, "input": repr(one.wire().decode("latin-1"))}
    log = _log(server)
    for text in {one.text for one in odd if len(one.text.strip()) >= TOLD_APART}:
        if text.strip() in log:
            yield {"what": "what was typed is in the log", "input": repr(text)}


def described(server: Side, examples: int, number: int) -> Iterator[Found]:
    """Let Schemathesis make requests of docs/openapi.yml, and hold the answers against it."""
    command = [
        "run",
        str(ROOT / "docs" / "openapi.yml"),
        "--url",
        server.url,
        "--seed",
        str(number),
    ]
    command += ["--max-examples", str(examples), "--generation-deterministic", "--no-shrink"]
    command += ["--phases", "examples,coverage,fuzzing", "--checks", CHECKS, "--no-color"]
    command += ["--continue-on-failure", "--warnings", "off", "--request-timeout", str(PATIENCE)]
    with Console().status("Described"):
        done = schemathesis(server.folder, *command)
    print(done.stdout[done.stdout.rfind("= SUMMARY =") :].strip("=\n "))
    if done.returncode:
        yield {"what": "not as docs/openapi.yml says", "input": done.stdout + done.stderr}


def schemathesis(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run it in an environment of its own: it wants newer libraries than Rasa allows."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    alone = [uv, "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    whole = [*alone, "--with", SCHEMATHESIS, "schemathesis", *command]
    env = {**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder)}  # not where it is run
    return subprocess.run(whole, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def can_be_had(folder: Path) -> bool:
    try:
        return schemathesis(folder, "--version").returncode == 0
    except OSError:
        return False


def afterwards(server: Side) -> Iterator[Found]:
    """Whether the server is as well as before."""
    if server.processes[-1].poll() is not None:
        yield {"what": "the server ended"}
        return
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    link.request("GET", "/health")
    answer = link.getresponse()
    if answer.status != 200:
        yield {"what": f"/health: status {answer.status}", "input": answer.read().decode()}
    link.close()
    server.hang_up()
    server.ask("somebody-who-asks-last", "what does stage 4 mean")
    if server.unanswered:
        yield {"what": "no answer to a plain question afterwards"}
    if failures := server.count("mesoguide_failures_total"):
        yield {"what": f"{failures:.0f} turns failed inside", "input": _errors(server)}
    if "Traceback" in _log(server):
        yield {"what": "a stack trace in the log", "input": _log(server)[-3000:]}


def _log(server: Side) -> str:
    return "".join(one.read_text(errors="replace") for one in sorted(server.folder.glob("*.log")))


def _errors(server: Side) -> str:
    lines = Counter(line.partition(" ERROR ")[2] for line in _log(server).splitlines())
    return "\n".join(f"{times} times: {line}" for line, times in lines.most_common(SHOWN) if line)


def show(found: Iterable[Found]) -> None:
    for what, times in Counter(one["what"] for one in found).items():
        print(f"\n{what}: {times} times")
        for one in [one for one in found if one["what"] == what][:SHOWN]:
            print(f"  {str(one.get('input', ''))[-2000:]}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="Exit 1 when anything was found, 3 when Schemathesis cannot be had.",
    )
    parser.add_argument("--inputs", type=int, default=20_000, metavar="N", help="(%(default)s)")
    parser.add_argument("--seed", type=int, help="the same seed, the same inputs (random)")
    parser.add_argument("--part", choices=("made", "described", "both"), default="both")
    parser.add_argument(
        "--json", type=Path, default=REPORTS / "fuzz.json", help="(reports/fuzz.json)"
    )
    options = parser.parse_args()
    number = random.randrange(2**32) if options.seed is None else options.seed
    counts = {"made": options.inputs, "described": 0}
    if options.part != "made":
        counts["described"] = max(10, options.inputs // 100)  # for each address
        counts["made"] = 0 if options.part == "described" else options.inputs
    print(f"Seed: {number}", flush=True)
    found: list[Found] = []
    with side(OURS) as server:
        if counts["described"] and not can_be_had(server.folder):
            print(f"{SCHEMATHESIS} cannot be had.", file=sys.stderr)
            return CANNOT_BE_HAD
        server.settings["MESOGUIDE_PROXIES"] = "1"  # so that what proxies write is read too
        with Console().status("Making inputs"):
            odd = inputs(counts["made"], number)
        server.start()
        found += made(server, odd)
        if counts["described"]:
            found += described(server, counts["described"], number)
        found += afterwards(server)
    show(found)
    sent = Counter(one.kind for one in odd)
    result = {"seed": number, "sent": sent, "described": counts["described"], "found": found}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=2), encoding="utf-8")
    print(f"\nSent: {dict(sent)}, and {counts['described']} of each address. Found: {len(found)}.")
    print(f"Written: {options.json}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
