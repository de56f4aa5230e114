"""Grades: the best counts, deadlines are judged by when work came in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from quizsite.courses.models import GradeEvent, ItemKind
from quizsite.courses.progress import Stage, standings
from tests.factories import AssignmentFactory, SubmissionFactory

NOW = timezone.now()


def event(user, share, *, days=0, item="tr_attention", kind=ItemKind.EXERCISE):
    when = NOW + timedelta(days=days)
    return GradeEvent.objects.create(
        user=user, kind=kind, item=item, share=share, handed_in_at=when
    )


@pytest.fixture
def assigned(course):
    return AssignmentFactory(course=course, due_at=NOW, max_points=8)


def cell_of(course, user):
    return standings(course, [user.pk]).of(user.pk).cells[0]


def test_the_best_result_counts(course, assigned, bob):
    for share in (0.25, 0.75, 0.5):
        event(bob, share, days=-1)
    cell = cell_of(course, bob)
    assert (cell.points, cell.grade.tries, cell.stage) == (6, 3, Stage.DONE)


def test_work_after_the_deadline_counts_and_is_marked_late(course, assigned, bob):
    event(bob, 1.0, days=1)
    cell = cell_of(course, bob)
    assert (cell.points, cell.stage) == (8, Stage.LATE)


def test_an_improvement_after_the_deadline_is_late(course, assigned, bob):
    event(bob, 0.5, days=-1)
    event(bob, 1.0, days=1)
    assert cell_of(course, bob).stage == Stage.LATE


def test_a_worse_result_after_the_deadline_makes_nobody_late(course, assigned, bob):
    event(bob, 1.0, days=-1)
    event(bob, 0.5, days=1)
    assert cell_of(course, bob).stage == Stage.DONE


def test_without_a_deadline_nothing_is_late(course, bob):
    AssignmentFactory(course=course, due_at=None)
    event(bob, 1.0, days=1000)
    assert cell_of(course, bob).stage == Stage.DONE


def test_a_zero_is_a_result(course, assigned, bob):
    event(bob, 0.0, days=-1)
    cell = cell_of(course, bob)
    assert (cell.stage, cell.points, cell.shade) == (Stage.DONE, 0, 0)


def test_code_without_a_grade_is_begun(course, assigned, bob):
    SubmissionFactory(user=bob)
    assert cell_of(course, bob).stage == Stage.BEGUN


def test_nothing_done_is_untouched(course, assigned, bob):
    assert cell_of(course, bob).stage == Stage.UNTOUCHED


def test_one_persons_grade_is_not_anothers(course, assigned, bob, charlie):
    event(charlie, 1.0)
    SubmissionFactory(user=charlie)
    assert cell_of(course, bob).stage == Stage.UNTOUCHED


def test_an_exercise_and_a_quiz_of_the_same_name_do_not_mix(course, assigned, bob):
    event(bob, 1.0, kind=ItemKind.QUIZ)
    assert cell_of(course, bob).grade is None


def test_a_course_without_assignments_adds_up_to_nothing(course, bob):
    progress = standings(course, [bob.pk]).of(bob.pk)
    assert (progress.points, progress.max_points, progress.share) == (0, 0, 0)


def test_any_number_of_people_takes_as_many_queries(
    course, assigned, alice, bob, django_assert_num_queries
):
    AssignmentFactory(course=course, kind=ItemKind.QUIZ, item="transformer")
    with django_assert_num_queries(5):
        standings(course, [alice.pk, bob.pk])
