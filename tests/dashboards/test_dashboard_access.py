"""A course's dashboard is for its instructors and staff; nobody else learns of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from quizsite.courses.models import Role
from tests.conftest import signed_in
from tests.factories import CourseFactory, UserFactory, enrol

PAGES = ["course", "submissions", "attempts", "gradebook_csv", "submissions_csv"]


def addresses(course, exercise, quiz) -> list[str]:
    pages = [reverse(f"dashboards:{name}", args=[course.slug]) for name in PAGES]
    return [
        *pages,
        reverse("dashboards:exercise", args=[course.slug, exercise.item]),
        reverse("dashboards:quiz", args=[course.slug, "transformer"]),
    ]


@pytest.fixture
def urls(course, exercise, quiz):
    return addresses(course, exercise, quiz)


def statuses(client, urls) -> set[int]:
    return {client.get(url).status_code for url in urls}


def test_the_instructor_sees_every_page(urls, as_alice):
    assert statuses(as_alice, urls) == {200}


def test_staff_see_every_page(urls):
    assert statuses(signed_in(UserFactory(is_staff=True)), urls) == {200}


def test_a_student_of_the_course_sees_none(urls, as_bob):
    assert statuses(as_bob, urls) == {404}


def test_a_stranger_sees_none(urls, as_charlie):
    assert statuses(as_charlie, urls) == {404}


def test_the_instructor_of_another_course_sees_none(urls, charlie, as_charlie):
    enrol(CourseFactory(), charlie, role=Role.INSTRUCTOR)
    assert statuses(as_charlie, urls) == {404}


def test_a_guest_is_asked_to_sign_in(urls, client):
    assert statuses(client, urls) == {302}


def test_nothing_is_changed_through_a_dashboard(urls, as_alice):
    assert {as_alice.post(url).status_code for url in urls} == {405}


@pytest.mark.parametrize("kind", ["exercise", "quiz"])
def test_an_item_that_the_course_did_not_assign_has_no_page(course, as_alice, kind):
    url = reverse(f"dashboards:{kind}", args=[course.slug, "reg_dropout"])
    assert as_alice.get(url).status_code == 404
