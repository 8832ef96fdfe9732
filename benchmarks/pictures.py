"""The README's pictures of the chat, taken from a running server.

uv run mesoguide serve
uv run python benchmarks/pictures.py [http://127.0.0.1:5005]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from mesoguide import paths  # noqa: E402
from tests.browser.conftest import CHROMIUM, DESK, PHONE, QUIET, ask, open_chat  # noqa: E402

DOCS = paths.ROOT / "docs"


def asked(browser: Browser, url: str, *questions: str, **look: Any) -> Page:
    page = browser.new_context(**{"viewport": PHONE, **look}).new_page()
    page.goto(url)
    if page.locator(".launcher").count():
        open_chat(page)
    expect(page.locator(".suggestions")).to_be_visible()
    for number, question in enumerate(questions, start=2):
        ask(page, question)
        expect(page.locator(".guide")).to_have_count(number)
    page.wait_for_timeout(500)
    return page


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the README's pictures of the chat.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:5005", help="a running server")
    url = parser.parse_args().url
    if CHROMIUM is None:
        print("There is no Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = asked(browser, url, "does immunotherapy help with stage 4?")
        page.locator("summary").last.click()
        page.screenshot(path=DOCS / "conversation.png")
        danger = "how often is opdivo given? also my husband cant breathe since an hour"
        asked(browser, url, danger, color_scheme="dark").screenshot(path=DOCS / "danger.png")
        page = asked(browser, f"{url}/embed", "what does stage 4 mean?", viewport=DESK)
        page.screenshot(path=DOCS / "embedded.png")
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
