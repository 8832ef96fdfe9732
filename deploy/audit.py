"""Known weaknesses of the libraries in requirements.txt, by pip-audit; those explained pass.

    uv run python deploy/audit.py [--service osv|pypi] [--osv-url URL]

Exit 1 when a weakness is reported that deploy/advisories.yml does not explain, 3 when no
advisories could be had: then nothing was audited, which is not the same as nothing found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
LIST = ROOT / "deploy" / "advisories.yml"
REQUIREMENTS = ROOT / "requirements.txt"
PIP_AUDIT = "pip-audit==2.10.0"
FOUND, CANNOT_BE_HAD = 1, 3
SERVICES = ("osv", "pypi")


@dataclass(frozen=True)
class Weakness:
    """One that pip-audit reports: package, version, all its ids, the versions with a fix."""

    package: str
    version: str
    ids: tuple[str, ...]
    fixes: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixes)}" if self.fixes else "no fixed version"
        return f"{self.package} {self.version}: {', '.join(self.ids)} ({fixed})"


class CannotBeHad(Exception):
    """No advisories could be had."""


def explained() -> dict[str, set[str]]:
    """Ids that deploy/advisories.yml explains, by package."""
    entries = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return {one["package"]: set(one["ids"]) for one in entries}


def pins() -> str:
    """The lines of requirements.txt without hashes, since some (other systems') have none."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removesuffix(" \\") for line in lines if not line.startswith(" "))


def audit(service: str, url: str | None) -> list[Weakness]:
    """Ask the service about every line of requirements.txt; raises CannotBeHad."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    alone = [uv, "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    command = [*alone, "--with", PIP_AUDIT, "pip-audit", "--requirement", "/dev/stdin"]
    command += ["--no-deps", "--disable-pip", "--vulnerability-service", service]
    # --strict: without it, a package that could not be looked up counts as a good one
    command += ["--strict", "--format", "json", "--progress-spinner", "off"]
    if url:
        command += ["--osv-url", url]
    try:
        done = subprocess.run(
            command, input=pins(), cwd=ROOT, capture_output=True, text=True, check=False
        )
        report = json.loads(done.stdout)
    except OSError as error:
        raise CannotBeHad(str(error)) from error
    except ValueError as error:
        raise CannotBeHad((done.stderr.strip().splitlines() or ["no reason given"])[-1]) from error
    return [found for one in report["dependencies"] for found in _weaknesses(one)]


def _weaknesses(dependency: dict[str, Any]) -> list[Weakness]:
    return [
        Weakness(
            dependency["name"],
            dependency["version"],
            (one["id"], *one.get("aliases", ())),
            tuple(one.get("fix_versions", ())),
        )
        for one in dependency.get("vulns", ())
    ]


def main() -> int:
    """Print what was found; the exit code."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="Exit 1 on an unexplained weakness, 3 when no advisories could be had.",
    )
    parser.add_argument("--service", choices=SERVICES, default="osv", help="(%(default)s)")
    parser.add_argument("--osv-url", metavar="URL", help="an OSV service of your own")
    options = parser.parse_args()
    try:
        found = audit(options.service, options.osv_url)
    except CannotBeHad as error:
        print(f"Nothing was audited: no advisories could be had. {error}", file=sys.stderr)
        return CANNOT_BE_HAD
    known = explained()
    new = [one for one in found if not known.get(one.package, set()) & set(one.ids)]
    for one in new:
        print(f"Not explained: {one}")
    print(f"{len(found)} known weaknesses, {len(found) - len(new)} explained in {LIST.name}.")
    if new:
        print("Raise the version in pyproject.toml (override-dependencies), or explain why not.")
    return FOUND if new else 0


if __name__ == "__main__":
    sys.exit(main())
