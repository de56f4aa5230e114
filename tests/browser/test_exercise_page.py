"""An exercise as a student meets it: editor, mathematics, the verdict by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from quizsite.accounts.models import User
from tests.ops.worker import Worker

SLUG = "tr_attention"
WRONG = Path(settings.BASE_DIR, "exercises", SLUG, "solutions/wrong/no_scale.py")


@pytest.fixture
def exercise(page: Page, sign_in: Callable[[User], None], bob: User) -> Page:
    sign_in(bob)
    page.goto(f"/exercises/{SLUG}/")
    return page


def write(page: Page, text: str) -> None:
    # Through the field, as the page's own buttons do it.
    page.locator("textarea[name=source]").evaluate(
        "(field, text) => { field.value = text;"
        " field.dispatchEvent(new Event('change', {bubbles: true})) }",
        text,
    )


def test_the_editor_and_the_field_hold_the_same_text(exercise: Page) -> None:
    write(exercise, "x = 1")
    expect(exercise.locator(".cm-content")).to_have_text("x = 1")
    exercise.locator(".cm-content").press("End")
    exercise.keyboard.type(" + 2")
    expect(exercise.locator("textarea[name=source]")).to_have_value("x = 1 + 2")


def test_tab_indents_and_escape_lets_the_keyboard_out(exercise: Page) -> None:
    write(exercise, "")
    exercise.locator(".cm-content").press("Tab")
    expect(exercise.locator("textarea[name=source]")).to_have_value("    ")
    exercise.keyboard.press("Escape")
    exercise.keyboard.press("Tab")
    expect(exercise.locator(".cm-content")).not_to_be_focused()


def test_every_formula_is_drawn(exercise: Page) -> None:
    expect(exercise.locator(".math .katex").first).to_be_visible()
    assert exercise.locator(".math").count() > 3
    expect(exercise.locator(".math:not([data-math=drawn])")).to_have_count(0)


def test_the_verdict_and_the_hint_come_without_a_reload(
    exercise: Page, worker: Worker
) -> None:
    write(exercise, WRONG.read_text(encoding="utf-8"))
    exercise.get_by_role("button", name="Отправить на проверку").click()
    # The worker may still be importing torch: this waits for the event, not a pace.
    expect(exercise.locator(".verdict")).to_be_visible(timeout=60_000)
    expect(exercise.locator(".hint-box")).to_contain_text("√d")


def test_without_javascript_the_field_is_a_plain_one(
    chromium, site: str, sign_in: Callable[[User], None], context: BrowserContext, bob
) -> None:
    sign_in(bob)
    plain = chromium.new_context(
        base_url=site,
        locale="ru-RU",
        java_script_enabled=False,
        storage_state=context.storage_state(),
    )
    page = plain.new_page()
    page.goto(f"/exercises/{SLUG}/")
    page.locator("textarea[name=source]").fill("x = 1")
    page.get_by_role("button", name="Отправить на проверку").click()
    expect(page.get_by_text("В очереди")).to_be_visible()
    plain.close()
