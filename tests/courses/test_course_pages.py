"""What people see of the courses they are in, and strangers do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quizsite.courses.models import Assignment, Course, Enrolment, GradeEvent, Role
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, UserFactory

LIST, NEW = reverse("courses:list"), reverse("courses:create")


@pytest.fixture
def assigned(course):
    due_at = timezone.now() + timedelta(days=3)
    return AssignmentFactory(course=course, title="Внимание", due_at=due_at)


@pytest.fixture
def staff(db):
    return UserFactory(username="dean", is_staff=True)


@pytest.fixture
def as_staff(staff):
    return signed_in(staff)


def test_the_list_has_ones_own_courses(course, as_bob):
    assert course.title in as_bob.get(LIST).text


def test_the_list_of_a_stranger_has_none(course, as_charlie):
    response = as_charlie.get(LIST)
    assert response.status_code == 200
    assert course.title not in response.text


def test_a_student_sees_what_is_to_be_done(course, assigned, bob, as_bob):
    GradeEvent.objects.create(
        user=bob, kind="exercise", item=assigned.item, share=0.855
    )
    text = as_bob.get(course.get_absolute_url()).text
    assert "Внимание" in text
    assert "8,6" in text
    assert "частично" in text


def test_a_student_sees_neither_the_code_nor_the_dashboard(course, as_bob):
    text = as_bob.get(course.get_absolute_url()).text
    assert course.join_code not in text
    assert "dashboard" not in text


def test_an_instructor_sees_the_code(course, as_alice):
    assert course.join_code in as_alice.get(course.get_absolute_url()).text


@pytest.mark.parametrize("name", ["detail", "edit"])
def test_a_stranger_is_told_of_no_course(course, as_charlie, name):
    url = reverse(f"courses:{name}", args=[course.slug])
    assert as_charlie.get(url).status_code == 404
    assert as_charlie.post(url).status_code in (404, 405)


def test_a_student_cannot_edit_the_course(course, as_bob):
    url = reverse("courses:edit", args=[course.slug])
    assert as_bob.post(url, {"title": "Мой курс"}).status_code == 404


@pytest.mark.parametrize("path", [LIST, NEW, "/courses/alices/"])
def test_a_guest_is_asked_to_sign_in(course, client, path):
    assert client.get(path).status_code == 302


def test_only_staff_make_courses(course, as_alice, as_staff):
    assert as_alice.get(NEW).status_code == 404
    assert as_staff.get(NEW).status_code == 200


def form(**fields) -> dict[str, str]:
    values = {"title": "Новый", "slug": "new-one"}
    for exercise in ("tr_attention", "reg_dropout"):
        values[f"exercise-{exercise}-max_points"] = "10"
    return values | fields


@pytest.fixture
def two_exercises(monkeypatch):
    from quizsite.courses import forms
    from quizsite.courses.services import Item

    items = [Item("exercise", slug, slug) for slug in ("tr_attention", "reg_dropout")]
    monkeypatch.setattr(forms, "assignable", lambda: items)


def test_a_new_course_has_a_code_its_maker_and_what_was_chosen(
    two_exercises, staff, as_staff
):
    data = form(
        **{
            "exercise-reg_dropout-assigned": "on",
            "exercise-reg_dropout-due_at": "2026-12-01T23:59",
            "exercise-reg_dropout-max_points": "5,5",
        }
    )
    assert as_staff.post(NEW, data).status_code == 302
    course = Course.objects.get(slug="new-one")
    assert len(course.join_code) == 9
    assert Enrolment.objects.get(course=course, user=staff).role == Role.INSTRUCTOR
    only = course.assignments.get()
    assert (only.item, only.max_points) == ("reg_dropout", 5.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "join"},
        {"slug": "с пробелом"},
        {"title": ""},
        {"exercise-reg_dropout-due_at": "завтра"},
        {"exercise-reg_dropout-max_points": "nan"},
        {"exercise-reg_dropout-max_points": "-1"},
    ],
)
def test_a_wrong_form_makes_no_course(two_exercises, as_staff, wrong):
    assert as_staff.post(NEW, form(**wrong)).status_code == 422
    assert not Course.objects.exists()


def test_editing_changes_what_is_assigned(two_exercises, course, assigned, as_alice):
    url = reverse("courses:edit", args=[course.slug])
    data = form(slug=course.slug, **{"exercise-reg_dropout-assigned": "on"})
    assert as_alice.post(url, data).status_code == 302
    assert [one.item for one in Assignment.objects.all()] == ["reg_dropout"]


def test_editing_keeps_the_code_and_the_people(two_exercises, course, as_alice):
    code = course.join_code
    as_alice.post(reverse("courses:edit", args=[course.slug]), form(slug=course.slug))
    course.refresh_from_db()
    assert course.join_code == code
    assert course.enrolments.count() == 2


def test_a_refused_edit_still_leads_back_to_the_course(two_exercises, course, as_alice):
    url = reverse("courses:edit", args=[course.slug])
    text = as_alice.post(url, form(slug="другой")).text
    assert course.get_absolute_url() in text


def test_markup_in_titles_and_descriptions_stays_text(course, as_bob):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    Course.objects.update(title=evil, description=f"{evil}\n\n[x](javascript:alert(1))")
    text = as_bob.get(course.get_absolute_url()).text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert 'href="javascript' not in text


def test_the_pages_queries_do_not_grow_with_the_course(
    course, assigned, as_bob, django_assert_max_num_queries
):
    for n in range(8):
        AssignmentFactory(course=course, item=f"item-{n}")
    with django_assert_max_num_queries(12):
        as_bob.get(course.get_absolute_url())
