"""Rows of the files that instructors download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.courses.models import Course
from quizsite.courses.progress import Progress, Stage, Standings, standings
from quizsite.dashboards.scope import students
from quizsite.dashboards.spreadsheet import Cell
from quizsite.submissions.models import Submission
from quizsite.submissions.verdicts import WORDINGS

Row = list[Cell]


def gradebook(course: Course) -> Iterator[Row]:
    """A line per student: points for every item, their sum, what came late."""
    people = students(course)
    standing = standings(course, course.student_ids)
    yield _gradebook_head(standing)
    for user in people:
        yield _gradebook_row(user, standing.of(user.pk))


def _gradebook_head(standing: Standings) -> Row:
    items = [
        _("%(title)s (из %(points)g)") % {"title": one.title, "points": one.max_points}
        for one in standing.assignments
    ]
    after = [_("Итого"), _("Из"), _("Доля, %"), _("Позже срока")]
    return [_("Логин"), _("Имя"), _("Почта"), *items, *after]


def _gradebook_row(user: User, progress: Progress) -> Row:
    late = [c.assignment.title for c in progress.cells if c.stage == Stage.LATE]
    points: list[Cell] = [cell.points for cell in progress.cells]
    total: list[Cell] = [
        float(progress.points),
        float(progress.max_points),
        round(100 * progress.share, 1),
    ]
    return [
        user.username,
        user.shown_name,
        user.email,
        *points,
        *total,
        ", ".join(late),
    ]


def submission_rows(submissions: QuerySet[Submission]) -> Iterator[Row]:
    """A line per submission; read from the database as they are sent."""
    yield [
        *(_("Посылка"), _("Логин"), _("Имя"), _("Задание"), _("Отправлена")),
        *(_("Вердикт"), _("Код вердикта"), _("Доля, %"), _("Узнанная ошибка")),
    ]
    yield from map(_submission_row, _streamed(submissions))


def _streamed(submissions: QuerySet[Submission]) -> Iterable[Submission]:
    return submissions.iterator(chunk_size=500)


def _submission_row(one: Submission) -> Row:
    return [
        str(one.pk),
        one.user.username,
        one.user.shown_name,
        one.exercise,
        one.created_at,
        _outcome(one),
        one.verdict,
        None if one.score is None else round(100 * one.score, 1),
        one.mistake,
    ]


def _outcome(one: Submission) -> str:
    if not one.verdict:
        return one.get_state_display()
    return str(WORDINGS[Verdict(one.verdict)].title)
