"""docs/openapi.yml against the server: what it says is there, and what is there it says."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from mesoguide import paths
from mesoguide.channels.limits import LONGEST
from mesoguide.channels.rest import DEEPEST
from mesoguide.channels.switches import SWITCHES
from mesoguide.channels.web import FILES
from tests.channels.vendor import post
from tests.conftest import Server

SPEC: dict[str, Any] = yaml.safe_load((paths.ROOT / "docs" / "openapi.yml").read_text("utf-8"))
PAGES = [path for path, methods in SPEC["paths"].items() if "get" in methods]
NO_HTTP_CONTRACT = "/socket.io"
ROUTES = """
import json
from rasa.core import run
channels = run.create_http_input_channels(None, "credentials.yml")
app = run.configure_app(channels, enable_api=False)
routes = app.router.routes_all.values()
print(json.dumps([[f"/{one.path.strip('/')}", sorted(one.methods)] for one in routes]))
"""


def described(path: str) -> dict[str, Any]:
    """The methods of a path, whether or not it ends in a slash: the server takes both."""
    paths_ = {one.rstrip("/") or "/": methods for one, methods in SPEC["paths"].items()}
    return dict(paths_.get(path, {}))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_that_is_described_is_there_and_of_its_kind(server: Server, path: str) -> None:
    status, headers, body = server.get(path)
    assert status == 200
    answer = SPEC["paths"][path]["get"]["responses"]["200"]
    if "$ref" in answer:
        answer = SPEC["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    assert headers["content-type"].partition(";")[0] in answer["content"]
    assert body


def test_the_example_of_a_message_is_answered(server: Server) -> None:
    fields = SPEC["components"]["schemas"]["Message"]["properties"]
    body = {name: one["example"] for name, one in fields.items() if "example" in one}
    kind = {"Content-Type": "application/json"}
    webhook = f"{server.url}/webhooks/rest/webhook"
    status, answer = post(webhook, json.dumps(body).encode(), kind)
    assert status == 200
    assert json.loads(answer)[-1]["custom"]["data"]["topic"] == "stage_4_meaning"


def test_every_public_route_of_the_server_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    for switch in SWITCHES:  # messaging channels answer to their vendors
        for name in (*switch.own, *switch.also, *switch.may):
            monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "-W", "ignore", "-c", ROUTES]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=paths.ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    routes = json.loads(done.stdout.splitlines()[-1])
    assert ["/webhooks/rest/webhook", ["POST"]] in routes
    for path, methods in routes:
        if path != NO_HTTP_CONTRACT:
            assert {one.lower() for one in methods} == set(described(path)), path


def test_every_file_that_is_served_is_described() -> None:
    assert set(FILES) <= set(SPEC["paths"])


def test_a_reply_has_the_names_of_its_schema() -> None:
    schema = paths.ROOT / "tests" / "contract" / "reply.schema.json"
    contract = json.loads(schema.read_text("utf-8"))
    reply = SPEC["components"]["schemas"]["Reply"]
    assert reply["required"] == contract["required"]
    assert reply["properties"]["type"]["enum"] == contract["properties"]["type"]["enum"]
    for part in ("quotes", "facts"):
        items = [one["properties"][part]["items"]["required"] for one in (reply, contract)]
        assert items[0] == items[1]


def test_the_limits_are_those_of_the_code() -> None:
    whole = SPEC["paths"]["/webhooks/rest/webhook"]["post"]["responses"]["200"]["description"]
    assert f"{LONGEST:,} characters" in whole
    metadata = SPEC["components"]["schemas"]["Message"]["properties"]["metadata"]["description"]
    assert f"{DEEPEST} deep" in metadata
