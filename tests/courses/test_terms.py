"""The page where an instructor sets a quiz's terms, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from quizsite.courses.models import Assignment, ItemKind, Override, Role
from quizsite.courses.terms_forms import BY_HAND
from quizsite.quizzes.matrix import Aspect, Phase, from_json
from quizsite.quizzes.models import Question, QuestionVersion, Quiz
from tests.factories import AssignmentFactory, ChapterFactory, CourseFactory, enrol

pytestmark = pytest.mark.django_db
TERMS = "/courses/alices/quizzes/nets/"
OVERRIDES = TERMS + "overrides/"
PLAIN = {"behaviour": "test", "grade_policy": "best", "preset": "usual"}
GRANT = {"time_factor": "1,5", "extra_minutes": "0", "extra_attempts": "2"}


@pytest.fixture
def assignment(course) -> Assignment:
    """A quiz of three questions, two of them in the second section."""
    quiz = Quiz.objects.create(chapter=ChapterFactory(slug="nets"), title="Сети")
    for number, section in enumerate((1, 2, 2)):
        question = Question.objects.create(
            quiz=quiz, slug=f"q{number}", position=number
        )
        QuestionVersion.objects.create(
            question=question, number=1, type="open", section=section, spec={}
        )
    return AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="nets")


def saved(client: Client, **changes: object) -> Assignment:
    reply = client.post(TERMS, {**PLAIN, **changes})
    assert reply.status_code == 302, unescape(reply.content.decode())
    return Assignment.objects.get()


def refused(client: Client, **changes: object) -> str:
    reply = client.post(TERMS, {**PLAIN, **changes})
    assert reply.status_code == 422
    return unescape(reply.content.decode())


def test_the_page_shows_the_terms_as_they_are(assignment, as_alice):
    page = unescape(as_alice.get(TERMS).content.decode())
    for said in (
        *("Поведение", "тест с уверенностью", "Минут на попытку", "лучшая попытка"),
        *("из раздела 2 (2)", "всего в квизе 3", "после закрытия", "верный ответ"),
    ):
        assert said in page


def test_every_term_is_stored(assignment, as_alice):
    terms = saved(
        as_alice,
        behaviour="exam",
        opens_at="2026-12-01T10:00",
        due_at="2026-12-02T10:00",
        closes_at="2026-12-03T10:00",
        time_limit="45",
        max_attempts="2",
        grade_policy="mean",
        shuffle="on",
        asks_certainty="on",
    )
    assert (terms.behaviour, terms.time_limit, terms.max_attempts) == ("exam", 45, 2)
    assert (terms.grade_policy, terms.shuffle, terms.asks_certainty) == (
        *("mean", True, True),
    )
    assert terms.closes_at is not None and terms.closes_at.isoformat().startswith(
        "2026-12-03T07:00"  # 10:00 in Moscow
    )
    assert terms.review is None  # what an exam has anyway


def test_title_and_points_stay(assignment, as_alice):
    Assignment.objects.update(title="Своё название", max_points=7)
    assert (saved(as_alice).title, saved(as_alice).max_points) == ("Своё название", 7)


def test_the_course_editor_leaves_the_terms_alone(assignment, as_alice):
    saved(as_alice, behaviour="practice", time_limit="5")
    row = {"quiz-nets-assigned": "on", "quiz-nets-max_points": "3"}
    data = {"title": "Курс", "slug": "alices", "description": "", **row}
    reply = as_alice.post("/courses/alices/edit/", data)
    assert reply.status_code in (302, 422)
    terms = Assignment.objects.get()
    assert (terms.behaviour, terms.time_limit) == ("practice", 5)


def test_questions_are_drawn_by_section_and_from_the_rest(assignment, as_alice):
    terms = saved(as_alice, **{"pool-section-2": "1", "pool-*": "1"})
    assert terms.pools == [{"tag": "section-2", "draw": 1}, {"tag": "*", "draw": 1}]
    assert 'name="pool-section-2" value="1"' in as_alice.get(TERMS).content.decode()
    assert saved(as_alice).pools is None


def test_nobody_draws_more_than_there_is(assignment, as_alice):
    assert "меньше либо равно 2" in refused(as_alice, **{"pool-section-2": "3"})


def test_a_matrix_is_set_by_hand(assignment, as_alice):
    cells = ["during:key", "just_after:mark", "later:mark", "closed:mark"]
    terms = saved(as_alice, preset=BY_HAND, review=cells)
    matrix = from_json(terms.review)
    assert matrix[Phase.LATER] == {Aspect.MARK}
    assert matrix[Phase.DURING] == {Aspect.ANSWER}  # a test shows no more before
    page = as_alice.get(TERMS).content.decode()
    assert 'value="later:mark" checked' in page
    assert 'value="later:key" checked' not in page


def test_in_practice_the_during_column_counts(assignment, as_alice):
    cells = ["during:mark", "later:mark", "just_after:mark", "closed:mark"]
    terms = saved(as_alice, behaviour="practice", preset=BY_HAND, review=cells)
    assert from_json(terms.review)[Phase.DURING] == {Aspect.MARK}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"preset": "exam"}, "укажите, когда закрыть"),
        ({"behaviour": "exam"}, "укажите, когда закрыть"),
        ({"preset": "score_first"}, "укажите, когда закрыть"),
        (
            {"opens_at": "2026-12-02T10:00", "closes_at": "2026-12-01T10:00"},
            "только после открытия",
        ),
        ({"time_limit": "0"}, "больше либо равно 1"),
        ({"time_limit": "-5"}, "больше либо равно 1"),
        ({"max_attempts": "сорок"}, "целое число"),
        ({"behaviour": "adaptive"}, "adaptive"),
        ({"grade_policy": ""}, "Обязательное поле"),
        ({"preset": "everything"}, "everything"),
        ({"preset": BY_HAND, "review": ["later:seed"]}, "ошибки отмечены"),
        ({"opens_at": "вчера"}, "правильную дату"),
    ],
)
def test_terms_that_make_no_sense_are_refused(assignment, as_alice, changes, said):
    before = Assignment.objects.values().get()
    assert said in refused(as_alice, **changes)
    assert Assignment.objects.values().get() == before


# --- exceptions -------------------------------------------------------------------


def test_a_student_is_granted_more(assignment, as_alice, alice, bob):
    as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk, "reason": "Справка"})
    granted = Override.objects.get()
    assert (granted.time_factor, granted.extra_attempts) == (1.5, 2)
    assert (granted.user, granted.granted_by) == (bob, alice)
    page = unescape(as_alice.get(TERMS).content.decode())
    for said in ("время ×1,5", "ещё попыток: 2", "Справка"):
        assert said in page


def test_granting_again_changes_what_was_granted(assignment, as_alice, bob):
    as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk})
    as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk, "extra_attempts": "5"})
    assert Override.objects.get().extra_attempts == 5


def test_what_was_granted_is_taken_back(assignment, as_alice, bob):
    as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk})
    as_alice.post(f"{OVERRIDES}{Override.objects.get().pk}/drop/")
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time_factor": "0,5"}, "больше либо равно 1"),
        ({"extra_minutes": "-1"}, "больше либо равно 0"),
        ({"user": "999999"}, "вариант"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    assignment, as_alice, bob, changes, said
):
    reply = as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk, **changes})
    assert reply.status_code == 422
    assert said in unescape(reply.content.decode())
    assert not Override.objects.exists()


def test_nothing_is_granted_to_those_who_do_not_study_here(
    assignment, as_alice, charlie
):
    assert as_alice.post(OVERRIDES, {**GRANT, "user": charlie.pk}).status_code == 422
    assert not Override.objects.exists()


# --- who may --------------------------------------------------------------------------


def test_students_and_strangers_set_no_terms(
    assignment, as_alice, as_bob, as_charlie, bob
):
    as_alice.post(OVERRIDES, {**GRANT, "user": bob.pk})
    drop = f"{OVERRIDES}{Override.objects.get().pk}/drop/"
    for stranger in (as_bob, as_charlie):
        assert stranger.get(TERMS).status_code == 404
        assert stranger.post(TERMS, {**PLAIN, "time_limit": "1"}).status_code == 404
        sent = {**GRANT, "user": bob.pk, "extra_attempts": "9"}
        assert stranger.post(OVERRIDES, sent).status_code == 404
        assert stranger.post(drop).status_code == 404
    assert Assignment.objects.get().time_limit is None
    assert Override.objects.get().extra_attempts == 2


def test_a_guest_is_asked_to_sign_in(assignment, client):
    assert "/login/" in client.get(TERMS).url


def test_an_exercise_has_no_such_page(assignment, course, as_alice):
    AssignmentFactory(course=course, item="tr_attention")
    assert as_alice.get("/courses/alices/quizzes/tr_attention/").status_code == 404


def test_a_teacher_of_another_course_changes_nothing_here(
    assignment, charlie, as_charlie
):
    enrol(CourseFactory(), charlie, role=Role.INSTRUCTOR)
    assert as_charlie.post(TERMS, PLAIN).status_code == 404


def test_the_students_own_deadline_is_shown(assignment, as_bob, bob, course):
    now = timezone.now()
    Assignment.objects.update(due_at=now - timedelta(days=1))
    assert "срок прошёл" in unescape(as_bob.get("/courses/alices/").content.decode())
    Override.objects.create(
        assignment=assignment, user=bob, due_at=now + timedelta(days=1)
    )
    assert "срок —" in unescape(as_bob.get("/courses/alices/").content.decode())
