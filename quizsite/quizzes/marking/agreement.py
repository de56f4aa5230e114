"""How far readers and instructors agree about the same open answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Any

from django.db.models import QuerySet

from quizsite.quizzes.marking.queue import IS_MARKED, SELF_CHECKED
from quizsite.quizzes.models import Question, QuestionVersion, Response
from quizsite.quizzes.services import self_levels
from quizsite.quizzes.types.rubric import Levels

FEWEST = 10  # doubly marked answers: with fewer a kappa is noise

Pair = tuple[Levels, Levels]  # what the reader said, and the instructor, of one answer


@dataclass(frozen=True, slots=True)
class Agreement:
    """On how many criteria two marks of an answer choose the same level."""

    same: int
    total: int

    @property
    def share(self) -> float:
        return self.same / self.total


def agreement_of(own: Levels, other: Levels) -> Agreement:
    pairs = list(zip(own, other, strict=True))
    return Agreement(sum(a == b for a, b in pairs), len(pairs))


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    question: Question
    pairs: Sequence[Pair]

    @property
    def answers(self) -> int:
        return len(self.pairs)

    @property
    def share(self) -> float:
        return fmean(agreement_of(*pair).share for pair in self.pairs)

    @property
    def kappa(self) -> float | None:
        """None: too few answers, or nothing that chance could explain less well."""
        return pooled_kappa(self.pairs) if self.answers >= FEWEST else None


def pooled_kappa(pairs: Sequence[Pair]) -> float | None:
    """Agreement beyond chance over all criteria of a question, at most 1.

    Cohen's kappa (J. Cohen, A coefficient of agreement for nominal scales, Educational
    and Psychological Measurement 20, 1960, pp. 37-46) of several items is pooled as by
    H. de Vries, M. N. Elliott, D. E. Kanouse and S. S. Teleki (Using pooled kappa to
    summarize interrater agreement across many items, Field Methods 20, 2008, pp.
    272-282): observed and expected agreement are averaged first. Every criterion keeps
    its own chance, so that an easy fact beside a hard one does not pass for agreement.

    None where both always say the same of each criterion: there is nothing to explain.
    """
    criteria = [list(zip(*one, strict=True)) for one in _by_criterion(pairs)]
    observed = fmean(fmean(a == b for a, b in one) for one in criteria)
    expected = fmean(_by_chance(one) for one in criteria)
    return None if expected > 1 - 1e-9 else (observed - expected) / (1 - expected)


def _by_criterion(pairs: Sequence[Pair]) -> Iterable[tuple[Levels, Levels]]:
    """Of each criterion what readers said of all the answers, and what instructors."""
    for number in range(len(pairs[0][0])):
        yield [own[number] for own, _ in pairs], [other[number] for _, other in pairs]


def _by_chance(said: Sequence[tuple[int, int]]) -> float:
    """How often two would agree who choose as often, but without looking."""
    own, other = [a for a, _ in said], [b for _, b in said]
    both = set(own) & set(other)
    return sum(own.count(one) * other.count(one) for one in both) / len(said) ** 2


def agreements(answers: QuerySet[Response]) -> list[QuestionAgreement]:
    """By question, in the order of the book; two queries for any number of answers."""
    found = answers.filter(IS_MARKED, SELF_CHECKED)
    found = found.select_related("version__question__quiz__chapter")
    ordered = found.prefetch_related("open_marks").order_by(
        "version__question__quiz__chapter__order",
        "version__question__position",
        "version__question_id",
        "version__number",
        "pk",
    )
    grouped = groupby(ordered, key=lambda one: one.version.question)
    return [_agreement(question, list(responses)) for question, responses in grouped]


def _agreement(question: Question, responses: list[Response]) -> QuestionAgreement:
    """Of those that were marked by the criteria that the newest of them was."""
    criteria = _criteria(responses[-1].version)
    alike = [one for one in responses if _criteria(one.version) == criteria]
    return QuestionAgreement(question, [_pair(one) for one in alike])


def _criteria(version: QuestionVersion) -> Any:
    return version.spec.get("rubric") or version.spec["reference_points"]


def _pair(response: Response) -> Pair:
    own = self_levels(response)
    assert own is not None  # by the filter
    return own, list(response.open_marks.all())[-1].levels
