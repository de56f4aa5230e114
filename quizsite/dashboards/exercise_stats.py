"""What became of a class's submissions for one exercise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from exercises.spec import UnknownExercise, load_exercise
from graders.verdicts import Verdict
from quizsite.dashboards.charts import Bar, Chart
from quizsite.submissions.models import State, Submission
from quizsite.submissions.verdicts import WORDINGS, Wording


@dataclass(frozen=True, slots=True)
class VerdictCount:
    verdict: Verdict
    submissions: int
    students: int

    @property
    def wording(self) -> Wording:
        return WORDINGS[self.verdict]


@dataclass(frozen=True, slots=True)
class MistakeCount:
    id: str
    hint: str  # what its author tells whoever makes it
    submissions: int
    students: int


@dataclass(frozen=True, slots=True)
class ExerciseStats:
    verdicts: list[VerdictCount]
    mistakes: list[MistakeCount]
    tried: int  # students with at least one submission
    solved: int  # students with an accepted one
    waiting: int  # submissions without a report yet

    @property
    def graded(self) -> int:
        return sum(row.submissions for row in self.verdicts)


def exercise_stats(submissions: QuerySet[Submission], slug: str) -> ExerciseStats:
    """Counts over the submissions given, all of one exercise; four queries."""
    mine = submissions.filter(exercise=slug).exclude(state=State.REPLACED).order_by()
    done = mine.filter(state=State.DONE).exclude(verdict="")
    verdicts = _verdicts(done)
    solved = [row.students for row in verdicts if row.verdict == Verdict.ACCEPTED]
    totals = mine.aggregate(
        tried=Count("user", distinct=True), all=Count("pk", distinct=True)
    )
    return ExerciseStats(
        verdicts=verdicts,
        mistakes=_mistakes(done, hints(slug)),
        tried=totals["tried"],
        solved=solved[0] if solved else 0,
        waiting=totals["all"] - sum(row.submissions for row in verdicts),
    )


def _verdicts(done: QuerySet[Submission]) -> list[VerdictCount]:
    rows = done.values_list("verdict").annotate(
        n=Count("pk"), people=Count("user", distinct=True)
    )
    counts = [VerdictCount(Verdict(name), n, people) for name, n, people in rows]
    order = list(Verdict)
    return sorted(counts, key=lambda row: order.index(row.verdict))


def _mistakes(
    done: QuerySet[Submission], known: Mapping[str, str]
) -> list[MistakeCount]:
    rows = (
        done.exclude(mistake="")
        .values_list("mistake")
        .annotate(n=Count("pk"), people=Count("user", distinct=True))
        .order_by("-people", "-n", "mistake")
    )
    return [MistakeCount(name, known.get(name, ""), *counts) for name, *counts in rows]


def hints(slug: str) -> dict[str, str]:
    """The hints of an exercise's known mistakes, by the mistakes' names."""
    try:
        return {mistake.id: mistake.hint for mistake in load_exercise(slug).mistakes}
    except UnknownExercise:  # its folder is gone, its submissions are not
        return {}


def verdict_chart(stats: ExerciseStats) -> Chart:
    most = max((row.submissions for row in stats.verdicts), default=1)
    bars = [
        Bar(
            label=str(row.wording.title),
            share=row.submissions / most,
            text=str(row.submissions),
            tone=row.wording.look,
        )
        for row in stats.verdicts
    ]
    return Chart(_("Посылки по вердиктам"), bars)
