"""The widget on pages of other sites: strict, hostile, forbidden."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import (
    DESK,
    NewContext,
    Site,
    ask,
    focused,
    html,
    open_chat,
    strict,
    tags,
)
from tests.conftest import OTHER_SITE, Server

CHOOSE = """(node, colour) => {
    node.value = colour;
    node.dispatchEvent(new Event("input", { bubbles: true }));
}"""
HOSTILE = """
* { display: none !important; all: unset !important; color: red !important;
    font: 3px cursive !important; position: static !important; opacity: .1 !important; }
html { font-size: 5px !important; }
meso-guide, button, dialog, p { display: none !important; visibility: hidden !important; }
meso-guide { transform: scale(.1) !important; pointer-events: none !important; }
"""


def test_two_tags_are_enough_under_a_strict_policy(
    new_context: NewContext, site: Site, running: Server
) -> None:
    page = new_context(viewport=DESK).new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto(site.put("/strict", html(tags(running)), strict(running)))
    open_chat(page)
    ask(page, "what does stage 4 mean?")
    expect(page.locator(".reminder")).to_be_visible()
    assert page.locator(".chat").evaluate("node => getComputedStyle(node).position") == "fixed"
    hosts = {urlsplit(request.url).netloc for request in asked}
    assert hosts <= {urlsplit(OTHER_SITE).netloc, urlsplit(running.url).netloc}
    assert not any("session" in urlsplit(request.url).query for request in asked)


def test_the_persons_id_is_random_and_in_no_address(
    new_context: NewContext, running: Server
) -> None:
    page = new_context().new_page()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("websocket", lambda socket: addresses.append(socket.url))
    page.goto(running.url)
    expect(page.locator(".suggestions")).to_be_visible()
    ids = page.evaluate("Object.values(sessionStorage).filter(one => /^[0-9a-f]{32}$/.test(one))")
    assert len(ids) == 1
    assert addresses and not [one for one in addresses if ids[0] in one]


def test_a_pages_style_stays_outside(new_context: NewContext, site: Site, running: Server) -> None:
    page = new_context(viewport=DESK).new_page()
    style = f"<style>{HOSTILE}</style>"
    page.goto(site.put("/hostile", html(tags(running), style)))
    open_chat(page)
    ask(page, "what does stage 4 mean?")
    reminder = page.locator(".reminder")
    expect(reminder).to_be_visible()
    look = "node => { const s = getComputedStyle(node); return [s.fontSize, s.color, s.opacity]; }"
    assert reminder.evaluate(look) == ["16px", "rgb(29, 39, 43)", "1"]
    box = page.locator(".chat").bounding_box()
    assert box and box["width"] > 400
    page.get_by_role("button", name="Close the chat").click()
    expect(page.get_by_role("button", name="Ask Mesoguide")).to_be_visible()


def test_focus_goes_where_it_should(new_context: NewContext, site: Site, running: Server) -> None:
    page = new_context(viewport=DESK).new_page()
    page.goto(site.put("/focus", html(tags(running))))
    launcher = page.get_by_role("button", name="Ask Mesoguide")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    launcher.focus()
    page.keyboard.press("Enter")
    assert focused(page) == "message"
    expect(page.locator(".suggestions button")).to_have_count(3)
    page.keyboard.press("Escape")
    assert focused(page).startswith("Ask Mesoguide")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="My questions").press("Enter")
    assert focused(page) == "My questions"
    page.keyboard.press("Escape")
    assert focused(page) == "message"


def test_an_open_chat_is_open_after_a_reload_and_takes_no_focus(
    new_context: NewContext, site: Site, running: Server
) -> None:
    page = new_context(viewport=DESK).new_page()
    page.goto(site.put("/reload", html(tags(running) + '<input id="own" autofocus>')))
    open_chat(page)
    ask(page, "is it catching?")
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    page.reload()
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    assert focused(page) == "own"


def test_on_a_phone_the_page_behind_cannot_be_reached(
    new_context: NewContext, site: Site, running: Server
) -> None:
    page = new_context().new_page()
    page.goto(site.put("/phone", html(tags(running) + '<a id="own" href="#">A link</a>')))
    open_chat(page)
    box = page.locator(".chat").bounding_box()
    assert box and (box["width"], box["height"]) == (390, 844)
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.add(focused(page))
    assert "own" not in seen
    assert "message" in seen


@pytest.mark.parametrize(
    ("attributes", "side"), [("", "right"), (' position="bottom-left"', "left")]
)
def test_it_stands_where_it_is_told(
    new_context: NewContext, site: Site, running: Server, attributes: str, side: str
) -> None:
    page = new_context(viewport=DESK).new_page()
    page.goto(site.put("/side", html(tags(running, attributes + ' title="Ask us" open'))))
    expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
    box = page.locator(".chat").bounding_box()
    assert box
    assert (box["x"] < 100) == (side == "left")


def test_a_site_that_is_not_allowed_gets_a_clear_line(
    new_context: NewContext, site: Site, running: Server
) -> None:
    page = new_context(viewport=DESK).new_page()
    lines: list[str] = []
    page.on("console", lambda line: lines.append(line.text))
    address = site.put("/forbidden", html(tags(running))).replace("127.0.0.1", "localhost")
    page.goto(address)
    open_chat(page)
    expect(page.locator(".offline")).to_contain_text("No connection")
    expect(page.locator(".offline")).to_contain_text("911")
    own = address.removesuffix("/forbidden")
    assert any(f"MESOGUIDE_ORIGINS={own}" in line for line in lines)


def test_colours_come_in_by_properties(
    new_context: NewContext, site: Site, running: Server
) -> None:
    page = new_context(viewport=DESK).new_page()
    style = "<style>meso-guide { --mesoguide-accent: #7a1f5c; }</style>"
    page.goto(site.put("/colour", html(tags(running), style)))
    colour = page.locator(".launcher").evaluate("node => getComputedStyle(node).backgroundColor")
    assert colour == "rgb(122, 31, 92)"


def test_the_page_for_site_owners_shows_tags_and_a_live_preview(
    page: Page, running: Server
) -> None:
    page.set_viewport_size(DESK)
    page.goto(f"{running.url}/embed")
    expect(page.locator("#tags")).to_contain_text(
        f'<script src="{running.url}/mesoguide.js" defer>'
    )
    page.locator("#position").select_option("bottom-left")
    page.get_by_label("Heading").fill('Ask "us"')
    page.locator("#accent").evaluate(CHOOSE, "#7a1f5c")
    expect(page.locator("#tags")).to_contain_text(
        'title="Ask &quot;us&quot;" position="bottom-left"'
    )
    expect(page.locator("#colours")).to_contain_text("--mesoguide-accent: #7a1f5c;")
    launcher = page.locator(".launcher")
    assert launcher.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(122, 31, 92)"
    expect(page.locator("#contrast")).to_contain_text("enough contrast")
    page.locator("#accent").evaluate(CHOOSE, "#eeeeee")
    expect(page.locator("#contrast")).to_contain_text("Too little contrast")
