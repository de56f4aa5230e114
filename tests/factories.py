"""Rows for tests; every factory's object is valid under ``full_clean``."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from quizsite.accounts.models import User
from quizsite.book.models import Chapter, Section
from quizsite.courses.models import Assignment, Course, Enrolment, ItemKind
from quizsite.submissions.models import Submission


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    display_name = factory.Sequence(lambda n: f"Участник {n}")
    password = factory.django.Password("correct horse battery staple")


class ChapterFactory(DjangoModelFactory[Chapter]):
    class Meta:
        model = Chapter

    slug = factory.Sequence(lambda n: f"chapter-{n}")
    order = factory.Sequence(lambda n: n)
    title = factory.Sequence(lambda n: f"Глава {n}")
    url = "https://deepmachinelearning.ru/docs"
    digest = "0" * 64


class SectionFactory(DjangoModelFactory[Section]):
    class Meta:
        model = Section

    chapter = factory.SubFactory(ChapterFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Раздел {n}")


class CourseFactory(DjangoModelFactory[Course]):
    class Meta:
        model = Course

    slug = factory.Sequence(lambda n: f"course-{n}")
    title = factory.Sequence(lambda n: f"Курс {n}")
    join_code = factory.Sequence(lambda n: f"JOIN-{n}")


class EnrolmentFactory(DjangoModelFactory[Enrolment]):
    class Meta:
        model = Enrolment

    course = factory.SubFactory(CourseFactory)
    user = factory.SubFactory(UserFactory)


class AssignmentFactory(DjangoModelFactory[Assignment]):
    class Meta:
        model = Assignment

    course = factory.SubFactory(CourseFactory)
    kind = ItemKind.EXERCISE
    item = "tr_attention"
    title = "Внимание"


class SubmissionFactory(DjangoModelFactory[Submission]):
    class Meta:
        model = Submission

    user = factory.SubFactory(UserFactory)
    exercise = "tr_attention"
    exercise_digest = "0" * 64
    source = "def attention(q, k, v):\n    return v\n"


def enrol(course: Course, user: User, **fields: Any) -> Enrolment:
    return EnrolmentFactory(course=course, user=user, **fields)
