"""Submissions through Celery: how soon one is graded, how many a second, a flood."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from statistics import median

from django.conf import settings
from django.core.management.base import CommandError

from exercises.spec import ROOT, Exercise, all_exercises
from quizsite.accounts.models import User
from quizsite.bench.rows import Row
from quizsite.bench.workers import until
from quizsite.courses.models import GradeEvent
from quizsite.submissions.models import State, Submission, SubmissionQuerySet
from quizsite.submissions.services import submit

ALLOWED_IDLE_MS = 80.0
WANTED_RATE = 30.0
ALLOWED_DELAY_MS = 1000.0
STUDENTS = 50
SECONDS_EACH = 1.0  # of patience with a flood, for each submission


def idle(user: User, times: int) -> Iterator[Row]:
    """Submit → report, one at a time."""
    medians = []
    for exercise in all_exercises():
        _submit_and_wait(user, exercise)  # the first one warms the grader's caches
        took = [_submit_and_wait(user, exercise) for _ in range(times)]
        medians.append(median(took))
        yield Row(f"submit → report, {exercise.slug}", median(took), "ms")
    yield Row(
        "submit → report, idle, median exercise",
        median(medians),
        "ms",
        at_most=ALLOWED_IDLE_MS,
    )


def sustained(slug: str, count: int, label: str) -> Iterator[Row]:
    """``count`` right solutions of an exercise by many students, all there at once."""
    exercise, students = _exercise(slug), _students("sustained")
    start = time.monotonic()
    submissions = _flood(exercise, students, count)
    _await_all(submissions)
    took = time.monotonic() - start
    _check_all(submissions)
    what = f"sustained, {count} × {slug}, {label}"
    yield Row(what, count / took, "1/s", at_least=WANTED_RATE)


def burst(slug: str, count: int, label: str) -> Iterator[Row]:
    """One student's flood, and what it does to another student's one submission."""
    exercise = _exercise(slug)
    (other,) = _students("other", 1)
    alone = [_submit_and_wait(other, exercise) for _ in range(5)]
    flooder = _students("flooder", 1)
    flood = _flood(exercise, flooder, count)
    start = time.monotonic()
    delayed = [_submit_and_wait(other, exercise) for _ in range(5)]
    _await_all(flood)
    _check_all(flood)
    took = time.monotonic() - start
    _check_order(flooder[0])
    yield Row(f"flood of {count}, nothing lost, {label}", count / took, "1/s")
    delay = median(delayed) - median(alone)
    what = f"another's submission in a flood of {count}, delay, {label}"
    yield Row(what, delay, "ms", at_most=ALLOWED_DELAY_MS, baseline=median(alone))


def _students(prefix: str, count: int = STUDENTS) -> list[User]:
    names = [f"{prefix}-{number}" for number in range(count)]
    return [User.objects.get_or_create(username=name)[0] for name in names]


def _exercise(slug: str) -> Exercise:
    return next(exercise for exercise in all_exercises() if exercise.slug == slug)


def _reference(exercise: Exercise) -> bytes:
    return (ROOT / exercise.slug / "reference.py").read_bytes()


def _submit_and_wait(user: User, exercise: Exercise) -> float:
    start = time.time()
    submission = submit(user=user, exercise=exercise, source=_reference(exercise))
    done = Submission.objects.filter(pk=submission.pk, finished_at__isnull=False)
    until(done.exists, f"no report on {exercise.slug}")
    submission.refresh_from_db()
    if submission.verdict != "accepted" or submission.finished_at is None:
        raise CommandError(f"{exercise.slug}: its reference is {submission.verdict}")
    return (submission.finished_at.timestamp() - start) * 1000


def _flood(
    exercise: Exercise, students: Sequence[User], count: int
) -> Sequence[Submission]:
    source = _reference(exercise)
    return [
        submit(user=user, exercise=exercise, source=source, replaces=False)
        for user in islice(cycle(students), count)
    ]


def _await_all(submissions: Sequence[Submission]) -> None:
    left = _same_students(submissions).exclude(state=State.DONE)
    patience = max(60.0, SECONDS_EACH * len(submissions))
    until(
        lambda: not left.exists(),
        "some were not graded",
        patience_s=patience,
        every_s=0.1,
    )


def _same_students(submissions: Sequence[Submission]) -> SubmissionQuerySet:
    """All of theirs: naming ten thousand by id is more than a query takes."""
    return Submission.objects.filter(user__in={one.user_id for one in submissions})


def _check_all(submissions: Sequence[Submission]) -> None:
    """Each was graded once, rightly, and gave one grade event."""
    graded = _same_students(submissions)
    right = graded.filter(verdict="accepted", tries=1).count()
    events = GradeEvent.objects.filter(submission__in=graded).count()
    if not right == events == len(submissions):
        said = f"{right} accepted at the first try and {events} grade events"
        raise CommandError(f"{said} of {len(submissions)} submissions")


def _check_order(student: User) -> None:
    """They were begun in the order of submission, but for those at work together."""
    made = Submission.objects.filter(user=student)
    begun = list(made.order_by("started_at").values_list("pk", flat=True))
    place = {pk: i for i, pk in enumerate(begun)}
    for i, pk in enumerate(made.order_by("created_at").values_list("pk", flat=True)):
        if abs(place[pk] - i) >= settings.MAX_IN_FLIGHT:
            raise CommandError(f"submission {i} was begun as number {place[pk]}")
