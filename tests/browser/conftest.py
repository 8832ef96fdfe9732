"""A real browser, pages of other sites that embed the widget, and axe."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mesoguide import paths
from tests.conftest import OTHER_PORT, OTHER_SITE, Server, or_skip

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = paths.ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 800}
STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server} {socket}; "
    "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'"
)


# For one file each: while it is open, Playwright's event loop runs and no other can.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        or_skip("There is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Makes browser contexts; a page error or a refused content policy fails the test."""
    opened: list[BrowserContext] = []
    wrong: list[str] = []

    def make(**settings: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": PHONE, **settings})
        context.set_default_timeout(20_000)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on(
            "console",
            lambda line: (
                wrong.append(line.text)
                if "Content Security Policy" in line.text or "TrustedHTML" in line.text
                else None
            ),
        )
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert not wrong


@pytest.fixture
def page(new_context: NewContext, running: Server) -> Page:
    """The chat page on a phone."""
    page = new_context().new_page()
    page.goto(running.url)
    return page


class Site:
    """Another site: its pages by path, each with a content policy or none."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = site.pages.get(self.path.split("?")[0])
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if found and found[1]:
                    self.send_header("Content-Security-Policy", found[1])
                self.end_headers()
                if found:
                    self.wfile.write(found[0].encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", OTHER_PORT), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path: str, html: str, policy: str = "") -> str:
        self.pages[path] = (html, policy)
        return OTHER_SITE + path


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def tags(server: Server, attributes: str = "") -> str:
    """The two tags that a site owner puts on a page."""
    script = f'<script src="{server.url}/mesoguide.js" defer></script>'
    return f"{script}<meso-guide{attributes}></meso-guide>"


def strict(server: Server) -> str:
    return STRICT.format(server=server.url, socket=server.url.replace("http", "ws", 1))


def html(body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A charity</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{head}</head><body><main><h1>A charity</h1><p>Words of its own.</p></main>"
        f"{body}</body></html>"
    )


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def open_chat(page: Page) -> None:
    page.get_by_role("button", name="Ask Mesoguide").click()


def focused(page: Page) -> str:
    """What has the focus, also within the widget: its id, label or words."""
    return str(
        page.evaluate(
            """() => {
                let at = document.activeElement;
                while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                return at?.id || at?.getAttribute("aria-label") || at?.textContent || "";
            }"""
        )
    )


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, WCAG 2.2 A and AA and best practice."""
    if not AXE.is_file():
        or_skip("axe is missing: npm ci --prefix widget")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run()")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
