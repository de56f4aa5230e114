"""axe-core, run on whatever a page shows now."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

AXE = Path(settings.BASE_DIR, "quizsite/frontend/node_modules/axe-core/axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A theme and a width change only some of what there is to judge.
COLOURS = ["color-contrast", "link-in-text-block"]
# What a bar that stays in view covers now, its reader scrolls clear of it.
UNSTICK = """
for (const one of document.querySelectorAll("body *"))
  if (getComputedStyle(one).position === "sticky") one.style.position = "static";
"""
LAYOUT = [*COLOURS, "target-size", "scrollable-region-focusable", "bypass", "region"]
RUN = """
async (chosen) => {
  const runOnly = chosen.length
    ? { type: "rule", values: chosen }
    : { type: "tag", values: %s };
  const rules = chosen.length ? {} : { "target-size": { enabled: true } };
  const resultTypes = ["violations"];
  const found = await axe.run(document, { runOnly, rules, resultTypes });
  return found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\\n    ` + nodes.map((node) =>
      `${node.html} ${node.any.map((one) => one.message)}`).join("\\n    "));
}
""".replace("%s", str(TAGS))


def bring_axe(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger: no CSP in its way


def faults(page: Page, rules: list[str] | None = None) -> list[str]:
    """What is wrong by these rules, or by all that WCAG 2.2 AA asks for."""
    page.evaluate(f"() => {{{UNSTICK}}}")
    found: list[str] = page.evaluate(RUN, rules or [])
    return found


def violations(page: Page) -> list[str]:
    bring_axe(page)
    return faults(page)
