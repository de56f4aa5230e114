"""A quiz as a reader meets it: saved by itself, by keyboard, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from quizsite.quizzes.models import Attempt, Response
from tests.browser.axe import violations

START = "/chapters/training/quiz/"
STATE = "[data-save-state]"


def started(page: Page) -> Page:
    page.goto(START)
    page.get_by_role("button", name="Начать").click()
    page.wait_for_url("**/attempts/*/")
    return page


@pytest.fixture
def quiz(page: Page) -> Page:
    """A guest's attempt, just started."""
    return started(page)


@pytest.fixture
def troubled(context: BrowserContext) -> Page:
    """The same where requests will fail, which the browser logs as errors."""
    return started(context.new_page())


def stored(position: int) -> object:
    return Response.objects.get(position=position).answer


def test_an_answer_saves_itself_and_is_echoed(quiz: Page) -> None:
    quiz.fill("[name=q1]", "0.5")
    expect(quiz.locator("#q1 [data-echo]")).to_have_text("Понято как 0,5")
    expect(quiz.locator(STATE)).to_have_text(re.compile(r"Сохранено в \d\d:\d\d:\d\d"))
    expect(quiz.locator("[data-nav='1'] [data-state-text]")).to_have_text("есть ответ")
    assert stored(1) == "0.5"


def test_a_format_error_is_told_at_the_field(quiz: Page) -> None:
    quiz.fill("[name=q1]", "9**9**9")
    expect(quiz.locator("#q1-error")).to_contain_text("показатель степени")
    expect(quiz.locator("[name=q1]")).to_have_attribute("aria-invalid", "true")
    quiz.fill("[name=q1]", "9")
    expect(quiz.locator("#q1-error")).to_be_hidden()


def test_what_could_not_be_sent_is_sent_when_the_line_is_back(troubled: Page) -> None:
    troubled.route("**/answers/**", lambda route: route.fulfill(status=503))
    troubled.fill("[name=q1]", "7")
    expect(troubled.locator(STATE)).to_contain_text("Не сохранено — повторим через")
    troubled.unroute("**/answers/**")
    expect(troubled.locator(STATE)).to_contain_text("Сохранено в")
    assert stored(1) == "7"


def test_an_order_is_made_with_the_keyboard(quiz: Page) -> None:
    down = quiz.locator("#q4 li").first.get_by_role("button", name=re.compile("^Ниже"))
    down.focus()
    quiz.keyboard.press("Enter")
    expect(quiz.locator("#q4 [data-state-text]")).to_have_text("есть ответ")
    places = [one.input_value() for one in quiz.locator("#q4 select").all()]
    assert places == ["1", "2", "3", "4"]


def test_leaving_with_something_unsaved_is_asked_about(quiz: Page) -> None:
    asked: list[str] = []
    quiz.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    quiz.fill("[name=q1]", "7")
    quiz.goto("/")
    assert asked == ["beforeunload"]


def test_another_tab_that_finished_is_followed(
    troubled: Page, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(troubled.url)
    other.get_by_role("button", name="Завершить").click()
    other.get_by_role("button", name="Завершить").click()
    other.wait_for_url("**/result/")
    troubled.locator("#q10 [type=radio]").first.check()
    troubled.wait_for_url("**/result/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_an_attempt_have_no_faults_that_a_program_can_find(
    quiz: Page, scheme: str, width: int
) -> None:
    quiz.emulate_media(color_scheme=scheme)
    quiz.set_viewport_size({"width": width, "height": 844})
    quiz.fill("[name=q1]", "1x")
    expect(quiz.locator("#q1-error")).to_be_visible()
    faults = violations(quiz)
    for _ in range(2):  # the question, the review
        quiz.get_by_role("button", name="Завершить").click()
        quiz.wait_for_load_state("load")
        faults += violations(quiz)
    assert quiz.url.endswith("/result/")
    assert faults == []
    assert quiz.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def plain(chromium: Browser, site: str) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_quiz_is_taken_without_javascript(plain: Page) -> None:
    plain.goto(START)
    plain.get_by_role("button", name="Начать").click()
    plain.fill("[name=q1]", "0,5")
    plain.locator("#q10 [type=radio]").first.check()
    plain.get_by_role("button", name="Сохранить").click()
    expect(plain.locator("#q1 [data-echo]")).to_have_text("Понято как 0,5")
    plain.get_by_role("button", name="Завершить").click()
    plain.get_by_role("button", name="Завершить").click()
    expect(plain.locator(".score")).to_contain_text("из")
    assert Attempt.objects.get().is_finished
