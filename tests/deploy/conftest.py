"""The product as its image has it: what the Dockerfile copies, and nobody may write there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mesoguide import paths
from tests.conftest import START_LIMIT, Server, free_port

DOCKERFILE = paths.ROOT / "deploy" / "Dockerfile"
COPY = re.compile(r"^COPY (?!--from)(.+) (\S+)$", re.MULTILINE)


def copied() -> list[tuple[Path, Path]]:
    """Sources and targets, relative to the checkout and to /app."""
    found = []
    for sources, target in COPY.findall(DOCKERFILE.read_text(encoding="utf-8")):
        for source in sources.split():
            into = Path(target) / Path(source).name if target.endswith("/") else Path(target)
            found.append((Path(source), into))
    return found


@dataclass
class Image:
    """A folder that stands for /app, one for /data, and the server that runs there."""

    app: Path
    data: Path
    process: subprocess.Popen[bytes]
    server: Server


@pytest.fixture(scope="module")
def image(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    app, data = folder / "app", folder / "data"
    data.mkdir()
    for source, target in copied():
        if target.is_absolute():
            continue
        (app / target).parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__")
        if (paths.ROOT / source).is_dir():
            shutil.copytree(paths.ROOT / source, app / target, ignore=ignored)
        else:
            shutil.copy2(paths.ROOT / source, app / target)
    shutil.copytree(model, app / "models")  # trained when the image is built
    write(app, False)
    port, log = free_port(), data / "serve.log"
    (data / "region").write_text("uk\n")
    env = {
        **{name: value for name, value in os.environ.items() if "COV_CORE" not in name},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(data),
        "MPLCONFIGDIR": str(data / "matplotlib"),
        "TMPDIR": str(data),
        "MESOGUIDE_DB": str(data / "conversations.db"),
        "MESOGUIDE_REGION_FILE": str(data / "region"),
    }
    command = ["sh", str(app / "deploy/start.sh"), "python", "-m", "mesoguide", "serve"]
    command += ["--host", "0.0.0.0", "--port", str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*unprivileged(), *command], cwd=app, env=env, stdout=out, stderr=out
        )
    server = Server(f"http://127.0.0.1:{port}", log)
    try:
        until = time.monotonic() + START_LIMIT
        while not healthy(server):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield Image(app, data, process, server)
    finally:
        process.kill()
        process.wait()
        write(app, True)


def unprivileged() -> list[str]:
    """Root without its privileges may write only what anybody may."""
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def write(folder: Path, is_allowed: bool) -> None:
    for place in (folder, *folder.rglob("*")):
        mode = place.stat().st_mode
        place.chmod(mode | 0o200 if is_allowed else mode & ~0o222)


def healthy(server: Server) -> bool:
    try:
        return server.get("/health")[0] == 200
    except OSError:
        return False
