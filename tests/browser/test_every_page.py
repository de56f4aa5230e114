"""axe finds no fault with any page: for all who see it, wide, narrow, light and dark.

Every URL pattern of the site stands in one of the tables below: a new page that is in
none of them fails here, and so does one that other people see than the table says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import COLOURS, LAYOUT, bring_axe, faults, violations
from tests.browser.world import World, build

EVERYBODY = ("guest", "bob", "alice", "staff")
GUESTS, PEOPLE = EVERYBODY[:1], EVERYBODY[1:]
STAFF = ("staff",)
TEACHERS = ("alice", "staff")
READER = ("bob",)

# Who sees it; a page's addresses are in the world, or it has but one.
PAGES: dict[str, tuple[str, ...]] = {
    "book:contents": EVERYBODY,
    "book:chapter": EVERYBODY,
    "quizzes:start": EVERYBODY,
    "quizzes:attempt": ("guest", "bob"),
    "quizzes:finish": ("guest", "bob"),
    "quizzes:result": EVERYBODY,
    "quizzes:undecided": STAFF,
    "quizzes:exchange": STAFF,
    "quizzes:marking": TEACHERS,
    "quizzes:mark": TEACHERS,
    "quizzes:regrades": STAFF,
    "quizzes:regrade": STAFF,
    "quizzes:previews": STAFF,
    "quizzes:preview": STAFF,
    "submissions:exercises": EVERYBODY,
    "submissions:exercise": EVERYBODY,
    "submissions:regrades": STAFF,
    "submissions:regrade": STAFF,
    "submissions:mine": PEOPLE,
    "submissions:detail": PEOPLE,
    "submissions:replay": PEOPLE,
    "submissions:replay_all": TEACHERS,
    "courses:list": PEOPLE,
    "courses:join": PEOPLE,
    "courses:create": STAFF,
    "courses:detail": PEOPLE,
    "courses:edit": TEACHERS,
    "courses:terms": TEACHERS,
    "courses:exercise_overrides": TEACHERS,
    "dashboards:course": TEACHERS,
    "dashboards:submissions": TEACHERS,
    "dashboards:attempts": TEACHERS,
    "dashboards:exercise": TEACHERS,
    "dashboards:quiz": TEACHERS,
    "dashboards:misconceptions": TEACHERS,
    "dashboards:misconception": TEACHERS,
    "learning:overview": PEOPLE,
    "learning:misconceptions": PEOPLE,
    "api:docs": EVERYBODY,
    "api:tokens": PEOPLE,
    "accounts:profile": PEOPLE,
    "accounts:setup": EVERYBODY,
    "account_login": GUESTS,
    "account_signup": GUESTS,
    "account_logout": PEOPLE,
    "account_inactive": EVERYBODY,
    "account_email": PEOPLE,
    "account_email_verification_sent": EVERYBODY,
    "account_change_password": PEOPLE,
    "account_reset_password": EVERYBODY,
    "account_reset_password_done": EVERYBODY,
    "account_reset_password_from_key": EVERYBODY,
    "account_reset_password_from_key_done": EVERYBODY,
    "account_reauthenticate": PEOPLE,
    "account_confirm_email": EVERYBODY,  # the last: it signs out whom it is not for
}
# Commands, which answer a POST with a redirect or with a page of the table above.
COMMANDS = {
    "accounts:notices_seen",
    "api:revoke",
    "courses:drop_exercise_override",
    "courses:drop_override",
    "courses:override",
    "learning:review",
    "quizzes:answer",
    "quizzes:exchange_bring",
    "quizzes:marking_names",
    "quizzes:marking_take",
    "quizzes:practise",
    "quizzes:regrade_cancel",
    "quizzes:regrade_commit",
    "quizzes:self_check",
    "set_language",
    "submissions:check_format",
    "submissions:regrade_cancel",
    "submissions:regrade_commit",
    "submissions:restart",
}
# Files, JSON, and pieces of pages that stand in the table above.
DATA = {
    "api:",
    "dashboards:gradebook_csv",
    "dashboards:submissions_csv",
    "health",
    "quizzes:clock",
    "quizzes:exchange_download",
    "quizzes:history",
    "submissions:examples_zip",
    "submissions:replay_all_zip",
    "submissions:replay_zip",
    "submissions:source",
    "submissions:starter_ipynb",
    "submissions:starter_py",
    "submissions:status",
}
# A redirect, and pages of allauth for what is not switched on here.
ELSEWHERE = {"account_confirm_login_code", "account_set_password", "api:root"}

VIEWS: list[tuple[int, str, list[str]]] = [
    (1280, "light", []),  # everything
    (1280, "dark", COLOURS),
    (390, "dark", COLOURS),
    (390, "light", LAYOUT),
]
TOKEN = re.compile(r'value="\w{64}"')  # differs each time a page is asked for
# What a template prints of a value that is not there; in code it may be meant.
SLIPS = r"""
() => {
  const code = "code, pre, .math, textarea, .cm-editor, script, style";
  const slip = /(^|[^\w.])(None|undefined|NaN|nan)(?![\w.])|\{[{%]/;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (slip.test(data) && !parentElement.closest(code)) found.push(data.trim());
  }
  return found.map((text) => `prints a value that is not there: ${text}`);
}
"""
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


def names(patterns: list[Any], space: str = "") -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.app_name != "admin":  # Django's own, whatever it looks like
                inner = f"{space}{one.namespace}:" if one.namespace else space
                yield from names(one.url_patterns, inner)
        elif not is_rest(one):
            yield f"{space}{one.name or ''}"


def is_rest(pattern: URLPattern) -> bool:
    return pattern.callback.__module__.startswith("quizsite.api.v1")


def test_every_address_of_the_site_is_in_a_table() -> None:
    listed = [*PAGES, *COMMANDS, *DATA, *ELSEWHERE]
    assert sorted(set(names(get_resolver().url_patterns))) == sorted(listed)


@pytest.fixture
def world(site: str) -> World:
    return build()


def addresses(world: World) -> Iterator[tuple[str, str]]:
    for name in PAGES:
        for args in world.args.get(name, [()]):
            yield name, reverse(name, args=args)


def says(response: Any) -> str:
    """What is between a page's header and footer."""
    text = response.content.decode()
    return TOKEN.sub("", text[text.index("<main") : text.index("</main>")])


def test_no_page_has_a_fault_that_a_program_can_find(
    chromium: Browser, site: str, world: World
) -> None:
    wrong: dict[str, str] = {}
    seers: dict[str, set[str]] = {name: set() for name in PAGES}
    known: set[str] = set()  # what two people are shown alike is looked at once
    for who in EVERYBODY:
        client = world.client(who)
        page = signed_in(chromium, site, client)
        for name, url in addresses(world):
            response = client.get(url)
            if response.status_code != 200:
                continue
            seers[name].add(who)
            if says(response) not in known:
                known.add(says(response))
                wrong |= look_at(page, url, who)
        page.context.close()
    assert not wrong, "\n".join(f"{k}\n  {v}" for k, v in wrong.items())
    assert {k: v for k, v in seers.items() if v != set(PAGES[k])} == {}


def signed_in(chromium: Browser, site: str, client: Client) -> Page:
    context = chromium.new_context(
        base_url=site, locale="ru-RU", reduced_motion="reduce"
    )
    name = settings.SESSION_COOKIE_NAME
    if name in client.cookies:
        cookie = {"name": name, "value": client.cookies[name].value, "url": site}
        context.add_cookies([cookie])
    return context.new_page()


def look_at(page: Page, url: str, who: str) -> dict[str, str]:
    """What is wrong with it, by where it is."""
    show(page, *VIEWS[0][:2])
    page.goto(url)
    expect(page.locator(".math:not([data-math=drawn])")).to_have_count(0)
    bring_axe(page)
    wrong = {}
    if slips := page.evaluate(SLIPS):
        wrong[f"{who} {url}"] = "\n  ".join(slips)
    for width, scheme, rules in VIEWS:
        show(page, width, scheme)
        found = faults(page, rules)
        if page.evaluate(TOO_WIDE) > 0:
            found.append("wider than the screen")
        if found:
            wrong[f"{who} {url} {width} {scheme}"] = "\n  ".join(found)
    return wrong


def show(page: Page, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neither_has_the_page_for_what_is_not_there(page: Page, scheme: str) -> None:
    show(page, 390, scheme)
    page.goto("/nope/")
    assert violations(page) == []
