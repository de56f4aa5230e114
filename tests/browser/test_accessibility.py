"""axe finds no fault with the pages, in the light and in the dark theme."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from quizsite.accounts.models import User

AXE = Path(settings.BASE_DIR, "quizsite/frontend/node_modules/axe-core/axe.min.js")
PAGES = [
    "/",
    "/chapters/training/",
    "/chapters/training/quiz/",
    "/exercises/",
    "/exercises/tr_attention/",
    "/submissions/",
    "/courses/",
    "/profile/",
    "/profile/tokens/",
]
RUN = """
async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\\n    ` + nodes.map((node) => node.html).join("\\n    "));
}
"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger: no CSP in its way
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_faults_that_a_program_can_find(
    page: Page, sign_in: Callable[[User], None], bob: User, scheme: str
) -> None:
    sign_in(bob)
    page.emulate_media(color_scheme=scheme)
    faults = {}
    for address in PAGES:
        page.goto(address)
        if found := violations(page):
            faults[address] = "\n".join(found)
    assert not faults, "\n".join(f"{k}\n{v}" for k, v in faults.items())


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/", "/nope/"])
def test_pages_for_guests_too(page: Page, address: str) -> None:
    page.goto(address)
    assert violations(page) == []
