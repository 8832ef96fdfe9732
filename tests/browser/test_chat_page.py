"""The chat page in a real browser, on a phone's screen, with the real server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from mesoguide.core.knowledge import Knowledge
from tests.browser.conftest import ask, focused
from tests.conftest import Server

COUNT_ANSWERS = """() => {
    window.answersDrawn = 0;
    const transcript = document.querySelector("meso-guide").shadowRoot.querySelector(".transcript");
    new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]);
        window.answersDrawn += added.filter((one) => one.querySelector?.(".guide")).length;
    }).observe(transcript, { childList: true });
}"""


def test_the_assistant_introduces_itself_and_offers_three_questions(
    page: Page, knowledge: Knowledge
) -> None:
    expect(page.locator(".bubble", has_text=knowledge.text("intro_program"))).to_be_visible()
    expect(page.locator(".suggestions button")).to_have_count(3)


def test_a_typed_question_is_answered_with_its_sources(page: Page, knowledge: Knowledge) -> None:
    ask(page, "what does stage 4 mean?")
    reply = page.locator(".guide").last
    expect(reply).to_contain_text("Stage 4 means the cancer has spread")
    expect(reply.locator(".reminder")).to_contain_text("oncologist")
    sources = reply.locator("details.sources")
    sources.locator("summary").click()
    expect(sources).to_contain_text(knowledge.claims["C05"].text)
    link = sources.locator("a").first
    assert (link.get_attribute("href") or "").startswith("https://")
    assert "noopener" in (link.get_attribute("rel") or "")


def test_a_suggestion_says_its_words_and_not_its_payload(page: Page) -> None:
    suggestion = page.locator(".suggestions button").first
    title = suggestion.inner_text()
    suggestion.click()
    expect(page.locator(".person").last).to_contain_text(title)
    expect(page.locator(".reminder")).to_be_visible()
    assert focused(page) == "message"
    assert "/stage_4_meaning" not in page.locator(".transcript").inner_text()
    expect(page.locator(".suggestions")).to_have_count(1)


def test_danger_looks_different_and_its_numbers_can_be_tapped(page: Page) -> None:
    ask(page, "my husband cannot breathe")
    alarm = page.locator(".bubble.safety")
    expect(alarm).to_contain_text("Call for help now")
    expect(alarm.locator('a[href="tel:911"]')).to_be_visible()
    expect(alarm.locator('a[href="tel:999"]').first).to_be_visible()


def test_a_long_answer_starts_at_its_beginning(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 420})
    ask(page, "what are the side effects of immunotherapy?")
    expect(page.locator(".reminder")).to_have_count(1)
    top = page.locator(".guide").last.bounding_box()
    transcript = page.locator(".transcript").bounding_box()
    assert top and transcript
    assert transcript["y"] - 1 <= top["y"] <= transcript["y"] + transcript["height"]


def test_an_answer_is_not_drawn_again_under_its_reader(page: Page) -> None:
    expect(page.locator(".suggestions")).to_be_visible()
    page.evaluate(COUNT_ANSWERS)
    ask(page, "what does stage 4 mean?")
    expect(page.locator(".reminder")).to_be_visible()
    ask(page, "is it catching?")  # is sent when the server has confirmed the one before
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    assert page.evaluate("window.answersDrawn") == 2


def test_start_over_asks_first_and_begins_a_new_conversation(
    page: Page, knowledge: Knowledge
) -> None:
    ask(page, "is it catching?")
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="No, keep it").click()
    expect(page.locator(".guide").last).to_contain_text("cannot catch cancer")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Yes, start over").click()
    expect(page.locator(".guide", has_text="cannot catch cancer")).to_have_count(0)
    expect(page.locator(".bubble", has_text=knowledge.text("intro_program"))).to_be_visible()


@pytest.mark.parametrize(
    ("button", "answer"), [("Yes, this helped", "glad"), ("No, this did not help", "sorry_wrong")]
)
def test_a_thumb_reaches_the_server(
    page: Page, knowledge: Knowledge, button: str, answer: str
) -> None:
    ask(page, "is it catching?")
    page.get_by_role("button", name=button).click()
    expect(page.locator(".guide").last).to_contain_text(knowledge.text(answer))
    expect(page.get_by_role("button", name=button)).to_have_count(0)


def test_my_questions_grow_with_the_chat_and_can_be_changed(page: Page) -> None:
    ask(page, "what does stage 4 mean?")
    expect(page.locator(".reminder")).to_be_visible()
    page.get_by_role("button", name="My questions").click()
    listed = page.locator(".questions li")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("What is the stage")
    page.get_by_label("Add a question").fill("<b>May I</b> fly?")
    page.keyboard.press("Enter")
    expect(listed).to_have_count(2)
    expect(listed.last).to_contain_text("<b>May I</b> fly?")
    listed.first.get_by_role("button").click()
    expect(listed).to_have_count(1)
    page.reload()
    page.get_by_role("button", name="My questions").click()
    expect(listed).to_have_count(1)


def test_my_questions_can_be_copied_saved_and_printed(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="My questions").click()
    page.get_by_label("Add a question").fill("May I fly?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    assert "1. May I fly?" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as text").click()
    assert saved.value.suggested_filename == "my-questions.txt"
    assert "1. May I fly?" in saved.value.path().read_text(encoding="utf-8")
    page.get_by_role("button", name="Print").click()
    printed = page.frames[1]
    assert printed.locator("body > *").count() == 2
    assert printed.locator("h1").inner_text() == "My questions for the oncologist"
    assert printed.locator("li").all_inner_texts() == ["May I fly?"]


def test_what_a_person_writes_stays_text(page: Page) -> None:
    hostile = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    ask(page, hostile)
    expect(page.locator(".person")).to_have_text(f"You: {hostile}")
    expect(page.locator(".guide")).to_have_count(2)
    assert page.title() != "1"
    assert page.locator(".transcript img").count() == 0


def test_a_typed_slash_is_no_command(page: Page, knowledge: Knowledge) -> None:
    ask(page, "/restart")
    expect(page.locator(".guide")).to_have_count(2)
    ask(page, '/who_it_is_for{"person": "self"}')
    expect(page.locator(".guide")).to_have_count(3)
    expect(page.locator(".guide", has_text=knowledge.text("subject_thanks"))).to_have_count(0)


@pytest.mark.parametrize("path", ["about", "embed", "safety"])
def test_everything_is_one_click_away(page: Page, running: Server, path: str) -> None:
    start = "about" if path == "embed" else ""
    page.goto(f"{running.url}/{start}")
    link = page.locator(f'main a[href="{path}"], header a[href="{path}"]').first
    link.click()
    page.wait_for_url(f"**/{path}")
    expect(page.locator("h1")).to_be_visible()


def test_the_pages_own_emergency_line_is_that_of_the_assistant(
    running: Server, knowledge: Knowledge
) -> None:
    script = running.get("/mesoguide.js")[2].decode()
    assert knowledge.text("intro_emergency") in script
