"""The matrix holds everywhere: pages, lists, grades, and for whoever asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from quizsite.courses.models import ItemKind, Role
from quizsite.courses.terms import grant
from quizsite.learning.calibration import calibration
from quizsite.learning.models import Card
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services import finish_attempt, save_answer
from tests.factories import AssignmentFactory, CourseFactory, enrol
from tests.quizzes.conftest import response, text, url, wrong

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EXPLAINED = ("Вычитаем, получаем", "Потому что.", "Правильный ответ", "Образец ответа")


@pytest.fixture
def exam(clock, assigned):
    """Alice's exam, closed in an hour."""
    return assigned(behaviour="exam", closes_at=clock.now + HOUR)


def taken(attempt: Attempt) -> Attempt:
    """With a wrong answer to the first question and a right one to the second."""
    first, second = response(attempt, 1), response(attempt, 2)
    save_answer(response=first, raw=wrong(first))
    save_answer(response=second, raw=second.variant.key)
    finish_attempt(attempt=attempt)
    return attempt


def explains(page: str) -> bool:
    told = [said in page for said in EXPLAINED]
    assert all(told) or not any(told)
    return all(told)


def test_alone_everything_is_explained_at_once(started, as_bob):
    assert explains(text(as_bob.get(url("result", taken(started())))))


def test_an_exam_shows_nothing_before_it_is_closed(exam, started, clock, as_bob):
    attempt = taken(started(exam))
    for minutes in (0, 1, 57):
        clock.forward(minutes=minutes)
        page = text(as_bob.get(url("result", attempt)))
        assert "Попытка завершена, ответы сохранены." in page
        assert "после закрытия квиза для всех" in page
        assert "1 из 8" not in page and "наоборот" not in page
        assert not explains(page)
    clock.forward(minutes=2)
    page = text(as_bob.get(url("result", attempt)))
    assert "1 из 8" in page and "наоборот" in page
    assert explains(page)


def test_the_history_keeps_what_an_exam_does_not_show(exam, started, clock, as_bob):
    attempt = started(exam)
    save_answer(response=response(attempt, 1), raw="12345")
    assert "12345" in text(as_bob.get(url("history", attempt, 1)))
    finish_attempt(attempt=attempt)
    reply = as_bob.get(url("history", attempt, 1))
    assert (reply.status_code, reply["Location"]) == (302, url("result", attempt))
    clock.forward(hours=2)
    assert "12345" in text(as_bob.get(url("history", attempt, 1)))


@pytest.mark.parametrize("shows", [True, False])
def test_what_one_learns_does_not_tell_an_exams_marks(
    assigned, started, clock, bob, as_bob, shows
):
    closes_at = clock.now + (-HOUR if shows else HOUR)
    attempt = started(assigned(behaviour="exam"), asks_certainty=True)
    attempt.course.assignments.update(closes_at=closes_at)
    attempt.responses.update(certainty=3)
    taken(attempt)
    assert Card.objects.filter(user=bob).exists() == shows
    answers = sum(level.answers for level in calibration(bob))
    assert bool(answers) == shows
    assert as_bob.get(reverse("learning:overview")).status_code == 200


def test_while_anybody_may_still_write_nobody_reads_a_key(
    exam, started, clock, alice, charlie, as_bob
):
    enrol(exam.course, charlie)
    later = {"closes_at": clock.now + 3 * HOUR}
    grant(assignment=exam, user=charlie, by=alice, terms=later)
    attempt = taken(started(exam))
    clock.forward(hours=2)
    assert not explains(text(as_bob.get(url("result", attempt))))
    clock.forward(hours=1)
    assert explains(text(as_bob.get(url("result", attempt))))


def test_the_score_may_come_first_and_the_keys_after(assigned, started, clock, as_bob):
    score_first = {
        "during": ["answer"],
        "just_after": ["answer", "mark"],
        "later": ["answer", "mark"],
        "closed": [one.value for one in Aspect],
    }
    closes = clock.now + HOUR
    attempt = taken(started(assigned(review=score_first, closes_at=closes)))
    page = text(as_bob.get(url("result", attempt)))
    assert "1 из 8" in page and "Ваш ответ" in page and "неверно" in page
    assert not explains(page)
    clock.forward(hours=1)
    assert explains(text(as_bob.get(url("result", attempt))))


