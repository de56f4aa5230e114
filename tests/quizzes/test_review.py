"""The end of an attempt, its review, and who may see what of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from quizsite.courses.models import ItemKind
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.services import (
    finish_attempt,
    responses_of,
    save_answer,
    start_attempt,
)
from tests.factories import AssignmentFactory
from tests.quizzes.conftest import answers, text, url

pytestmark = pytest.mark.django_db


def test_finishing_twice_is_harmless(attempt, as_bob):
    for _ in range(2):
        assert as_bob.post(url("finish", attempt)).url == url("result", attempt)


def test_a_running_attempt_has_no_review(attempt, as_bob):
    assert as_bob.get(url("result", attempt)).url == url("attempt", attempt)


def test_the_review_explains_everything(attempt, as_bob):
    first, second = responses_of(attempt)[:2]
    values = first.variant.values
    save_answer(response=first, raw=str(values["b"] - values["a"]))
    wrong = next(c.id for c in second.variant.drawn.choices if not c.correct)
    save_answer(response=second, raw=wrong)
    finish_attempt(attempt=attempt)
    page = text(as_bob.get(url("result", attempt)))
    for said in (
        "0 из 8",
        "Вы вычли",
        "Вы спутали",
        "Потому что.",
        "Вычитаем, получаем",
        "Правильный ответ",
        "1. Раздел 1",
        "Образец ответа",
        "На балл это не влияет",
        "Пройти ещё раз",
    ):
        assert said in page


def test_right_answers_are_reviewed_as_right(finished, as_bob):
    page = text(as_bob.get(url("result", finished)))
    assert "8 из 8" in page
    assert len(re.findall(r'class="badge ok">верно<', page)) == 7
    assert 'class="badge info">без балла<' in page


def test_what_was_typed_is_escaped_in_the_review(attempt, as_bob):
    responses = responses_of(attempt)
    for position in (1, 4, 7, 8):
        save_answer(response=responses[position - 1], raw="<script>alert(1)</script>")
    finish_attempt(attempt=attempt)
    page = as_bob.get(url("result", attempt)).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4


def test_a_self_check_is_remembered(finished, as_bob):
    reply = as_bob.post(url("self_check", finished, 8), {"point": ["2", "99", "x"]})
    assert reply.url == url("result", finished) + "#q8"
    assert responses_of(finished)[7].feedback["self_check"] == [2]
    assert "Отмечено 1 из 3" in text(as_bob.get(url("result", finished)))


def test_only_an_open_question_of_a_finished_attempt_is_checked(attempt, as_bob):
    as_bob.post(url("self_check", attempt, 8), {"point": ["1"]})
    finish_attempt(attempt=attempt)
    as_bob.post(url("self_check", attempt, 1), {"point": ["1"]})
    assert all("self_check" not in r.feedback for r in responses_of(attempt))


# --- who may see what ------------------------------------------------------------

PAGES = [
    ("get", "attempt", ()),
    ("post", "attempt", ()),
    ("post", "answer", (1,)),
    ("get", "history", (1,)),
    ("post", "history", (1,)),
    ("post", "practise", (1, "check")),
    ("post", "practise", (1, "hint")),
    ("post", "practise", (1, "reveal")),
    ("get", "clock", ()),
    ("get", "finish", ()),
    ("post", "finish", ()),
    ("get", "result", ()),
    ("post", "self_check", (8,)),
]


@pytest.mark.parametrize(("method", "name", "more"), PAGES)
@pytest.mark.parametrize("done", [False, True])
def test_charlie_and_guests_see_nothing_of_it(
    attempt, as_charlie, client, method, name, more, done
):
    if done:
        finish_attempt(attempt=attempt)
    before = list(Response.objects.values()), list(Attempt.objects.values())
    for stranger in (as_charlie, client):
        reply = getattr(stranger, method)(url(name, attempt, *more), {"q1": "1"})
        assert reply.status_code == 404
    assert (list(Response.objects.values()), list(Attempt.objects.values())) == before


@pytest.mark.parametrize(("method", "name", "more"), PAGES)
def test_a_guests_attempt_is_theirs_alone(quiz, as_charlie, method, name, more):
    attempt = start_attempt(quiz=quiz, user=None, guest_key="secret")
    for stranger in (as_charlie, Client()):
        reply = getattr(stranger, method)(url(name, attempt, *more))
        assert reply.status_code == 404


def test_an_instructor_reads_the_review_and_nothing_else(finished, course, as_alice):
    AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="trial")
    page = text(as_alice.get(url("result", finished)))
    assert "Боб" in page
    assert "Пройти ещё раз" not in page
    assert "Запомнить сверку" not in page
    assert as_alice.get(url("attempt", finished)).status_code == 404
    assert as_alice.post(url("answer", finished, 1), {"q1": "1"}).status_code == 404
    assert as_alice.post(url("self_check", finished, 8)).status_code == 404


def test_an_instructor_sees_no_key_of_a_running_attempt(attempt, course, as_alice):
    AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="trial")
    page = text(as_alice.get(url("result", attempt)))
    assert "Попытка ещё идёт" in page
    assert "Потому что" not in page


def test_an_instructor_of_another_quiz_sees_nothing(finished, course, as_alice):
    AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="other")
    assert as_alice.get(url("result", finished)).status_code == 404


def test_answers_are_not_taken_by_get(attempt, as_bob):
    assert as_bob.get(url("answer", attempt, 1)).status_code == 405
    assert as_bob.get(url("self_check", attempt, 8)).status_code == 405


def test_posts_need_a_token(attempt, bob):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    assert strict.post(url("answer", attempt, 1), {"q1": "1"}).status_code == 403
    assert answers(attempt)[0] is None
