"""Marking answers again after a question's key was mended.

Theory of operation
-------------------
A variant is a function of a version's digest and the attempt's seed, so a mended
version would draw other numbers. For a regrade the new version is therefore drawn with
the *old* digest's dice: the same numbers in the same order, marked by the new key. If
what the reader saw would have been different all the same (an option reworded, a field
more), the answer was to another question and stays as it is, with that reason.

First everything is computed and laid aside, so that somebody can look at who changes
and why; then it is committed, not lowering anybody if so wished. A commit moves the
answer to the new version, so that the review shows the mended key, recomputes the
attempt and supersedes its grade event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.accounts.notices import notify
from quizsite.courses.services import record_attempt_regrade
from quizsite.learning.encounters import note_again
from quizsite.lib.expressions import ExpressionError
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.behaviours.base import Answered
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import (
    Attempt,
    MarkChange,
    Question,
    QuestionRegrade,
    QuestionVersion,
    RegradeStage,
    Response,
)
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services.finishing import scored
from quizsite.quizzes.types.base import BLANK, VariantError
from quizsite.quizzes.types.rubric import Criterion

SAME = 1e-9
BATCH = 500
REWORDED = "изменилось то, что было показано: ответ дан на другой вопрос"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a regrade would do, or did: «34 up, 3 down»."""

    total: int
    up: int
    down: int
    same: int
    untouched: int  # answers to what is another question now


def mended_questions() -> QuerySet[Question]:
    """Those of which there is more than one version, so that something may change."""
    versions = Count("versions")
    found = Question.objects.annotate(count=versions).filter(count__gt=1, retired=False)
    return found.select_related("quiz").order_by("quiz__chapter__order", "position")


def told_changes(regrade: QuestionRegrade) -> QuerySet[MarkChange]:
    """Whose mark changes, and who cannot be marked again; the rest is as it was."""
    found = regrade.changes.filter(~Q(credit=F("old_credit")) | ~Q(problem=""))
    return found.select_related("response__attempt__user").order_by("pk")


def begin(*, question: Question, requested_by: User | None = None) -> QuestionRegrade:
    """Compute every change and lay it aside; the open job, if there is one already.

    To compare formulas may take seconds, so nothing is locked before all is computed.
    """
    version = question.current
    if waiting := _waiting(question, version):
        return waiting
    answered = _answers(question).iterator(chunk_size=BATCH)
    changes = [_change(version, response) for response in answered]
    return _lay_aside(question, version, changes, requested_by)


def _waiting(question: Question, version: QuestionVersion) -> QuestionRegrade | None:
    """The open job, if it is of this version."""
    return question.regrades.filter(stage=RegradeStage.READY, version=version).first()


@transaction.atomic
def _lay_aside(
    question: Question,
    version: QuestionVersion,
    changes: Sequence[MarkChange],
    requested_by: User | None,
) -> QuestionRegrade:
    Question.objects.select_for_update().get(pk=question.pk)
    if waiting := _waiting(question, version):
        return waiting  # of whoever was quicker
    question.regrades.filter(stage=RegradeStage.READY).update(
        stage=RegradeStage.CANCELLED
    )
    regrade = QuestionRegrade.objects.create(
        question=question, version=version, requested_by=requested_by
    )
    for change in changes:
        change.regrade = regrade
    MarkChange.objects.bulk_create(changes, batch_size=BATCH)
    return regrade


def _answers(question: Question) -> QuerySet[Response]:
    """Finished answers that an older version marked."""
    found = Response.objects.filter(
        version__question=question, attempt__finished_at__isnull=False
    )
    older = found.exclude(version=question.current)
    return older.select_related("version", "attempt").order_by("pk")


def _change(version: QuestionVersion, response: Response) -> MarkChange:
    change = MarkChange(
        response=response,
        old_credit=response.credit,
        mark=response.mark,
        credit=response.credit,
    )
    try:
        mended = response.variant_of(version)
        if shown_of(mended) != shown_of(response.variant):
            change.problem = REWORDED
            return change
    except (VariantError, ExpressionError) as error:
        change.problem = f"новая версия не годится для этих чисел: {error}"[:200]
        return change
    if not mended.question.automatic:
        return change  # what an instructor has said stays
    marked = mended.mark(mended.parse(response.answer))
    change.mark, change.feedback = marked.mark, marked.as_json()
    change.credit = _credit(response, mended)
    return change


def shown_of(variant: Variant) -> Any:
    """What a reader answers to: the wording of the text aside, it must be the same."""
    drawn = variant.drawn
    controls = [getattr(drawn, name, None) for name in _SHOWN]
    return dict(variant.values), tuple(drawn.field_ids), controls, _labels(variant)


# What the types call their options, rows and listings.
_SHOWN = ("rights", "code")


def _labels(variant: Variant) -> list[str]:
    drawn = variant.drawn
    parts = [
        *getattr(drawn, "choices", ()),
        *getattr(drawn, "rows", ()),
        *getattr(drawn, "items", ()),
    ]
    labels = [str(part.html) for part in parts]
    return [*labels, *_levels(getattr(drawn, "criteria", ()))]


