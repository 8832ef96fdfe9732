"""The widget for everyone: by keyboard, by ear, small, large, dark, in forced colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from mesoguide.core.knowledge import Knowledge
from tests.browser.conftest import (
    DESK,
    NewContext,
    Site,
    ask,
    focused,
    html,
    open_chat,
    tags,
    violations,
)
from tests.conftest import Server

LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "forced colours": {"forced_colors": "active"},
    "desk": {"viewport": DESK},
}
SMALLEST_TARGET = 24  # CSS pixels, WCAG 2.2 2.5.8
TARGETS = """() => {
    const root = document.querySelector("meso-guide").shadowRoot;
    const found = [...root.querySelectorAll("button, input, textarea, summary, .menu a")];
    return found.filter((one) => one.checkVisibility()).map((one) => {
        const { width, height } = one.getBoundingClientRect();
        return [one.textContent || one.id, width, height];
    });
}"""
CUT_OFF = """() => {
    const root = document.querySelector("meso-guide").shadowRoot;
    return [document.documentElement, ...root.querySelectorAll(".chat, .transcript, .panel")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.className || one.tagName);
}"""


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_any_state(
    new_context: NewContext, site: Site, running: Server, look: str
) -> None:
    page = new_context(**LOOKS[look]).new_page()
    page.goto(site.put("/axe", html(tags(running))))
    expect(page.locator(".launcher")).to_be_visible()
    found = {"closed": violations(page)}
    open_chat(page)
    expect(page.locator(".suggestions button")).to_have_count(3)
    found["buttons"] = violations(page)
    ask(page, "does immunotherapy help?")
    expect(page.locator(".reminder")).to_be_visible()
    page.locator("summary").click()
    found["card"] = violations(page)
    ask(page, "my husband cannot breathe")
    expect(page.locator(".safety")).to_be_visible()
    found["safety"] = violations(page)
    page.get_by_role("button", name="More").click()
    found["menu"] = violations(page)
    page.get_by_role("button", name="Start over").click()
    found["asked"] = violations(page)
    page.get_by_role("button", name="No, keep it").click()
    page.get_by_role("button", name="My questions").click()
    found["questions"] = violations(page)
    page.get_by_role("button", name="Back to the chat").click()
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator(".offline")).to_contain_text("No connection")
    found["offline"] = violations(page)
    assert not {state: one for state, one in found.items() if one}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "about", "embed", "safety"])
def test_axe_finds_nothing_on_the_pages(
    new_context: NewContext, running: Server, path: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme).new_page()
    page.goto(f"{running.url}/{path}")
    if path == "":
        expect(page.locator(".suggestions")).to_be_visible()
    assert not violations(page)


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    expect(page.locator(".suggestions button")).to_have_count(3)
    page.get_by_label("Your message").focus()
    page.keyboard.type("what is palliative care")
    page.keyboard.press("Enter")
    expect(page.locator(".reminder")).to_be_visible()
    _tab_to(page, "Where this comes from", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("details.sources").last).to_have_attribute("open", "")
    _tab_to(page, "Yes, this helped")
    page.keyboard.press("Enter")
    assert focused(page) == "message"
    _tab_to(page, "My questions", back=True)
    page.keyboard.press("Enter")
    assert focused(page) == "My questions"
    page.keyboard.press("Escape")
    _tab_to(page, "More", back=True)
    page.keyboard.press("Enter")
    _tab_to(page, "Larger text")
    page.keyboard.press("Enter")
    size = page.locator(".reminder").first.evaluate("node => getComputedStyle(node).fontSize")
    assert size == "20px"


def _tab_to(page: Page, name: str, *, back: bool = False) -> None:
    for _ in range(40):
        if focused(page) == name:
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_each_message_is_announced_once(page: Page, knowledge: Knowledge) -> None:
    expect(page.locator(".suggestions")).to_be_visible()
    page.evaluate(
        """() => {
            window.announced = [];
            const root = document.querySelector("meso-guide").shadowRoot;
            for (const region of root.querySelectorAll("[role=status], [role=alert]")) {
                new MutationObserver(() => {
                    const words = region.textContent;
                    if (words) window.announced.push([region.role, words]);
                }).observe(region, { childList: true, characterData: true, subtree: true });
            }
        }"""
    )
    ask(page, "is it catching?")
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    ask(page, "my husband cannot breathe")
    expect(page.locator(".safety")).to_be_visible()
    heard = page.evaluate("window.announced")
    assert [role for role, _ in heard] == ["status", "alert"]
    assert "cannot catch cancer" in heard[0][1]
    assert knowledge.text("reminder", None) in heard[0][1]
    assert "Call for help now" in heard[1][1]
    live = page.locator(".transcript").evaluate("node => node.closest('[aria-live]')")
    assert live is None


@pytest.mark.parametrize(
    "viewport",
    [{"width": 320, "height": 640}, {"width": 640, "height": 360}, {"width": 320, "height": 256}],
    ids=["320 px", "200 %", "400 %"],
)
def test_nothing_is_cut_off_when_it_is_small_or_zoomed(
    new_context: NewContext, running: Server, viewport: dict[str, int]
) -> None:
    page = new_context(viewport=viewport).new_page()
    page.goto(running.url)
    ask(page, "does immunotherapy help?")
    expect(page.locator(".reminder")).to_be_visible()
    assert page.evaluate(CUT_OFF) == []
    for _ in range(3):
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Larger text").click()
        page.get_by_role("button", name="More").click()
        assert page.evaluate(CUT_OFF) == []
    page.get_by_role("button", name="My questions").click()
    assert page.evaluate(CUT_OFF) == []


def test_everything_to_press_is_large_enough(page: Page) -> None:
    ask(page, "does immunotherapy help?")
    expect(page.locator(".reminder")).to_be_visible()
    page.get_by_role("button", name="More").click()
    targets = page.evaluate(TARGETS)
    assert len(targets) > 10
    assert not [one for one in targets if min(one[1:]) < SMALLEST_TARGET]


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_those_who_asked_for_that(
    new_context: NewContext, running: Server, motion: str, moves: bool
) -> None:
    page = new_context(reduced_motion=motion).new_page()
    page.goto(running.url)
    expect(page.locator(".suggestions")).to_be_visible()
    name = page.locator(".typing").evaluate(
        "node => { const dot = document.createElement('i'); node.append(dot);"
        " const { animationName } = getComputedStyle(dot); dot.remove(); return animationName; }"
    )
    assert (name != "none") == moves


def test_the_text_size_is_kept_after_a_reload(page: Page) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Larger text").click()
    page.reload()
    expect(page.locator(".bubble").last).to_have_css("font-size", "20px")
