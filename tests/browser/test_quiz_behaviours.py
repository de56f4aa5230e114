"""Practice, certainty and the clock as a reader meets them; by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Course, ItemKind
from quizsite.quizzes.models import Attempt, Response
from tests.browser.axe import violations
from tests.browser.test_quiz_page import START, STATE
from tests.factories import AssignmentFactory

CLOCK_THREE_HOURS_SLOW = """
const now = Date.now;
Date.now = () => now() - 3 * 3600 * 1000;
"""


def begin(page: Page, way: str) -> Page:
    page.goto(START)
    page.locator(f"[name=behaviour][value={way}]").check()
    page.get_by_role("button", name="Начать").click()
    page.wait_for_url("**/attempts/*/")
    return page


@pytest.fixture
def practice(page: Page) -> Page:
    return begin(page, "practice")


def key(position: int) -> str:
    response = Response.objects.select_related("attempt", "version").get(
        position=position
    )
    return str(response.variant.key)


# --- practice ------------------------------------------------------------------------


def test_practice_is_done_with_the_keyboard_alone(practice: Page) -> None:
    box = practice.locator("[name=q1]")
    box.focus()
    practice.keyboard.type("12345")
    practice.keyboard.press("Enter")
    feedback = practice.locator("#q1 [data-feedback]")
    expect(feedback).to_contain_text("неверно")
    expect(feedback).to_contain_text("1 неверная попытка")
    announced = practice.locator("[data-announce]")
    expect(announced).to_have_text("Вопрос 1: неверно")
    expect(box).to_be_focused()
    practice.keyboard.press("Control+A")
    practice.keyboard.type(key(1))
    practice.keyboard.press("Enter")
    expect(feedback).to_contain_text("Объяснение")
    expect(practice.locator("[data-nav='1'] [data-state-text]")).to_have_text("верно")
    expect(box).to_be_disabled()
    marked = Response.objects.get(position=1)
    assert (marked.mark, marked.wrong_tries) == (1, 1)


def test_giving_up_shows_the_answer_and_closes_the_question(practice: Page) -> None:
    question = practice.locator("#q2")
    question.get_by_role("button", name=re.compile("^Показать ответ")).press("Enter")
    expect(question.locator("[data-feedback]")).to_contain_text("Правильный ответ")
    expect(question.locator("[data-feedback]")).to_be_focused()
    expect(question.locator(".katex").first).to_be_visible()
    expect(question.locator("[name=q2]")).to_be_disabled()
    expect(question.get_by_role("button", name=re.compile("^Проверить"))).to_be_hidden()


def test_what_cannot_be_checked_is_said_at_the_question(practice: Page) -> None:
    practice.locator("#q3").get_by_role("button", name=re.compile("^Проверить")).click()
    expect(practice.locator("#q3 [data-error='*']")).to_have_text("Сначала ответьте.")
    assert Response.objects.get(position=3).checked_revision is None


def test_hints_come_on_demand(practice: Page) -> None:
    hint = practice.locator("#q1").get_by_role("button", name=re.compile("^Подсказка"))
    hint.click()
    expect(practice.locator("#q1 [data-feedback]")).to_contain_text("Подсказка 1")
    assert Response.objects.get(position=1).hints_taken == 1


def test_one_question_at_a_time(practice: Page) -> None:
    practice.get_by_role("link", name="По одному вопросу").click()
    expect(practice.locator("[data-question]")).to_have_count(1)
    practice.fill("[name=q1]", "7")
    practice.get_by_role("button", name="Следующий").press("Enter")
    practice.wait_for_url("**?q=2*")
    expect(practice.locator("#q2")).to_be_visible()
    assert Response.objects.get(position=1).answer == "7"
    practice.locator("[data-nav='5']").click()
    practice.wait_for_url("**?q=5*")
    practice.goto(practice.url.split("?")[0])
    expect(practice.locator("[data-question]")).to_have_count(1)
    practice.get_by_role("link", name="Все вопросы на одной странице").click()
    expect(practice.locator("[data-question]")).to_have_count(Response.objects.count())


# --- certainty ------------------------------------------------------------------------


def test_certainty_is_saved_with_the_answer_and_weighed(page: Page) -> None:
    begin(page, "cbm")
    page.get_by_text("Как уверенность меняет баллы").click()
    expect(page.locator(".certainty-rules table")).to_be_visible()
    page.fill("[name=q1]", key(1))
    page.locator("[name=q1-certainty][value='3']").check()
    expect(page.locator(STATE)).to_contain_text("Сохранено в")
    expect(page.locator("[data-nav='1'] [data-state-text]")).to_have_text("есть ответ")
    for _ in range(2):
        page.get_by_role("button", name="Завершить").click()
    page.wait_for_url("**/result/")
    expect(page.locator(".score")).to_contain_text("1 из")
    expect(page.get_by_role("heading", name="Уверенность и правота")).to_be_visible()


# --- the clock ------------------------------------------------------------------------


@pytest.fixture
def exam(site: str, course: Course) -> Assignment:
    """Half an hour, for Alice's students."""
    return AssignmentFactory(
        course=course,
        kind=ItemKind.QUIZ,
        item="training",
        behaviour="exam",
        time_limit=30,
        closes_at=timezone.now() + timedelta(days=1),
    )