def _levels(criteria: Iterable[Criterion]) -> Iterator[str]:
    """Marks of an open answer are levels of its criteria: those must be the same."""
    for criterion in criteria:
        yield str(criterion.html)
        yield from (f"{one.points}: {one.html}" for one in criterion.levels)


def _credit(response: Response, mended: Variant) -> float | None:
    """What the behaviour makes of the new marks.

    In practice every checked try is marked again in its order, so that what was right
    by the mended key is not charged for.
    """
    behaviour = behaviour_of(response.attempt)
    if not behaviour.checks:
        return behaviour.credit(_answered(response, mended, response.answer))
    credit: float | None = None
    wrong = 0
    tries = response.revisions.filter(checked_at__isnull=False).order_by("checked_at")
    for attempt in tries:
        mark = mended.mark(mended.parse(attempt.answer)).mark
        credit = behaviour.credit(Answered(mark, wrong_tries=wrong, credit=credit))
        wrong += bool(attempt.charged and mark is not None and mark < 1)
    last = _answered(response, mended, response.answer)
    if response.revealed_at is not None:  # nothing more, and nothing is not «no mark»
        return credit if last.mark is None else credit or 0.0
    return behaviour.credit(
        Answered(last.mark, last.readable, wrong_tries=wrong, credit=credit)
    )


def _answered(response: Response, mended: Variant, raw: Any) -> Answered:
    parsed = mended.parse(raw)
    return Answered(
        mended.mark(parsed).mark,
        readable=parsed.ok and parsed is not BLANK and not parsed.blank,
        certainty=response.certainty,
    )


def summary(regrade: QuestionRegrade) -> Summary:
    rows = list(regrade.changes.only("old_credit", "credit", "problem"))
    up = sum(not one.problem and one.difference > SAME for one in rows)
    down = sum(not one.problem and one.difference < -SAME for one in rows)
    untouched = sum(bool(one.problem) for one in rows)
    return Summary(len(rows), up, down, len(rows) - up - down - untouched, untouched)


def commit(*, regrade: QuestionRegrade, never_lower: bool = False) -> int:
    """Write it down; how many answers are worth something else now.

    Committing twice changes nothing the second time, and what was marked otherwise
    since is left alone.
    """
    taken = QuestionRegrade.objects.filter(pk=regrade.pk, stage=RegradeStage.READY)
    with transaction.atomic():
        if not taken.update(
            stage=RegradeStage.COMMITTED,
            never_lower=never_lower,
            committed_at=timezone.now(),
        ):
            return 0
        changed = sum(_apply(regrade, one) for one in _accepted(regrade, never_lower))
    note_again(Response.objects.filter(pk__in=_moved(regrade)))
    regrade.refresh_from_db()
    return changed


def _accepted(regrade: QuestionRegrade, never_lower: bool) -> Iterator[MarkChange]:
    changes = regrade.changes.filter(problem="").select_related(
        "response__version", "response__attempt__quiz__chapter"
    )
    for change in changes.iterator(chunk_size=BATCH):
        if not (never_lower and change.difference < -SAME):
            yield change


def _moved(regrade: QuestionRegrade) -> QuerySet[MarkChange, int]:
    return regrade.changes.filter(committed=True).values_list("response", flat=True)


def _apply(regrade: QuestionRegrade, change: MarkChange) -> bool:
    """Whether its attempt is worth something else now."""
    response = change.response
    moved = Response.objects.filter(pk=response.pk, version=response.version).update(
        drawn_by=response.drawn_by or response.version.digest,
        version=regrade.version,
        mark=change.mark,
        credit=change.credit,
        feedback={**response.feedback, **change.feedback},
    )
    MarkChange.objects.filter(pk=change.pk).update(committed=bool(moved))
    if not moved or abs(change.difference) <= SAME:
        return False
    attempt = Attempt.objects.select_for_update().get(pk=response.attempt_id)
    scored(attempt=attempt)
    record_attempt_regrade(attempt=attempt)
    _tell(attempt, response, change)
    return True


def _tell(attempt: Attempt, response: Response, change: MarkChange) -> None:
    """Tell the reader, unless they may know nothing of their marks yet."""
    if attempt.user_id is None or Aspect.MARK not in shown_aspects(attempt):
        return
    said = (
        _("Вопрос %(number)d квиза «%(quiz)s» проверен заново: балл стал выше.")
        if change.difference > 0
        else _("Вопрос %(number)d квиза «%(quiz)s» проверен заново: балл стал ниже.")
    )
    text = said % {"number": response.position, "quiz": attempt.quiz.title}
    address = f"{attempt.get_absolute_url()}#q{response.position}"
    notify(user_id=attempt.user_id, text=text, address=address)


def cancel(*, regrade: QuestionRegrade) -> bool:
    """Forget it; False if it was committed or cancelled already."""
    waiting = QuestionRegrade.objects.filter(pk=regrade.pk, stage=RegradeStage.READY)
    return bool(waiting.update(stage=RegradeStage.CANCELLED))
