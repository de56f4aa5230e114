"""Starting an attempt: who may, when, how often, and with which questions."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Course
from quizsite.courses.rules import assignment_rules
from quizsite.quizzes.behaviours import BEHAVIOURS
from quizsite.quizzes.draws import draw
from quizsite.quizzes.models import Attempt, QuestionVersion, Quiz, Response
from quizsite.quizzes.rules import BehaviourName, Rules, own_rules
from quizsite.quizzes.services.finishing import finish_if_over


class MayNotStart(Exception):
    """The rules let no attempt be started now; says why, in the reader's language."""


def running_attempt(
    *, quiz: Quiz, user: User | None, guest_key: str, course: Course | None = None
) -> Attempt | None:
    """The attempt to go on with, if there is one; one whose time is over is ended."""
    running = _attempts(quiz, user, guest_key, course).filter(finished_at=None)
    attempt = running.select_related("quiz__chapter").first()
    if attempt is None or finish_if_over(attempt=attempt):
        return None
    return attempt


def _attempts(
    quiz: Quiz, user: User | None, guest_key: str, course: Course | None
) -> QuerySet[Attempt]:
    attempts = quiz.attempts.filter(course=course, is_review=False)
    if user is not None:
        return attempts.filter(user=user)
    if not guest_key:
        return attempts.none()
    return attempts.filter(user=None, guest_key=guest_key)


@transaction.atomic
def start_attempt(
    *,
    quiz: Quiz,
    user: User | None,
    guest_key: str,
    assignment: Assignment | None = None,
    behaviour: str = BehaviourName.TEST,
    asks_certainty: bool = False,
) -> Attempt:
    """A new attempt with its own seed, or the one that is running already.

    For a course its assignment decides how; alone one chooses the behaviour.

    Raises:
        MayNotStart: it is too early or too late, or no attempts are left.
    """
    # One at a time for each quiz: a double click must not start two.
    Quiz.objects.select_for_update().get(pk=quiz.pk)
    course = assignment.course if assignment else None
    running = running_attempt(quiz=quiz, user=user, guest_key=guest_key, course=course)
    if running is not None:
        return running
    rules = own_rules(behaviour, asks_certainty=asks_certainty)
    if assignment is not None:
        rules = assignment_rules(assignment, user.pk if user else None)
    earlier = _attempts(quiz, user, guest_key, course)
    now = timezone.now()
    _refuse(rules, earlier, now)
    attempt = Attempt.objects.create(
        quiz=quiz,
        user=user,
        guest_key="" if user else guest_key,
        course=course,
        behaviour=rules.behaviour,
        asks_certainty=rules.asks_certainty,
        deadline=rules.deadline(now),
        seed=_seed(rules, earlier),
    )
    _ask(attempt, rules)
    return attempt


def attempts_left(*, rules: Rules, taken: int) -> int | None:
    """How many more attempts may be started; None: as many as one likes."""
    return None if rules.max_attempts is None else max(0, rules.max_attempts - taken)


def _refuse(rules: Rules, earlier: QuerySet[Attempt], now: datetime) -> None:
    if rules.opens_at is not None and now < rules.opens_at:
        when = date_format(timezone.localtime(rules.opens_at), "j E Y, H:i")
        raise MayNotStart(_("Квиз откроется %s.") % when)
    if rules.is_closed(now):
        raise MayNotStart(_("Квиз закрыт: новых попыток начать нельзя."))
    if attempts_left(rules=rules, taken=earlier.count()) == 0:
        raise MayNotStart(_("Все попытки использованы."))


def _seed(rules: Rules, earlier: QuerySet[Attempt]) -> bytes:
    if BEHAVIOURS[rules.behaviour].one_variant:
        first = earlier.filter(behaviour=rules.behaviour).order_by("started_at").first()
        if first is not None:
            return bytes(first.seed)
    return secrets.token_bytes(16)


def _ask(attempt: Attempt, rules: Rules) -> None:
    pools = attempt.quiz.pools if rules.pools is None else rules.pools
    versions = draw(
        list(current_versions(attempt.quiz)),
        pools=pools,
        shuffle=rules.shuffle,
        seed=bytes(attempt.seed),
    )
    Response.objects.bulk_create(
        Response(attempt=attempt, version=version, position=position)
        for position, version in enumerate(versions, start=1)
    )


def current_versions(quiz: Quiz) -> QuerySet[QuestionVersion]:
    """The newest version of every question in the quiz, in its order."""
    newest = QuestionVersion.objects.filter(question=OuterRef("question"))
    return QuestionVersion.objects.filter(
        question__quiz=quiz,
        question__retired=False,
        number=Subquery(newest.order_by("-number").values("number")[:1]),
    ).order_by("question__position")
