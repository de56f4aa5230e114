"""The caller's own grades."""

from __future__ import annotations

from quizsite.courses.models import GradeEvent
from tests.api.conftest import Api
from tests.factories import AssignmentFactory


def test_grades_come_by_course_and_item(course, bob, bobs):
    AssignmentFactory(course=course, max_points=8)
    GradeEvent.objects.create(
        user=bob, kind="exercise", item="tr_attention", share=0.75
    )
    (only,) = bobs.get("grades/").json
    assert (only["course"], only["points"], only["max_points"]) == ("alices", 6, 8)
    (grade,) = only["grades"]
    assert (grade["item"], grade["share"], grade["stage"]) == (
        "tr_attention",
        0.75,
        "done",
    )


def test_an_item_without_work_has_no_grade(course, bobs):
    AssignmentFactory(course=course)
    grade = bobs.get("grades/").json[0]["grades"][0]
    assert (grade["share"], grade["points"], grade["stage"]) == (
        None,
        None,
        "untouched",
    )


def test_a_stranger_has_none(course, charlies):
    assert charlies.get("grades/").json == []


def test_an_instructor_is_not_graded(course, alice):
    assert Api(alice).get("grades/").json == []
