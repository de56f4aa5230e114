"""One question a page, or all of them: as the reader likes, and it is remembered."""

from __future__ import annotations

import pytest

from quizsite.quizzes.services import save_answer
from tests.quizzes.conftest import answers, response, text, url

pytestmark = pytest.mark.django_db


def shown(page: str) -> int:
    return page.count("data-question=")


@pytest.fixture
def address(attempt) -> str:
    return url("attempt", attempt)


def test_one_question_is_shown_alone_with_the_way_to_the_others(address, as_bob):
    page = text(as_bob.get(f"{address}?q=3"))
    assert shown(page) == 1
    assert 'id="q3"' in page
    assert 'name="go" value="2"' in page and 'name="go" value="4"' in page
    assert page.count('data-nav="') == 8
    assert 'aria-current="step"' in page


def test_the_first_has_none_before_it_and_the_last_none_after(address, as_bob):
    assert 'name="go"' in text(as_bob.get(f"{address}?q=1"))
    assert "Предыдущий" not in text(as_bob.get(f"{address}?q=1"))
    assert "Следующий" not in text(as_bob.get(f"{address}?q=8"))


def test_the_choice_is_remembered(address, as_bob):
    as_bob.get(f"{address}?q=3")
    assert shown(text(as_bob.get(address))) == 1
    as_bob.get(f"{address}?q=all")
    assert shown(text(as_bob.get(address))) == 8


def test_one_by_one_one_starts_where_an_answer_is_missing(attempt, address, as_bob):
    save_answer(response=response(attempt, 1), raw="1")
    as_bob.get(f"{address}?q=3")
    page = text(as_bob.get(address))
    assert 'id="q2"' in page
    assert 'action="?q=2"' in page  # so that a button comes back here


@pytest.mark.parametrize("q", ["0", "9", "-1", "x", "²", "1" * 40, ""])
def test_a_question_that_is_not_there_shows_all(address, as_bob, q):
    assert shown(text(as_bob.get(address, {"q": q}))) == 8


def test_going_on_saves_what_was_written(attempt, address, as_bob):
    sent = {"q1-was": "", "q1-revision": "0", "q1": "7", "go": "2"}
    reply = as_bob.post(f"{address}?q=1", sent)
    assert reply.url == f"{address}?q=2#q2"
    assert answers(attempt)[0] == "7"


def test_saving_stays_where_one_is(address, as_bob):
    sent = {"q4-was": "", "q4-revision": "0", "q4": "", "save": "1"}
    assert as_bob.post(f"{address}?q=4", sent).url == f"{address}?q=4"


def test_a_question_to_come_back_to_is_marked_in_the_navigator(
    attempt, address, as_bob
):
    sent = {"q1-was": "", "q1": "", "q1-flag": "on", "save": "1"}
    as_bob.post(address, sent)
    assert response(attempt, 1).flagged
    page = text(as_bob.get(address))
    assert page.count("data-flagged hidden") == 7
    del sent["q1-flag"]
    as_bob.post(address, sent)
    assert not response(attempt, 1).flagged
