"""Certainty: asked for, kept, weighed where that is agreed, and shown in the end."""

from __future__ import annotations

import pytest

from quizsite.quizzes.models import Attempt
from quizsite.quizzes.services import finish_attempt, save_answer
from tests.quizzes.conftest import response, text, url, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def cbm(started) -> Attempt:
    return started(behaviour="cbm")


def answer(attempt: Attempt, position: int, *, right: bool, certainty: int | None):
    asked = response(attempt, position)
    raw = asked.variant.key if right else wrong(asked)
    save_answer(response=asked, raw=raw, certainty=certainty)


def test_certain_and_right_pays_three_times_as_much_as_uncertain(cbm):
    answer(cbm, 1, right=True, certainty=3)
    answer(cbm, 2, right=True, certainty=1)
    finish_attempt(attempt=cbm)
    assert response(cbm, 1).credit == 1
    assert response(cbm, 2).credit == pytest.approx(1 / 3)


def test_certain_and_wrong_costs_twice_the_question(cbm):
    answer(cbm, 1, right=False, certainty=3)
    finish_attempt(attempt=cbm)
    marked = response(cbm, 1)
    assert (marked.mark, marked.credit) == (0, -2)
    assert cbm.score == -2
    assert cbm.share == 0  # nobody ends below nothing


def test_a_malformed_answer_is_not_punished(cbm):
    save_answer(response=response(cbm, 1), raw="1x", certainty=3)
    finish_attempt(attempt=cbm)
    assert response(cbm, 1).credit == 0


def test_no_answer_is_no_mistake_however_certain(cbm):
    save_answer(response=response(cbm, 1), raw="", certainty=3)
    finish_attempt(attempt=cbm)
    assert response(cbm, 1).credit == 0


def test_all_right_and_certain_is_the_whole_quiz(cbm):
    for position in range(1, 8):
        answer(cbm, position, right=True, certainty=3)
    finish_attempt(attempt=cbm)
    assert (cbm.score, cbm.max_score) == (8, 8)


def test_in_practice_certainty_is_kept_and_changes_nothing(started):
    attempt = started(behaviour="practice", asks_certainty=True)
    answer(attempt, 1, right=True, certainty=1)
    finish_attempt(attempt=attempt)
    marked = response(attempt, 1)
    assert (marked.certainty, marked.credit) == (1, 1)


# --- the pages ------------------------------------------------------------------------


def questions_that_ask(page: str) -> int:
    return page.count("Насколько вы уверены?")


@pytest.mark.parametrize(
    ("behaviour", "chosen", "asked"),
    [
        ("cbm", False, 8),
        ("practice", True, 8),
        ("practice", False, 1),  # the open one
        ("test", False, 1),
        ("test", True, 8),
    ],
)
def test_who_is_asked(started, as_bob, behaviour, chosen, asked):
    attempt = started(behaviour=behaviour, asks_certainty=chosen)
    page = text(as_bob.get(url("attempt", attempt)))
    assert questions_that_ask(page) == asked


def test_an_exam_asks_nobody(assigned, started, as_bob):
    attempt = started(assigned(behaviour="exam"))
    assert questions_that_ask(text(as_bob.get(url("attempt", attempt)))) == 0


def test_the_page_says_what_certainty_pays(cbm, started, as_bob):
    page = text(as_bob.get(url("attempt", cbm)))
    assert "Как уверенность меняет баллы" in page
    assert page.count("(верно 3, неверно −6)") == 7
    finish_attempt(attempt=cbm)
    plain = started(behaviour="practice", asks_certainty=True)
    assert "неверно −6" not in text(as_bob.get(url("attempt", plain)))


def test_the_form_keeps_the_certainty(cbm, as_bob):
    sent = {"q1-was": "", "q1": "5", "q1-certainty": "2", "save": "1"}
    as_bob.post(url("attempt", cbm), sent)
    assert response(cbm, 1).certainty == 2
    page = text(as_bob.get(url("attempt", cbm)))
    assert 'name="q1-certainty" value="2" checked' in page


def test_certainty_alone_is_a_change_that_a_form_saves(cbm, as_bob):
    answer(cbm, 1, right=True, certainty=1)
    page = text(as_bob.get(url("attempt", cbm)))
    was = page.split('name="q1-was" value="')[1].split('"')[0]
    key = response(cbm, 1).variant.key
    same = {"q1-was": was, "q1": key, "save": "1"}
    as_bob.post(url("attempt", cbm), {**same, "q1-certainty": "1"})
    assert response(cbm, 1).revision == 1
    as_bob.post(url("attempt", cbm), {**same, "q1-certainty": "3"})
    assert response(cbm, 1).certainty == 3


@pytest.mark.parametrize("level", ["0", "4", "-1", "high"])
def test_a_level_that_does_not_exist_is_none(cbm, as_bob, level):
    sent = {"q1": "5", "q1-certainty": level}
    assert as_bob.post(url("answer", cbm, 1), sent).status_code == 200
    assert response(cbm, 1).certainty is None


def test_the_review_compares_certainty_with_truth(cbm, as_bob):
    answer(cbm, 1, right=False, certainty=3)
    answer(cbm, 2, right=True, certainty=3)
    answer(cbm, 3, right=True, certainty=1)
    finish_attempt(attempt=cbm)
    page = text(as_bob.get(url("result", cbm)))
    for said in (
        "правы реже, чем думаете",
        "можно было быть увереннее",
        "Верно в среднем 67\u00a0%",
        "Средний балл с учётом уверенности −0,67 из 3",
        "уверенность: уверен(а)",
    ):
        assert said in page


def test_without_certainty_there_is_no_such_table(finished, as_bob):
    assert "Уверенность и правота" not in text(as_bob.get(url("result", finished)))


def test_a_cbm_quiz_is_taken_without_javascript(cbm, as_bob):
    key = response(cbm, 2).variant.key
    as_bob.post(
        url("attempt", cbm),
        {"q2-was": "", "q2": key, "q2-certainty": "3", "finish": "1"},
    )
    reply = as_bob.post(url("finish", cbm))
    assert "1 из 8" in text(as_bob.get(reply.url))
