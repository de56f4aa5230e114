"""What a course's assignment, and what is granted beyond it, make of a quiz's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from quizsite.courses.models import Assignment, ItemKind, Override
from quizsite.quizzes.matrix import Aspect, Phase, from_json, preset
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.rules import BehaviourName, Rules, own_rules

Overrides = Mapping[int, Sequence[Override]]  # by the assignment's id


def assignment_rules(assignment: Assignment, user_id: int | None) -> Rules:
    """What holds for one student's attempts; one query."""
    return _rules(assignment, user_id, list(assignment.overrides.all()))


def rules_of_assignments(
    assignments: Iterable[Assignment], user_id: int
) -> dict[int, Rules]:
    """What holds for one student, by the assignment's id; one query."""
    listed = list(assignments)
    overrides = _overrides(listed)
    return {one.pk: _rules(one, user_id, overrides[one.pk]) for one in listed}


def shows_grade(rules: Rules, now: datetime) -> bool:
    """Whether a student may see what their finished attempts came to."""
    closing = rules.review_closes_at
    phase = Phase.CLOSED if closing is not None and closing <= now else Phase.LATER
    return Aspect.MARK in rules.review[phase]


def rules_of(attempt: Attempt) -> Rules:
    """What holds for an attempt now; no query where it is for nobody's course."""
    return attempt_rules([attempt])[attempt.pk]


def attempt_rules(attempts: Iterable[Attempt]) -> dict[UUID, Rules]:
    """The same of many attempts, with their quizzes' chapters; two queries at most."""
    listed = list(attempts)
    assignments = _assignments(one for one in listed if one.course_id)
    overrides = _overrides(assignments.values())
    rules = {}
    for one in listed:
        assignment = assignments.get((one.course_id, one.quiz.chapter.slug))
        if assignment is not None:
            granted = overrides[assignment.pk]
            rules[one.pk] = _rules(assignment, one.user_id, granted)
        else:
            rules[one.pk] = _without_assignment(one)
    return rules


def _assignments(
    attempts: Iterable[Attempt],
) -> dict[tuple[int | None, str], Assignment]:
    wanted = {(one.course_id, one.quiz.chapter.slug) for one in attempts}
    if not wanted:
        return {}
    matching = Q()
    for course, item in wanted:
        matching |= Q(course=course, item=item)
    found = Assignment.objects.filter(matching, kind=ItemKind.QUIZ)
    return {(one.course_id, one.item): one for one in found}


def _overrides(assignments: Iterable[Assignment]) -> Overrides:
    by_assignment: dict[int, list[Override]] = defaultdict(list)
    listed = list(assignments)
    if listed:
        for one in Override.objects.filter(assignment__in=listed):
            by_assignment[one.assignment_id].append(one)
    return by_assignment


def _without_assignment(attempt: Attempt) -> Rules:
    """One's own; or the course has dropped the quiz, and stays as strict as it was."""
    return own_rules(attempt.behaviour, asks_certainty=attempt.asks_certainty)


def _rules(
    assignment: Assignment, user_id: int | None, overrides: Sequence[Override]
) -> Rules:
    name = BehaviourName(assignment.behaviour)
    own = next((one for one in overrides if one.user_id == user_id), None)
    most = assignment.max_attempts
    review = assignment.review
    return Rules(
        name,
        preset(name) if review is None else from_json(review),
        asks_certainty=assignment.asks_certainty,
        opens_at=(own and own.opens_at) or assignment.opens_at,
        closes_at=_closes_at(assignment, own),
        review_closes_at=_last_closing(assignment, overrides),
        time_limit=_time_limit(assignment, own),
        max_attempts=most and most + (own.extra_attempts if own else 0),
        pools=assignment.pools,
        shuffle=assignment.shuffle,
    )


def _time_limit(assignment: Assignment, own: Override | None) -> timedelta | None:
    if assignment.time_limit is None:
        return None
    limit = timedelta(minutes=assignment.time_limit)
    if own is None:
        return limit
    return limit * own.time_factor + timedelta(minutes=own.extra_minutes)


def _closes_at(assignment: Assignment, own: Override | None) -> datetime | None:
    """A closing that would eat the extra time up moves with it."""
    if own is not None and own.closes_at is not None:
        return own.closes_at
    if assignment.closes_at is None or own is None:
        return assignment.closes_at
    limit = _time_limit(assignment, own)
    if limit is None or assignment.time_limit is None:
        return assignment.closes_at + timedelta(minutes=own.extra_minutes)
    extra = limit - timedelta(minutes=assignment.time_limit)
    return assignment.closes_at + max(extra, timedelta())


def _last_closing(
    assignment: Assignment, overrides: Sequence[Override]
) -> datetime | None:
    if assignment.closes_at is None:
        return None
    closings = [_closes_at(assignment, one) for one in overrides]
    return max([assignment.closes_at, *(one for one in closings if one)])