def test_just_after_the_end_more_may_be_shown_than_later(
    assigned, started, clock, as_bob
):
    once = {"just_after": ["mark", "key"], "later": ["mark"]}
    attempt = taken(started(assigned(review=once)))
    assert "Правильный ответ" in text(as_bob.get(url("result", attempt)))
    clock.forward(minutes=3)
    assert "Правильный ответ" not in text(as_bob.get(url("result", attempt)))


@pytest.mark.parametrize("aspect", Aspect)
def test_each_aspect_is_shown_by_itself(assigned, started, as_bob, aspect):
    alone = {"just_after": [aspect.value]}
    attempt = taken(started(assigned(review=alone)))
    page = text(as_bob.get(url("result", attempt)))
    said = {
        Aspect.ANSWER: "Ваш ответ",
        Aspect.MARK: "1 из 8",
        Aspect.HINTS: "а не наоборот",
        Aspect.KEY: "Правильный ответ",
        Aspect.EXPLANATION: "Вычитаем, получаем",
    }
    assert [one for one in Aspect if said[one] in page] == [aspect]


def test_reference_points_are_a_key(assigned, started, as_bob):
    attempt = taken(started(assigned(review={"just_after": ["answer", "mark"]})))
    assert "Первый факт" not in text(as_bob.get(url("result", attempt)))


def test_a_key_in_a_tests_during_column_stays_hidden(assigned, started, as_bob):
    generous = {"during": [one.value for one in Aspect]}
    attempt = started(assigned(review=generous))
    assert shown_aspects(attempt) == {Aspect.ANSWER}


def test_an_instructor_sees_everything_of_a_finished_attempt(exam, started, as_alice):
    attempt = taken(started(exam))
    page = text(as_alice.get(url("result", attempt)))
    assert explains(page)
    assert "1 из 8" in page


def test_what_one_practises_alone_is_nobodys_business(
    assigned, started, as_alice, as_bob
):
    assigned()
    attempt = started(behaviour="practice")
    finish_attempt(attempt=attempt)
    assert as_alice.get(url("result", attempt)).status_code == 404
    assert as_bob.get(url("result", attempt)).status_code == 200


def test_an_instructor_of_another_course_does_not_see_this_ones_attempts(
    assigned, started, charlie, bob, as_charlie
):
    theirs = CourseFactory()
    enrol(theirs, charlie, role=Role.INSTRUCTOR)
    enrol(theirs, bob)
    AssignmentFactory(course=theirs, kind=ItemKind.QUIZ, item="trial")
    attempt = taken(started(assigned()))
    assert as_charlie.get(url("result", attempt)).status_code == 404


def test_a_course_that_drops_the_quiz_opens_nothing(exam, started, clock, as_bob):
    attempt = taken(started(exam))
    exam.delete()
    clock.forward(hours=5)
    assert not explains(text(as_bob.get(url("result", attempt))))


# --- where scores are listed ----------------------------------------------------


def places(attempt: Attempt) -> list[str]:
    return [
        "/chapters/trial/quiz/",
        "/chapters/trial/",
        "/",
        reverse("courses:detail", args=["alices"]),
    ]


def test_no_list_tells_a_score_before_its_time(exam, started, clock, as_bob):
    attempt = taken(started(exam))
    assert attempt.share == pytest.approx(1 / 8)
    for address in places(attempt):
        page = text(as_bob.get(address))
        assert "1 из 8" not in page, address
        assert "12\u00a0%" not in page, address
    assert "сдано, балл пока скрыт" in text(as_bob.get("/courses/alices/"))
    assert "скрыты" in text(as_bob.get("/chapters/trial/quiz/"))
    clock.forward(hours=1)
    assert "1 из 8" in text(as_bob.get("/chapters/trial/quiz/"))
    assert "балл пока скрыт" not in text(as_bob.get("/courses/alices/"))


def test_the_instructor_has_the_scores_at_once(exam, started, as_alice):
    taken(started(exam))
    page = text(as_alice.get("/courses/alices/dashboard/attempts/"))
    assert "Боб" in page
    assert "1\u00a0/\u00a08" in page


def test_the_review_for_a_course_asks_the_database_little(
    exam, started, clock, as_bob, django_assert_max_num_queries
):
    attempt = taken(started(exam))
    clock.forward(hours=2)
    with django_assert_max_num_queries(12):
        as_bob.get(url("result", attempt))
