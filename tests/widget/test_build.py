"""The committed script is what its source builds to, small, and readable."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import textstat

from mesoguide import paths
from tests.conftest import or_skip

WIDGET = paths.ROOT / "widget"
BUILT = WIDGET / "dist" / "mesoguide.js"
LARGEST = 25_000  # bytes, gzipped
GRADE = 8
# The names of SVG's namespace and of a library in its own error message load nothing.
OTHER_SITES = re.compile(rb"https?://(?!www\.w3\.org/2000/svg|socket\.io)[a-z0-9.-]+\.[a-z]{2,}")


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if not (found and (WIDGET / "node_modules" / "esbuild").is_dir()):
        or_skip("Node.js or the widget's packages are missing: npm ci --prefix widget")
    return found


def test_the_built_file_matches_its_source(node: str, tmp_path: Path) -> None:
    fresh = tmp_path / "mesoguide.js"
    done = subprocess.run([node, "build.mjs", str(fresh)], cwd=WIDGET, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert fresh.read_bytes() == BUILT.read_bytes(), "Run: npm run build --prefix widget"


def test_the_source_has_no_type_error(node: str) -> None:
    tsc = WIDGET / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run([node, str(tsc), "--noEmit"], cwd=WIDGET, capture_output=True)
    assert done.returncode == 0, done.stdout.decode()


def test_it_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) <= LARGEST


def test_it_names_no_other_site() -> None:
    assert not OTHER_SITES.findall(BUILT.read_bytes())


def test_its_own_words_are_easy_to_read() -> None:
    source = (WIDGET / "src" / "words.ts").read_text(encoding="utf-8")
    sentences = [one for one in re.findall(r'"([^"]+)"', source) if len(one.split()) > 4]
    assert len(sentences) >= 10
    assert textstat.flesch_kincaid_grade(" ".join(sentences)) <= GRADE
