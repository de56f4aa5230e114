"""Students × items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment
from quizsite.courses.progress import Progress, Standings
from quizsite.dashboards.charts import Bar, Chart, mean_bar


@dataclass(frozen=True, slots=True)
class Row:
    user: User
    progress: Progress


def matrix(people: Sequence[User], standing: Standings) -> list[Row]:
    return [Row(user, standing.of(user.pk)) for user in people]


def item_chart(assignments: Sequence[Assignment], rows: Sequence[Row]) -> Chart:
    """Per assignment the mean of the best results of those who have any."""
    bars = [_bar(one.title, index, rows) for index, one in enumerate(assignments)]
    return Chart(_("Средний лучший результат"), bars)


def _bar(title: str, index: int, rows: Sequence[Row]) -> Bar:
    shares = [row.progress.cells[index].share for row in rows]
    return mean_bar(title, [share for share in shares if share is not None])
