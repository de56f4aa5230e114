"""What awaits a reader: on which terms, for whose course, and what was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizsite.courses.models import Assignment, Course, GradePolicy
from quizsite.courses.rules import assignment_rules
from quizsite.quizzes.draws import draw
from quizsite.quizzes.matrix import Aspect, Phase
from quizsite.quizzes.models import Attempt, QuestionVersion, Quiz
from quizsite.quizzes.reviewing import concealed
from quizsite.quizzes.rules import OWN_BEHAVIOURS, BehaviourName, Pool, Rules
from quizsite.quizzes.services import attempts_left

ABOUT = {
    BehaviourName.PRACTICE: gettext_lazy(
        "Каждый ответ можно проверить сразу и исправить; подсказки бесплатны, а новая "
        "неверная попытка стоит трети балла за вопрос."
    ),
    BehaviourName.TEST: gettext_lazy(
        "Баллы и разбор каждого вопроса — после завершения."
    ),
    BehaviourName.CBM: gettext_lazy(
        "Как тест, но к каждому ответу вы указываете уверенность: она повышает цену и "
        "верного ответа, и ошибки."
    ),
    BehaviourName.EXAM: gettext_lazy(
        "Без подсказок; числа в вопросах одни и те же во всех ваших попытках."
    ),
}


@dataclass(frozen=True)
class Way:
    """A behaviour that a reader may choose for themselves."""

    name: BehaviourName

    @property
    def label(self) -> Any:
        return self.name.label

    @property
    def about(self) -> str:
        return str(ABOUT[self.name])


WAYS = [Way(one) for one in OWN_BEHAVIOURS]


@dataclass(frozen=True)
class Offer:
    """What an assignment offers one student."""

    assignment: Assignment
    rules: Rules
    asked: int  # questions in an attempt
    taken: int
    running: Attempt | None
    now: datetime

    @property
    def course(self) -> Course:
        return self.assignment.course

    @property
    def about(self) -> str:
        return str(ABOUT[self.rules.behaviour])

    @property
    def minutes(self) -> int | None:
        limit = self.rules.time_limit
        return None if limit is None else int(limit.total_seconds() // 60)

    @property
    def left(self) -> int | None:
        return attempts_left(rules=self.rules, taken=self.taken)

    @property
    def is_early(self) -> bool:
        return self.rules.opens_at is not None and self.now < self.rules.opens_at

    @property
    def is_closed(self) -> bool:
        return self.rules.is_closed(self.now)

    @property
    def may_start(self) -> bool:
        return self.rules.is_open(self.now) and self.left != 0

    @property
    def policy(self) -> str:
        return str(GradePolicy(self.assignment.grade_policy).label)

    @property
    def review(self) -> str:
        """When answers are explained, in one sentence."""
        key = {Aspect.KEY, Aspect.EXPLANATION}
        matrix = self.rules.review
        if matrix[Phase.DURING] & key and self.rules.behaviour == "practice":
            return _("Разбор — сразу после проверки ответа.")
        if matrix[Phase.JUST_AFTER] & key or matrix[Phase.LATER] & key:
            return _("Разбор — после завершения.")
        if matrix[Phase.CLOSED] & key and self.rules.review_closes_at:
            return _("Разбор — после закрытия квиза для всех.")
        return _("Разбора не будет.")


@dataclass(frozen=True)
class StartPage:
    """The quiz, how it may be taken, and the visitor's attempts at it."""

    quiz: Quiz
    versions: Sequence[QuestionVersion]
    attempts: Sequence[Attempt]  # the visitor's, newest first
    assignments: Sequence[Assignment]  # of courses where they study
    user_id: int | None

    @property
    def count(self) -> int:
        """Questions in an attempt of one's own."""
        return self._asked(self.quiz.pools)

    @property
    def ways(self) -> Sequence[Way]:
        return WAYS

    @property
    def running(self) -> Attempt | None:
        """The attempt for oneself to go on with."""
        return self._running(None)

    @cached_property
    def finished(self) -> list[Attempt]:
        return concealed(one for one in self.attempts if one.is_finished)

    @cached_property
    def offers(self) -> list[Offer]:
        now = timezone.now()
        return [self._offer(one, now) for one in self.assignments]

    def _offer(self, assignment: Assignment, now: datetime) -> Offer:
        course = assignment.course_id
        rules = assignment_rules(assignment, self.user_id)
        return Offer(
            assignment,
            rules,
            self._asked(self.quiz.pools if rules.pools is None else rules.pools),
            sum(one.course_id == course for one in self.attempts),
            self._running(course),
            now,
        )

    def _running(self, course_id: int | None) -> Attempt | None:
        running = (one for one in self.attempts if not one.is_finished)
        return next((one for one in running if one.course_id == course_id), None)

    def _asked(self, pools: Sequence[Pool]) -> int:
        return len(draw(self.versions, pools=pools, shuffle=False, seed=b""))
