"""Chromium, a live site and a real worker for the tests marked ``browser``.

Run them by `make test-services`, or a few of them by
`.ci/services .venv/bin/python -m pytest -m browser tests/browser/test_x.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    sync_playwright,
)

from quizsite.accounts.models import User
from quizsite.quizzes import loading, questions
from quizsite.quizzes.questions import QuestionSpec
from tests.ops.worker import Worker, running_worker

# Playwright's synchronous interface keeps an event loop in this thread, which makes
# Django believe that its own synchronous calls are made from asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses to be sandboxed as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def prove_once() -> Callable[[QuestionSpec], None]:
    """Proof of a question, the first time that it is loaded: a proof takes its time."""
    proven: set[str] = set()

    def prove(question: QuestionSpec) -> None:
        if question.digest not in proven:
            questions.prove(question)
            proven.add(question.digest)

    return prove


@pytest.fixture
def site(live_server, prove_once, monkeypatch) -> str:
    """The address of a site with the book's content."""
    monkeypatch.setattr(loading, "prove", prove_once)
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.fail("run browser tests by `make test-services`: see tests/browser")
    call_command("load_book", verbosity=0)
    return live_server.url


@pytest.fixture
def worker(site: str) -> Iterator[Worker]:
    with running_worker() as process:
        yield process


@pytest.fixture
def context(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=site, locale="ru-RU", viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must end without a script error or a refusal by the CSP."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))

    def note(message: ConsoleMessage) -> None:
        # A test may well ask for a page that is not there; its parts have to be.
        own = message.location.get("url") == page.url
        missing = own and message.text.startswith("Failed to load resource")
        if message.type == "error" and not missing:
            problems.append(f"console: {message.text} on {page.url}")

    page.on("console", note)
    yield page
    assert not problems, "\n".join(problems)


@pytest.fixture
def sign_in(context: BrowserContext, site: str, client: Client) -> Callable[..., None]:
    """``sign_in(user)`` gives the browser that person's session."""

    def enter(user: User) -> None:
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": site}])

    return enter
