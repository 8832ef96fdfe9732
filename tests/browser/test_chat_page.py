"""The chat page in a real browser, on a phone's screen, with the real server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mesoguide.core.knowledge import Knowledge
from tests.conftest import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "There is no Chromium: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, running: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(20_000)
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    page.goto(running.url)
    yield page
    context.close()
    assert not refused


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def test_the_assistant_introduces_itself_and_offers_three_questions(
    page: Page, knowledge: Knowledge
) -> None:
    expect(page.get_by_text(knowledge.text("intro_program"))).to_be_visible()
    expect(page.get_by_text(knowledge.text("intro_emergency"))).to_be_visible()
    expect(page.locator(".buttons button")).to_have_count(3)


def test_a_typed_question_is_answered_with_its_sources(page: Page, knowledge: Knowledge) -> None:
    ask(page, "what does stage 4 mean?")
    reply = page.locator(".turn.guide").last
    expect(reply).to_contain_text("Stage 4 means the cancer has spread")
    expect(reply.locator(".reminder")).to_contain_text("oncologist")
    sources = reply.locator("details.sources")
    sources.locator("summary").click()
    expect(sources).to_contain_text(knowledge.claims["C05"].text)
    link = sources.locator("a").first
    assert (link.get_attribute("href") or "").startswith("https://")
    assert "noopener" in (link.get_attribute("rel") or "")


def test_a_button_says_its_words_and_not_its_payload(page: Page) -> None:
    button = page.locator(".buttons button").first
    title = button.inner_text()
    button.click()
    expect(page.locator(".person .bubble").last).to_contain_text(title)
    expect(page.locator(".reminder")).to_be_visible()
    assert "/stage_4_meaning" not in page.inner_text("body")


def test_danger_looks_different_and_its_numbers_can_be_tapped(page: Page) -> None:
    ask(page, "my husband cannot breathe")
    alarm = page.locator(".bubble.safety")
    expect(alarm).to_contain_text("Call for help now")
    expect(alarm.locator('a[href="tel:911"]')).to_be_visible()
    expect(alarm.locator('a[href="tel:999"]').first).to_be_visible()


def test_a_reload_shows_the_conversation_again(page: Page) -> None:
    ask(page, "is it catching?")
    expect(page.locator(".turn.guide").last).to_contain_text("cannot catch cancer")
    page.reload()
    expect(page.locator(".turn.guide").last).to_contain_text("cannot catch cancer")


def test_start_over_begins_a_new_conversation(page: Page, knowledge: Knowledge) -> None:
    ask(page, "is it catching?")
    expect(page.locator(".turn.guide").last).to_contain_text("cannot catch cancer")
    page.locator("#start-over").click()
    expect(page.get_by_text("cannot catch cancer")).to_have_count(0)
    expect(page.get_by_text(knowledge.text("intro_program"))).to_be_visible()


def test_a_message_that_got_no_answer_is_kept_and_can_be_sent_again(page: Page) -> None:
    expect(page.locator(".buttons button")).to_have_count(3)
    page.route("**/webhooks/rest/webhook", lambda route: route.fulfill(json=[]))
    ask(page, "what is a biopsy?")
    expect(page.locator(".notice.error")).to_be_visible()
    page.unroute("**/webhooks/rest/webhook")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".turn.guide").last).to_contain_text("biopsy")


def test_everything_can_be_done_without_a_mouse(page: Page) -> None:
    expect(page.locator(".buttons button")).to_have_count(3)
    page.get_by_label("Your message").focus()
    page.keyboard.type("what is palliative care")
    page.keyboard.press("Enter")
    expect(page.locator(".reminder")).to_be_visible()
    page.locator("details.sources summary").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.sources").last).to_have_attribute("open", "")


def test_nothing_is_cut_off_on_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 480})
    ask(page, "does immunotherapy help?")
    expect(page.locator(".reminder")).to_be_visible()
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


def test_the_pages_own_sentences_are_those_of_the_assistant(
    page: Page, running: Server, knowledge: Knowledge
) -> None:
    script = running.get("/page.js")[2].decode()
    assert knowledge.text("intro_emergency") in script
