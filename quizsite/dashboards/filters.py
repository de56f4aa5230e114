from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quizsite.courses.models import Course, ItemKind
from quizsite.dashboards.scope import students
from quizsite.quizzes.models import Attempt
from quizsite.submissions.models import State, Submission
from quizsite.submissions.verdicts import WORDINGS

WAITING = "waiting"
VERDICTS = [(v.value, w.title) for v, w in WORDINGS.items()]


class CourseFilter(django_filters.FilterSet):
    """Filters whose choices are the course's own students and items."""

    student = django_filters.ChoiceFilter(
        field_name="user_id", label=_("Студент"), empty_label=_("все")
    )

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(user.pk, user.shown_name) for user in students(course)]
        self.filters["student"].extra["choices"] = people
        for name, kind in (("exercise", ItemKind.EXERCISE), ("quiz", ItemKind.QUIZ)):
            if name in self.filters:
                assigned = course.assignments.filter(kind=kind)
                choices = list(assigned.values_list("item", "title"))
                self.filters[name].extra["choices"] = choices


class SubmissionFilter(CourseFilter):
    exercise = django_filters.ChoiceFilter(label=_("Задание"), empty_label=_("все"))
    verdict = django_filters.ChoiceFilter(
        label=_("Вердикт"),
        empty_label=_("все"),
        choices=[(WAITING, _("ещё проверяется")), *VERDICTS],
        method="filter_verdict",
    )
    mistake = django_filters.CharFilter(label=_("Ошибка"))

    class Meta:
        model = Submission
        fields = ["student", "exercise", "verdict", "mistake"]

    def filter_verdict(
        self, submissions: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        if value == WAITING:
            return submissions.filter(state__in=[State.QUEUED, State.RUNNING])
        return submissions.filter(verdict=value)


class AttemptFilter(CourseFilter):
    quiz = django_filters.ChoiceFilter(
        field_name="quiz__chapter__slug", label=_("Квиз"), empty_label=_("все")
    )

    class Meta:
        model = Attempt
        fields = ["student", "quiz"]
