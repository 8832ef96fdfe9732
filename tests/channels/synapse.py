"""A real Matrix homeserver on loopback, the bridge beside it, and people with a real client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nio
import yaml

from mesoguide import paths
from tests.conftest import free_port, or_skip

PACKAGES = ["--from", "matrix-synapse==1.141.0", "--with", "prometheus-client==0.21.1"]
NAME = "meso.test"
SECRET = "for the tests only"
PASSWORD = "a long password of the tests"
LIMIT = 30.0  # seconds for a message to arrive
PLENTY = {"per_second": 10_000, "burst_count": 10_000}


def synapse_python() -> str:
    """The Python of an environment with Synapse; skips where it cannot be had."""
    if shutil.which("uv") is None:
        or_skip("uv is missing: pip install uv")
    command = ["uv", "tool", "run", "--isolated", "--python", "3.10", *PACKAGES, "python", "-c"]
    done = subprocess.run(
        [*command, "import sys, synapse; print(sys.executable)"],
        capture_output=True, text=True, timeout=300, check=False, cwd=paths.ROOT,
    )  # fmt: skip
    if done.returncode != 0:
        or_skip(f"Synapse could not be installed: {done.stderr[-300:]}")
    return done.stdout.strip()


class Synapse:
    """The homeserver."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._python = synapse_python()
        self._process: subprocess.Popen[bytes] | None = None
        self._admin = ""
        listener = {
            "port": self.port, "type": "http", "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client"]}],
        }  # fmt: skip
        relaxed = {
            "rc_message": PLENTY,
            "rc_registration": PLENTY,
            "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), PLENTY),
            "rc_joins": dict.fromkeys(("local", "remote"), PLENTY),
            "rc_joins_per_room": PLENTY,
            "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), PLENTY),
            "rc_room_creation": PLENTY,
        }
        settings = {
            "server_name": NAME,
            "pid_file": str(folder / "synapse.pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
            "media_store_path": str(folder / "media"),
            "signing_key_path": str(folder / "signing.key"),
            "log_config": str(folder / "log.yaml"),
            "registration_shared_secret": SECRET,
            "macaroon_secret_key": SECRET,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "report_stats": False,
            "bcrypt_rounds": 4,
            **relaxed,
        }
        seed = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n")
        (folder / "homeserver.yaml").write_text(yaml.safe_dump(settings))
        log = {"version": 1, "handlers": {"out": {"class": "logging.StreamHandler"}},
               "root": {"level": "WARNING", "handlers": ["out"]}}  # fmt: skip
        (folder / "log.yaml").write_text(yaml.safe_dump(log))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [self._python, "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]
        with (self.folder / "synapse.log").open("ab") as output:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=output, stderr=output)
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.call("GET", "/_matrix/client/versions")
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise AssertionError((self.folder / "synapse.log").read_text()[-3000:])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def call(self, method: str, path: str, data: Any = None, token: str = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def register(self, name: str, admin: bool = False) -> str:
        """A new account; returns its id."""
        path = "/_synapse/admin/v1/register"
        nonce = self.call("GET", path)["nonce"]
        parts = (nonce, name, PASSWORD, "admin" if admin else "notadmin")
        mac = hmac.new(SECRET.encode(), "\0".join(parts).encode(), hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": admin}
        answer = self.call("POST", path, {**account, "mac": mac})
        if admin:
            self._admin = answer["access_token"]
        return str(answer["user_id"])

    def administer(self, method: str, path: str, data: Any = None) -> Any:
        """What the operator of the homeserver may do."""
        if not self._admin:
            self.register("operator", admin=True)
        return self.call(method, f"/_synapse/admin/{path}", data, self._admin)


@dataclass
class Bot:
    """`mesoguide matrix` for one account, with a state file of its own."""

    synapse: Synapse
    user: str
    folder: Path
    assistant: str
    command: list[str] = field(default_factory=lambda: ["-m", "mesoguide", "matrix"])
    process: subprocess.Popen[bytes] | None = None

    @property
    def state(self) -> Path:
        return self.folder / "matrix.db"

    @property
    def log(self) -> str:
        return (self.folder / "bridge.log").read_text()

    def environment(self, **changes: str) -> dict[str, str]:
        mine = {
            "MESOGUIDE_MATRIX_SERVER": self.synapse.url,
            "MESOGUIDE_MATRIX_USER": self.user,
            "MESOGUIDE_MATRIX_PASSWORD": PASSWORD,
            "MESOGUIDE_MATRIX_ASSISTANT": self.assistant,
            "MESOGUIDE_MATRIX_STATE": str(self.state),
        }
        return {**os.environ, **mine, **changes}

    def start(self) -> None:
        file = self.folder / "bridge.log"
        before = file.read_text().count("answers on Matrix as") if file.exists() else 0
        with file.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                stdout=output, stderr=output, env=self.environment(), cwd=paths.ROOT,
            )  # fmt: skip
        end = time.monotonic() + LIMIT
        while self.log.count("answers on Matrix as") == before:
            assert time.monotonic() < end and self.process.poll() is None, self.log
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """How it ended."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        status = self.process.wait(timeout=30)
        self.process = None
        return status


@dataclass
class Person:
    """Somebody with a Matrix client, in a room with the bot."""

    client: nio.AsyncClient
    bot: str
    room: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)  # contents of the bot's messages

    @classmethod
    async def of(cls, synapse: Synapse, name: str, bot: str) -> Person:
        user = synapse.register(name)
        client = nio.AsyncClient(synapse.url, user)
        answer = await client.login(PASSWORD)
        assert isinstance(answer, nio.LoginResponse), answer
        return cls(client, bot)

    async def open(self, encrypted: bool = False, invited: bool = True) -> None:
        """A new room, and the bot invited into it."""
        how = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        answer = await self.client.room_create(
            is_direct=invited,
            preset=nio.RoomPreset.trusted_private_chat,
            invite=[self.bot] if invited else [],
            initial_state=[how] if encrypted else [],
        )
        assert isinstance(answer, nio.RoomCreateResponse), answer
        self.room, self.heard = answer.room_id, []

    async def send(self, text: str, **content: Any) -> str:
        """Write something; returns the event's id."""
        whole = {"msgtype": "m.text", "body": text, **content}
        return await self.send_event("m.room.message", whole)

    async def send_event(self, kind: str, content: dict[str, Any]) -> str:
        answer = await self.client.room_send(self.room, kind, content)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def hears(self, count: int, limit: float = LIMIT) -> str:
        """Wait until the bot has said so many messages in all; returns the last."""
        end = time.monotonic() + limit
        while len(self.heard) < count:
            assert time.monotonic() < end, f"{len(self.heard)} of {count} came"
            await self.listen()
        assert len(self.heard) == count, [one["body"] for one in self.heard]
        return str(self.heard[-1]["body"])

    async def says(self, text: str, **content: Any) -> str:
        """Write something and wait for the one message that answers it."""
        before = len(self.heard)
        await self.send(text, **content)
        return await self.hears(before + 1)

    async def listen(self, milliseconds: int = 500) -> None:
        answer = await self.client.sync(milliseconds)
        assert isinstance(answer, nio.SyncResponse), answer
        here = answer.rooms.join.get(self.room)
        for event in here.timeline.events if here else ():
            if event.sender == self.bot and event.source["type"] == "m.room.message":
                self.heard.append(event.source["content"])

    async def until_bot(self, membership: str, limit: float = LIMIT) -> None:
        """Wait until the bot has joined or left the room."""
        end = time.monotonic() + limit
        while await self.membership() != membership:
            assert time.monotonic() < end, f"the bot is not at {membership}"
            await asyncio.sleep(0.05)

    async def membership(self) -> str:
        answer = await self.client.room_get_state_event(self.room, "m.room.member", self.bot)
        return str(getattr(answer, "content", {}).get("membership"))
