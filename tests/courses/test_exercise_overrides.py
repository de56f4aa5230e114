"""Another deadline of an exercise for one student, on the course's pages."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from quizsite.courses.models import Assignment, ItemKind, Override, Role
from tests.factories import AssignmentFactory, CourseFactory, enrol

pytestmark = pytest.mark.django_db
PAGE = "/courses/alices/exercises/tr_attention/overrides/"
DUE = "2030-01-02T10:00"


@pytest.fixture
def assignment(course) -> Assignment:
    return AssignmentFactory(course=course)


@pytest.fixture
def granted(assignment, as_alice, bob) -> Override:
    as_alice.post(PAGE, {"user": bob.pk, "due_at": DUE, "reason": "Справка"})
    return Override.objects.get()


def test_the_courses_page_leads_there(assignment, as_alice, as_bob):
    assert PAGE in as_alice.get("/courses/alices/").content.decode()
    assert PAGE not in as_bob.get("/courses/alices/").content.decode()


def test_a_student_is_granted_another_deadline(granted, as_alice, alice, bob):
    assert (granted.user, granted.granted_by) == (bob, alice)
    assert granted.due_at is not None
    assert granted.due_at.isoformat().startswith("2030-01-02T07:00")  # of Moscow
    page = unescape(as_alice.get(PAGE).content.decode())
    for said in ("Боб", "2 января 2030", "Справка"):
        assert said in page


def test_the_student_sees_it_on_the_courses_page(assignment, as_alice, as_bob, bob):
    Assignment.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert "срок прошёл" in unescape(as_bob.get("/courses/alices/").content.decode())
    as_alice.post(PAGE, {"user": bob.pk, "due_at": DUE})
    assert "2 января 2030" in unescape(as_bob.get("/courses/alices/").content.decode())


def test_granting_again_changes_only_what_is_asked_for(granted, as_alice, bob):
    Override.objects.update(extra_attempts=3)  # through the API
    as_alice.post(PAGE, {"user": bob.pk, "due_at": "2031-01-02T10:00"})
    changed = Override.objects.get()
    assert changed.due_at is not None
    assert (changed.due_at.year, changed.extra_attempts) == (2031, 3)


def test_what_was_granted_is_taken_back(granted, as_alice):
    as_alice.post(f"{PAGE}{granted.pk}/drop/")
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_at": ""}, "Обязательное поле"),
        ({"due_at": "вчера"}, "правильную дату"),
        ({"user": "999999"}, "вариант"),
        ({"reason": "x" * 201}, "200"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    assignment, as_alice, bob, changes, said
):
    reply = as_alice.post(PAGE, {"user": bob.pk, "due_at": DUE, **changes})
    assert reply.status_code == 422
    assert said in unescape(reply.content.decode())
    assert not Override.objects.exists()


def test_nothing_is_granted_to_those_who_do_not_study_here(
    assignment, as_alice, charlie
):
    sent = {"user": charlie.pk, "due_at": DUE}
    assert as_alice.post(PAGE, sent).status_code == 422


def test_nobody_else_grants_or_looks(granted, as_bob, as_charlie, bob, charlie):
    enrol(CourseFactory(), charlie, role=Role.INSTRUCTOR)  # of another course
    for stranger in (as_bob, as_charlie):
        assert stranger.get(PAGE).status_code == 404
        sent = {"user": bob.pk, "due_at": "2031-01-02T10:00"}
        assert stranger.post(PAGE, sent).status_code == 404
        assert stranger.post(f"{PAGE}{granted.pk}/drop/").status_code == 404
    kept = Override.objects.get()
    assert kept.due_at == granted.due_at


def test_a_guest_is_asked_to_sign_in(assignment, client):
    assert "/login/" in client.get(PAGE).url


def test_a_grant_of_another_course_is_not_taken_back_here(
    assignment, as_alice, charlie
):
    other = AssignmentFactory(course=CourseFactory())
    theirs = Override.objects.create(assignment=other, user=charlie)
    assert as_alice.post(f"{PAGE}{theirs.pk}/drop/").status_code == 404
    assert Override.objects.filter(pk=theirs.pk).exists()


def test_a_quiz_has_no_such_page(course, as_alice):
    AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="nets")
    assert as_alice.get(PAGE.replace("tr_attention", "nets")).status_code == 404
