"""Nothing that was typed is lost: no line, no server, two tabs, no session."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from quizsite.accounts.models import User
from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from tests.browser.mortal_site import MortalSite, mortal_site
from tests.browser.test_quiz_page import STATE, started

SAVED = re.compile(r"Сохранено в \d\d:\d\d:\d\d")
ENTRIES = (
    "Object.keys(localStorage).filter((key) => key.startsWith('quiz-journal:')).length"
)


def stored(position: int) -> object:
    return Response.objects.get(position=position).answer


def kept() -> list[tuple[str, object]]:
    return list(ResponseRevision.objects.values_list("kind", "answer"))


def close_offline(page: Page) -> None:
    """Close a page whose last words shall not get through.

    Chromium's own "offline" ends with the page, so what it sends while it closes may
    reach the server.
    """
    page.evaluate(
        "() => { window.fetch = () => Promise.reject(new TypeError('no line')); }"
    )
    page.close(run_before_unload=False)


@pytest.fixture
def quiz(context: BrowserContext) -> Page:
    """An attempt where requests will fail, which the browser logs as errors."""
    return started(context.new_page())


def test_what_was_typed_without_a_line_is_sent_when_it_is_back(
    quiz: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    quiz.fill("[name=q1]", "7")
    expect(quiz.locator(STATE)).to_contain_text("нет связи")
    expect(quiz.locator(STATE)).to_have_class(re.compile("bad"))
    context.set_offline(False)
    expect(quiz.locator(STATE)).to_have_text(SAVED)
    assert stored(1) == "7"
    assert quiz.evaluate(ENTRIES) == 0


def test_what_was_typed_without_a_line_outlives_the_page(
    quiz: Page, context: BrowserContext
) -> None:
    address = quiz.url
    context.set_offline(True)
    quiz.fill("[name=q1]", "7")
    quiz.locator("#q10 [type=radio]").first.check()
    quiz.locator("#q4 li").first.get_by_role("button", name=re.compile("^Ниже")).click()
    expect(quiz.locator(STATE)).to_contain_text("нет связи")
    order = [one.input_value() for one in quiz.locator("#q4 select").all()]
    labels = quiz.locator("#q4 .text").all_text_contents()
    close_offline(quiz)
    assert stored(1) is None
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[name=q1]")).to_have_value("7")
    expect(page.locator("#q10 [type=radio]").first).to_be_checked()
    assert page.locator("#q4 .text").all_text_contents() == labels
    expect(page.locator(STATE)).to_have_text(SAVED)
    expect(page.locator("[data-nav='4'] [data-state-text]")).to_have_text("есть ответ")
    assert (stored(1), stored(10)) == ("7", "1")
    answer = Response.objects.get(position=4).answer
    assert sorted(answer.values()) == order
    expect(page.locator("#q4 [data-state-text]")).to_have_text("есть ответ")
    assert page.evaluate(ENTRIES) == 0


def test_the_journal_is_replayed_for_questions_that_are_not_on_the_page(
    quiz: Page, context: BrowserContext
) -> None:
    address = quiz.url
    context.set_offline(True)
    quiz.fill("[name=q1]", "7")
    close_offline(quiz)
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"{address}?q=5")
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert stored(1) == "7"


# --- the server ---------------------------------------------------------------------


@pytest.fixture
def mortal(site: str, tmp_path: Path) -> Iterator[MortalSite]:
    with mortal_site(tmp_path / "site.log") as server:
        yield server


@pytest.fixture
def visitor(chromium: Browser, mortal: MortalSite) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=mortal.url, locale="ru-RU")
    context.set_default_timeout(20_000)
    yield context
    context.close()


def test_a_server_killed_half_way_costs_nothing(
    mortal: MortalSite, visitor: BrowserContext
) -> None:
    page = started(visitor.new_page())
    page.fill("[name=q1]", "1")
    expect(page.locator(STATE)).to_have_text(SAVED)
    mortal.kill()
    page.fill("[name=q2]", "2")
    expect(page.locator(STATE)).to_contain_text("Не сохранено — повторим через")
    page.fill("[name=q1]", "11")
    mortal.start()
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert (stored(1), stored(2)) == ("11", "2")
    for _ in range(2):
        page.get_by_role("button", name="Завершить").click()
    page.wait_for_url("**/result/")


def test_a_browser_closed_while_the_server_was_dead_costs_nothing(
    mortal: MortalSite, visitor: BrowserContext
) -> None:
    page = started(visitor.new_page())
    address = page.url
    mortal.kill()
    page.fill("[name=q1]", "1")
    expect(page.locator(STATE)).to_contain_text("Не сохранено")
    page.close(run_before_unload=False)
    mortal.start()
    page = visitor.new_page()
    page.goto(address)
    expect(page.locator("[name=q1]")).to_have_value("1")
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert stored(1) == "1"


# --- two tabs ------------------------------------------------------------------------


def test_a_second_tab_replaces_an_answer_and_says_so(
    quiz: Page, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(quiz.url)
    quiz.fill("[name=q1]", "11")
    expect(quiz.locator(STATE)).to_have_text(SAVED)
    other.fill("[name=q1]", "22")
    notice = other.locator("#q1 [data-other]")
    expect(notice).to_contain_text("заменил другой")
    expect(notice).to_contain_text("11")
    assert stored(1) == "22"
    notice.get_by_role("link", name="История ответа").click()
    other.get_by_role("button", name="Вернуть этот ответ").click()
    expect(other.locator("[name=q1]")).to_have_value("11")
    assert stored(1) == "11"


def test_what_another_tab_typed_later_is_not_overwritten(
    quiz: Page, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(quiz.url)
    failing = "**/answers/**"
    quiz.route(failing, lambda route: route.fulfill(status=503))
    quiz.fill("[name=q1]", "older")
    expect(quiz.locator(STATE)).to_contain_text("Не сохранено — повторим через")
    other.fill("[name=q1]", "newer")
    expect(other.locator(STATE)).to_have_text(SAVED)
    quiz.unroute(failing)
    notice = quiz.locator("#q1 [data-other]")
    expect(notice).to_contain_text("сохранён ответ новее")
    assert stored(1) == "newer"
    assert ("aside", "older") in kept()
    notice.get_by_role("button", name="Засчитать мой").click()
    expect(notice).to_be_empty()
    expect(quiz.locator(STATE)).to_have_text(SAVED)
    quiz.reload()
    expect(quiz.locator("[name=q1]")).to_have_value("older")
    assert stored(1) == "older"


def test_a_flag_set_in_an_old_tab_overwrites_no_answer(
    quiz: Page, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(quiz.url)
    other.fill("[name=q1]", "22")
    expect(other.locator(STATE)).to_have_text(SAVED)
    with quiz.expect_response("**/answers/1/"):
        quiz.locator("#q1 [data-flag]").check()
    expect(quiz.locator("[data-nav='1'] [data-flagged]")).to_be_visible()
    assert stored(1) == "22"
    assert Response.objects.get(position=1).flagged


# --- the session ----------------------------------------------------------------------


def test_a_session_that_ends_while_typing_costs_nothing(
    context: BrowserContext, sign_in: Callable[[User], None], bob: User
) -> None:
    sign_in(bob)
    page = started(context.new_page())
    address = page.url
    context.clear_cookies()
    page.fill("[name=q1]", "7")
    expect(page.locator(STATE)).to_contain_text("сеанс закончился")
    expect(page.locator(STATE).get_by_role("link", name="Войти")).to_be_visible()
    link = page.locator(STATE).get_by_role("link", name="Войти")
    link.evaluate("(link) => { link.dataset.same = '' }")
    page.locator("[name=q1]").press("End")
    with page.expect_response(lambda reply: reply.status == 404):
        page.locator("[name=q1]").blur()  # as on the way of the pointer to the link
    expect(link).to_have_attribute("data-same", "")
    link.click()
    page.wait_for_url("**/login/**")
    assert stored(1) is None
    page.get_by_label("Имя пользователя или почта").fill("bob")
    page.get_by_label("Пароль").fill("correct horse battery staple")
    page.get_by_role("main").get_by_role("button", name="Войти").click()
    page.wait_for_url(address)
    expect(page.locator("[name=q1]")).to_have_value("7")
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert stored(1) == "7"


def test_signing_in_in_another_tab_is_enough(
    context: BrowserContext, sign_in: Callable[[User], None], bob: User
) -> None:
    sign_in(bob)
    page = started(context.new_page())
    context.clear_cookies()
    page.fill("[name=q1]", "7")
    expect(page.locator(STATE)).to_contain_text("сеанс закончился")
    sign_in(bob)
    context.set_offline(True)
    context.set_offline(False)  # a reason to try at once
    expect(page.locator(STATE)).to_have_text(SAVED)
    assert stored(1) == "7"


def test_another_person_at_this_browser_sends_nothing_of_it(
    context: BrowserContext, sign_in: Callable[[User], None], bob: User, charlie: User
) -> None:
    sign_in(bob)
    page = started(context.new_page())
    context.clear_cookies()
    page.fill("[name=q1]", "7")
    expect(page.locator(STATE)).to_contain_text("сеанс закончился")
    sign_in(charlie)
    other = started(context.new_page())
    other.fill("[name=q2]", "8")
    expect(other.locator(STATE)).to_have_text(SAVED)
    charlies = Attempt.objects.get(user=charlie)
    assert charlies.responses.get(position=1).answer is None
    assert Attempt.objects.get(user=bob).responses.get(position=1).answer is None


def test_an_essay_of_a_million_characters_stays_on_the_page(quiz: Page) -> None:
    quiz.goto("/chapters/introduction/quiz/")
    quiz.get_by_role("button", name="Начать").click()
    quiz.wait_for_url("**/attempts/*/")
    essay = quiz.locator("textarea").last
    name = essay.get_attribute("name")
    essay.evaluate(
        "(box) => { box.value = 'слово '.repeat(2e5);"
        " box.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    refused = "Не сохранено: см. сообщение у вопроса"
    expect(quiz.locator(STATE)).to_contain_text(refused, timeout=60_000)
    assert essay.evaluate("(box) => box.value.length") == 1_200_000
    essay.fill("Короче")
    expect(quiz.locator(STATE)).to_have_text(SAVED)
    assert name is not None
    position = int(name.removeprefix("q"))
    saved = Response.objects.get(
        attempt__quiz__chapter__slug="introduction", position=position
    )
    assert saved.answer == "Короче"
