"""A report as a student meets it: on a wide screen, on a telephone, in both themes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.submissions.models import Submission
from tests.browser.axe import violations
from tests.submissions.reports import HEAT_MAP, VALUES, check, graded

LARGE = {"levels": ["01234n00" * 4] * 32, "size": [64, 64], "cell": [2, 2]}
SHAPE = [{"axis": n, "expected": n, "actual": 7} for n in range(4)]


@pytest.fixture
def report(page: Page, sign_in: Callable[[User], None], bob: User) -> Page:
    """Everything that a report can show at once."""
    figures = VALUES | {"largest_error": 1e9, "largest_relative_error": None}
    submission: Submission = graded(
        bob,
        Verdict.PARTIAL,
        checks=(
            check(details=figures | {"heat_map": HEAT_MAP | LARGE}),
            check(details={"difference": "shape", "axes": SHAPE}),
            check(details={"difference": "raised", "line": 2, "cell": None}),
        ),
    )
    sign_in(bob)
    page.goto(submission.get_absolute_url())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_program_finds_no_fault_with_it(report: Page, scheme: str) -> None:
    report.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    report.get_by_text("Карта словами").click()
    assert violations(report) == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_of_it_is_wider_than_the_screen(report: Page, width: int) -> None:
    report.set_viewport_size({"width": width, "height": 800})
    expect(report.locator(".heat-map svg")).to_be_visible()
    hidden = "document.documentElement.scrollWidth - window.innerWidth"
    assert report.evaluate(hidden) <= 0


def test_levels_of_the_map_differ_and_grow_in_one_direction(report: Page) -> None:
    lightness = """(name) => {
        const path = document.querySelector(`.heat-map path.${name}`);
        const canvas = new OffscreenCanvas(1, 1).getContext("2d");
        canvas.fillStyle = getComputedStyle(path).fill;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }"""
    for scheme in ("light", "dark"):
        report.emulate_media(color_scheme=scheme)
        seen = [report.evaluate(lightness, f"level-{n}") for n in range(5)]
        assert seen == sorted(seen, reverse=scheme == "light")
        assert min(abs(a - b) for a, b in pairwise(seen)) > 10


def test_a_link_leads_to_the_marked_line(report: Page) -> None:
    report.get_by_role("link", name="К этой строке").click()
    expect(report.locator("mark:target")).to_be_in_viewport()