@pytest.fixture
def timed(
    context: BrowserContext,
    exam: Assignment,
    sign_in: Callable[[User], None],
    bob: User,
) -> Page:
    """Bob's exam, just begun, on a machine whose clock is wrong."""
    context.add_init_script(CLOCK_THREE_HOURS_SLOW)
    sign_in(bob)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(START)
    page.get_by_role("button", name="Начать для курса").click()
    page.wait_for_url("**/attempts/*/")
    return page


def give(seconds: float) -> None:
    ends = timezone.now() + timedelta(seconds=seconds)
    Attempt.objects.update(deadline=ends)


def test_the_clock_is_the_servers_whatever_this_machine_believes(timed: Page) -> None:
    expect(timed.locator("[data-left-text]")).to_have_text(
        re.compile(r"Осталось (30:00|29:\d\d)")
    )


def test_each_save_brings_the_clock_up_to_date(timed: Page) -> None:
    give(3600)
    timed.fill("[name=q1]", "7")
    expect(timed.locator("[data-left-text]")).to_have_text(
        re.compile(r"Осталось (1:00:00|59:\d\d)")
    )


@pytest.mark.parametrize(
    ("minutes", "said"), [(10, "10 минут"), (5, "5 минут"), (1, "1 минута")]
)
def test_the_last_minutes_are_announced_once(
    timed: Page, minutes: int, said: str
) -> None:
    give(60 * minutes + 4)
    timed.reload()
    announced = timed.locator("[data-announce]")
    expect(announced).to_have_text("")
    expect(announced).to_have_text(f"Осталось {said}", timeout=15_000)


def test_when_time_is_up_the_last_words_are_sent_and_it_ends(timed: Page) -> None:
    give(6)
    timed.reload()
    timed.fill("[name=q1]", "7")  # saved at once or by the end, but never lost
    timed.wait_for_url("**/result/", timeout=30_000)
    attempt = Attempt.objects.get()
    # By the page's clock, which may be a moment before the server's.
    assert attempt.finished_at and attempt.finished_at <= attempt.deadline
    assert attempt.responses.get(position=1).answer == "7"
    expect(timed.get_by_text("Попытка завершена, ответы сохранены.")).to_be_visible()


# --- what a program can find ----------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_practice_and_certainty_have_no_faults_that_a_program_can_find(
    page: Page, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    begin(page, "practice")
    page.fill("[name=q1]", "12345")
    page.locator("#q1").get_by_role("button", name=re.compile("^Проверить")).click()
    expect(page.locator("#q1 [data-feedback]")).to_contain_text("неверно")
    page.locator("#q2").get_by_role("button", name=re.compile("^Показать")).click()
    expect(page.locator("#q2 [data-feedback]")).to_contain_text("Правильный ответ")
    page.locator("#q3 [data-flag]").check()
    faults = violations(page)
    page.goto(f"{page.url}answers/1/history/")
    faults += violations(page)
    page.goto(Attempt.objects.get().get_absolute_url() + "?q=4")
    faults += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    Attempt.objects.all().delete()
    begin(page, "cbm")
    page.get_by_text("Как уверенность меняет баллы").click()
    faults += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_courses_terms_have_none_either(
    page: Page,
    exam: Assignment,
    sign_in: Callable[[User], None],
    alice: User,
    bob: User,
    width: int,
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(bob)
    page.goto(START)
    faults = violations(page)
    sign_in(alice)
    page.goto("/courses/alices/")
    page.get_by_role("link", name=re.compile("^условия")).click()
    faults += violations(page)
    page.get_by_label("Студент").select_option(label="Боб")
    page.get_by_label("Множитель времени").fill("1,5")
    page.get_by_role("button", name="Сохранить исключение").click()
    expect(page.get_by_role("row", name=re.compile("Боб"))).to_contain_text("1,5")
    faults += violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults == []


# --- without JavaScript ---------------------------------------------------------------


@pytest.fixture
def plain(chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_practice_needs_no_javascript(plain: Page) -> None:
    begin(plain, "practice")
    plain.fill("[name=q1]", "12345")
    plain.locator("#q1").get_by_role("button", name=re.compile("^Проверить")).click()
    expect(plain.locator("#q1 [data-feedback]")).to_contain_text("неверно")
    plain.fill("[name=q1]", key(1))
    plain.locator("#q1").get_by_role("button", name=re.compile("^Проверить")).click()
    expect(plain.locator("#q1 [data-feedback]")).to_contain_text("Объяснение")
    plain.locator("#q2").get_by_role("button", name=re.compile("^Показать")).click()
    expect(plain.locator("#q2 [data-feedback]")).to_contain_text("Правильный ответ")
    for _ in range(2):
        plain.get_by_role("button", name="Завершить").click()
    expect(plain.locator(".score")).to_contain_text("0,67 из")


def test_enter_in_a_box_only_saves(plain: Page) -> None:
    begin(plain, "practice")
    plain.fill("[name=q5]", "12345")
    plain.locator("[name=q5]").press("Enter")
    expect(plain.get_by_text("Ответы сохранены.")).to_be_visible()
    assert Response.objects.get(position=5).answer == "12345"
    assert not Response.objects.exclude(checked_revision=None).exists()
