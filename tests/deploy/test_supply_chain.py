"""What is known of the libraries: pip-audit against a small OSV service; our reasons, tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

from mesoguide import paths
from tests.conftest import or_skip, start_server

ENTRIES: list[dict[str, Any]] = yaml.safe_load(
    (paths.ROOT / "deploy" / "advisories.yml").read_text("utf-8")
)
IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)
CANNOT_BE_HAD = 3


class Osv:
    """Speaks the query of the OSV API; `known` are its records by package, None when it is ill."""

    def __init__(self) -> None:
        self.known: dict[str, list[dict[str, Any]]] | None = {}
        self.asked: set[str] = set()
        osv = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                osv.asked.add(query["package"]["name"])
                found = None if osv.known is None else osv.known.get(query["package"]["name"])
                body = json.dumps({"vulns": found} if found else {}).encode()
                self.send_response(500 if osv.known is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/query"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def record(package: str, number: str, *aliases: str) -> dict[str, Any]:
        """A weakness of all versions up to 9999."""
        events = [{"introduced": "0"}, {"fixed": "9999"}]
        where = {"package": {"name": package, "ecosystem": "PyPI"}}
        return {
            "id": number,
            "aliases": list(aliases),
            "summary": "A weakness.",
            "details": "It is weak.",
            "modified": "2026-01-01T00:00:00Z",
            "published": "2026-01-01T00:00:00Z",
            "affected": [{**where, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
        }


@pytest.fixture(scope="module")
def osv() -> Iterator[Osv]:
    osv = Osv()
    yield osv
    osv.server.shutdown()
    osv.server.server_close()


def audit(osv: Osv) -> tuple[int, str]:
    script = str(paths.ROOT / "deploy" / "audit.py")
    command = [sys.executable, script, "--osv-url", osv.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode == CANNOT_BE_HAD and not osv.asked:
        or_skip(f"pip-audit cannot be had: {done.stderr}")
    return done.returncode, done.stdout + done.stderr


def test_the_audit_asks_for_each_library_and_passes_what_is_explained(osv: Osv) -> None:
    osv.known = {
        one["package"]: [Osv.record(one["package"], "PYSEC-1", *one["ids"])] for one in ENTRIES
    }
    code, said = audit(osv)
    assert code == 0, said
    assert f"{len(ENTRIES)} known weaknesses, {len(ENTRIES)} explained" in said
    assert {"rasa", "sanic", "aiohttp", "tensorflow"} <= osv.asked
    assert len(osv.asked) > 100


def test_the_audit_fails_on_what_is_not_explained(osv: Osv) -> None:
    osv.known = {"sanic": [Osv.record("sanic", "GHSA-none", "CVE-2099-1")]}
    code, said = audit(osv)
    assert code == 1
    assert "Not explained: sanic 21.12.2: CVE-2099-1, GHSA-none (fixed in 9999)" in said


def test_the_audit_says_when_nothing_was_audited(osv: Osv) -> None:
    osv.known = None
    code, said = audit(osv)
    assert code == CANNOT_BE_HAD
    assert said.startswith("Nothing was audited")


def test_the_page_tells_the_versions_that_are_installed() -> None:
    page = (paths.ROOT / "docs" / "supply_chain.md").read_text("utf-8")
    raised = re.findall(r"^\| ([a-z0-9-]+) \| [\d.]+ \| ([\d.]+) \|", page, re.MULTILINE)
    assert len(raised) >= 7
    assert {name: version(name) for name, _ in raised} == dict(raised)
    assert all(str(one["package"]) in page.lower() for one in ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: str(one["package"]))
def test_a_reason_is_whole_and_still_needed(entry: dict[str, Any]) -> None:
    assert set(entry) == {"package", "ids", "fixed_in", "held_by", "what", "why", "not_loaded"}
    assert all(entry[key] for key in ("package", "ids", "held_by", "what", "why"))
    installed = Version(version(entry["package"]))
    if entry["fixed_in"] != "none":
        assert installed < Version(entry["fixed_in"]), "It has the fix: take the entry out."


def test_a_running_server_has_not_loaded_what_must_not_be_reached(
    model: Path, tmp_path: Path
) -> None:
    process, server = start_server(tmp_path, PYTHONPROFILEIMPORTTIME="1")
    try:
        assert server.say("what does stage 4 mean?").data["topic"]
    finally:
        process.terminate()
        process.wait(timeout=30)
    loaded = set(IMPORTED.findall(server.log.read_text(errors="replace")))
    assert {"sanic", "rasa.core.agent"} <= loaded
    unwanted = [name for entry in ENTRIES for name in entry["not_loaded"]]
    assert [name for name in unwanted if name in loaded] == []
