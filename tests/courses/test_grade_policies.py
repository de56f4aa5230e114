"""Best, last, mean, first; what counts for a course; and one's own deadline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from quizsite.courses.models import GradeEvent, ItemKind, Override
from quizsite.courses.progress import Stage, own_progress, standings
from tests.factories import AssignmentFactory, CourseFactory

NOW = timezone.now()
QUIZ = {"kind": ItemKind.QUIZ, "item": "nets"}


def event(user, share, *, days=-1, course=None):
    when = NOW + timedelta(days=days)
    return GradeEvent.objects.create(
        user=user, share=share, handed_in_at=when, course=course, **QUIZ
    )


def cell_of(course, user):
    return standings(course, [user.pk]).of(user.pk).cells[0]


@pytest.mark.parametrize(
    ("policy", "share"), [("best", 0.9), ("last", 0.3), ("mean", 0.6), ("first", 0.6)]
)
def test_each_policy_makes_its_grade(course, bob, policy, share):
    AssignmentFactory(course=course, grade_policy=policy, **QUIZ)
    for day, earned in enumerate((0.6, 0.9, 0.3)):
        event(bob, earned, days=day, course=course)
    cell = cell_of(course, bob)
    assert cell.grade.share == pytest.approx(share)
    assert cell.grade.tries == 3


@pytest.mark.parametrize(
    ("policy", "stage"),
    [
        ("best", Stage.LATE),
        ("last", Stage.LATE),
        ("mean", Stage.LATE),
        ("first", Stage.DONE),
    ],
)
def test_late_is_what_counts_and_came_late(course, bob, policy, stage):
    AssignmentFactory(course=course, grade_policy=policy, due_at=NOW, **QUIZ)
    event(bob, 0.5, days=-1, course=course)
    event(bob, 0.9, days=1, course=course)
    assert cell_of(course, bob).stage == stage


def test_ones_own_deadline_makes_nobody_late(course, bob):
    assignment = AssignmentFactory(course=course, due_at=NOW, **QUIZ)
    later = NOW + timedelta(days=7)
    Override.objects.create(assignment=assignment, user=bob, due_at=later)
    event(bob, 1.0, days=1, course=course)
    assert cell_of(course, bob).stage == Stage.DONE


def test_anothers_deadline_is_not_ones_own(course, bob, charlie):
    assignment = AssignmentFactory(course=course, due_at=NOW, **QUIZ)
    later = NOW + timedelta(days=7)
    Override.objects.create(assignment=assignment, user=charlie, due_at=later)
    event(bob, 1.0, days=1, course=course)
    assert cell_of(course, bob).stage == Stage.LATE


def test_what_was_done_before_joining_counts_where_nothing_is_asked(course, bob):
    AssignmentFactory(course=course, **QUIZ)
    event(bob, 1.0)
    assert cell_of(course, bob).grade.share == 1


@pytest.mark.parametrize(
    "terms",
    [
        {"behaviour": "exam"},
        {"behaviour": "practice"},
        {"time_limit": 30},
        {"max_attempts": 1},
        {"opens_at": NOW},
        {"closes_at": NOW},
        {"pools": [{"tag": "section-1", "draw": 1}]},
    ],
)
def test_where_more_is_asked_only_the_courses_attempts_count(course, bob, terms):
    AssignmentFactory(course=course, **terms, **QUIZ)
    event(bob, 1.0)
    assert cell_of(course, bob).grade is None
    event(bob, 0.5, course=course)
    assert cell_of(course, bob).grade.share == 0.5


def test_another_courses_attempts_do_not_count_here(course, bob):
    AssignmentFactory(course=course, **QUIZ)
    event(bob, 1.0, course=CourseFactory())
    assert cell_of(course, bob).grade is None


def test_a_hidden_grade_adds_nothing_to_what_the_student_sees(course, bob):
    closes = timezone.now() + timedelta(hours=1)
    AssignmentFactory(course=course, behaviour="exam", closes_at=closes, **QUIZ)
    event(bob, 1.0, course=course)
    (cell,) = own_progress(course, bob).cells
    assert (cell.hidden, cell.points, cell.share) == (True, None, None)
    assert cell_of(course, bob).points == 10  # for the instructor


def test_what_is_not_done_is_not_hidden(course, bob):
    closes = timezone.now() + timedelta(hours=1)
    AssignmentFactory(course=course, behaviour="exam", closes_at=closes, **QUIZ)
    (cell,) = own_progress(course, bob).cells
    assert not cell.hidden
