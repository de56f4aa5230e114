"""Courses, who is in them, what is assigned, and the grades' history."""

from __future__ import annotations

from quizsite.courses.models.assignments import (
    Assignment,
    GradePolicy,
    ItemKind,
    Override,
)
from quizsite.courses.models.courses import Course, Enrolment, Role
from quizsite.courses.models.grades import Grade, Graded, GradeEvent

__all__ = [
    "Assignment",
    "Course",
    "Enrolment",
    "Grade",
    "GradeEvent",
    "GradePolicy",
    "Graded",
    "ItemKind",
    "Override",
    "Role",
]
