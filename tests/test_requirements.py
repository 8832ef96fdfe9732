"""requirements.txt, from which images install, is the resolution of pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess

from mesoguide import paths


def test_requirements_are_the_resolution() -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv is needed: pip install uv"
    command = [uv, "export", "--no-dev", "--no-emit-project", "--no-header", "--no-annotate"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=paths.ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    remedy = f"Run: {' '.join(command[1:])} -o requirements.txt (with uv before it)"
    assert (paths.ROOT / "requirements.txt").read_text() == done.stdout, remedy


def test_requirements_name_no_registry() -> None:
    text = (paths.ROOT / "requirements.txt").read_text()
    assert "://" not in text
    assert "--hash=sha256:" in text
