"""Which questions of a quiz a class trips over, and on what.

Of every student only the first finished attempt counts: later ones have seen the
answers. A question's facility is the mean of its marks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quizsite.dashboards.charts import Bar, Chart, mean_bar
from quizsite.dashboards.slips import Slip, describe, without_numbers
from quizsite.quizzes.models import Attempt, Question, Response

MOST_SHOWN = 3  # slips per question


@dataclass(frozen=True, slots=True)
class SlipCount:
    slip: Slip
    people: int


@dataclass(frozen=True, slots=True)
class QuestionStats:
    question: Question
    number: int
    text: str  # Markdown; what differs between variants is left out
    marks: Sequence[float]
    unmarked: int  # answers that nobody marks automatically
    slips: Sequence[SlipCount]  # wrong options and near misses, most frequent first

    @property
    def bar(self) -> Bar:
        label = _("Вопрос %(number)d") % {"number": self.number}
        return mean_bar(label, self.marks)


@dataclass(frozen=True, slots=True)
class QuizStats:
    questions: Sequence[QuestionStats]
    takers: int
    shares: Sequence[float]  # of the whole quiz, one per taker

    @property
    def total(self) -> Bar:
        return mean_bar(_("Весь квиз"), self.shares)


def quiz_stats(attempts: QuerySet[Attempt]) -> QuizStats:
    """Two queries, whatever the size of the class."""
    taken = list(attempts)
    responses = (
        Response.objects.filter(attempt__in=attempts.values("pk"))
        .select_related("version__question")
        .order_by("version__question__position")
    )
    by_question: dict[Question, list[Response]] = defaultdict(list)
    for response in responses:
        by_question[response.version.question].append(response)
    return QuizStats(
        questions=[
            _question(number, question, answers)
            for number, (question, answers) in enumerate(by_question.items(), 1)
        ],
        takers=len(taken),
        shares=[one.share for one in taken if one.share is not None],
    )


def _question(
    number: int, question: Question, responses: Sequence[Response]
) -> QuestionStats:
    latest = max(responses, key=lambda response: response.version.number).version
    marks = [one.mark for one in responses if one.mark is not None]
    return QuestionStats(
        question=question,
        number=number,
        text=without_numbers(latest.spec.get("text", "")),
        marks=marks,
        unmarked=len(responses) - len(marks),
        slips=_most_frequent(responses),
    )


def _most_frequent(responses: Iterable[Response]) -> list[SlipCount]:
    counts: Counter[Slip] = Counter()
    for one in responses:
        slips = set(one.feedback.get("slips", []))
        counts.update(describe(one.version.spec, slip) for slip in slips)
    return [SlipCount(slip, n) for slip, n in counts.most_common(MOST_SHOWN)]


def facility_chart(stats: QuizStats) -> Chart:
    bars = [one.bar for one in stats.questions if one.marks]
    return Chart(_("Доля верного по вопросам"), bars)
