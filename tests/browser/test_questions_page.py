"""The page for editors in a real browser: light, dark, on a phone, and found fit by axe."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mesoguide.nlu.encoder import load_encoder
from mesoguide.questions import summary
from mesoguide.questions_page import html
from mesoguide.storage.unanswered import Unanswered, today
from tests.browser.conftest import DESK, PHONE, NewContext, violations

LONG = "w" * 300  # no place to break


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = ["will his hair fall out", "hair loss??", "<script>document.title = 1</script>", LONG]
    found = [
        Unanswered(today() - timedelta(days=at), "rest", ("side_effects",), text)
        for at, text in enumerate(texts)
    ]
    file = tmp_path_factory.mktemp("page") / "questions.html"
    file.write_text(html(summary(found, 90, load_encoder().encode_all)), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_is_fit_for_everybody(
    size: dict[str, int], scheme: str, file: Path, new_context: NewContext
) -> None:
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light == (scheme == "light")
    assert page.title().startswith("Not understood, ")
    assert page.get_by_role("img").count() == 2
    page.get_by_text("The figures as a table").click()
    assert page.get_by_role("table").count() == 2
    assert asked == [file.as_uri()]
    assert not violations(page)
