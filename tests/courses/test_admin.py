"""Django's admin shows what the site holds, and lets nobody edit history."""

from __future__ import annotations

import pytest
from django.urls import reverse

from quizsite.api.services import issue_token
from quizsite.courses.models import GradeEvent
from tests.conftest import signed_in
from tests.factories import SubmissionFactory, UserFactory

SHOWN_ONLY = [
    *("courses_gradeevent", "api_apitoken", "book_chapter", "quizzes_quiz"),
    *("quizzes_question", "quizzes_attempt", "submissions_submission"),
]


@pytest.fixture
def as_root(db):
    return signed_in(UserFactory(is_staff=True, is_superuser=True))


@pytest.mark.parametrize("name", ["courses_course", *SHOWN_ONLY])
def test_every_list_opens(as_root, course, name):
    assert as_root.get(reverse(f"admin:{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", SHOWN_ONLY)
def test_what_is_history_cannot_be_added_by_hand(as_root, name):
    assert as_root.get(reverse(f"admin:{name}_add")).status_code == 403


def test_a_grade_cannot_be_changed_or_removed(as_root, bob):
    event = GradeEvent.objects.create(
        user=bob, kind="exercise", item="tr_attention", share=0.5
    )
    for action in ("change", "delete"):
        url = reverse(f"admin:courses_gradeevent_{action}", args=[event.pk])
        assert as_root.post(url, {"share": "1", "post": "yes"}).status_code == 403
    assert GradeEvent.objects.get().share == 0.5


def test_a_submission_is_shown(as_root, bob):
    url = reverse(
        "admin:submissions_submission_change", args=[SubmissionFactory(user=bob).pk]
    )
    assert as_root.get(url).status_code == 200


def test_a_tokens_hash_is_not_shown(as_root, bob):
    token, _key = issue_token(user=bob, name="т", scopes=["read"], days=1)
    url = reverse("admin:api_apitoken_change", args=[token.pk])
    assert token.token_hash not in as_root.get(url).text


def test_a_course_is_edited_with_its_people(as_root, course):
    url = reverse("admin:courses_course_change", args=[course.pk])
    assert course.join_code in as_root.get(url).text


def test_instructors_have_no_way_in(as_alice, course):
    url = reverse("admin:courses_course_changelist")
    assert as_alice.get(url).status_code == 302
