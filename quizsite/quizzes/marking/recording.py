"""An instructor's mark, written down beside those before it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.accounts.notices import notify
from quizsite.courses.services import record_attempt_regrade
from quizsite.quizzes.marking.leases import release
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, OpenMark, Response
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services import self_levels
from quizsite.quizzes.services.finishing import scored
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Levels, fits, share_of


class AlreadyMarked(Exception):
    """Somebody has marked it since the page was made; ``latest`` is what they said."""

    def __init__(self, latest: OpenMark | None) -> None:
        super().__init__()
        self.latest = latest


class NotMarkable(Exception):
    """It is no open answer of a finished attempt, or the levels are not its levels."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a marker says: a level of each criterion, and words."""

    levels: Levels
    comment: str = ""

    def is_said_by(self, mark: OpenMark) -> bool:
        return (list(self.levels), self.comment) == (mark.levels, mark.comment)


@transaction.atomic
def record_mark(
    *, response: Response, marker: User, judgement: Judgement, based_on: int
) -> OpenMark:
    """Make it the answer's mark; ``based_on`` is the number of the last one seen, or 0.

    The same again changes nothing: a retry whose reply was lost is no conflict.

    Raises:
        AlreadyMarked: nothing was changed.
        NotMarkable: nothing was changed.
    """
    attempt = Attempt.objects.select_for_update().get(pk=response.attempt_id)
    latest = response.open_marks.last()
    if latest is not None and _is_retry(latest, marker, judgement, based_on):
        return latest
    if based_on != (latest.number if latest else 0):
        raise AlreadyMarked(latest)
    mark = _append(response, attempt, marker, judgement, based_on + 1)
    release(response=response, marker=marker)
    if latest is None or not judgement.is_said_by(latest):
        _tell(attempt, response, mark)
    return mark


def _is_retry(
    latest: OpenMark, marker: User, judgement: Judgement, based_on: int
) -> bool:
    same = latest.marker_id == marker.pk and judgement.is_said_by(latest)
    return same and latest.number == based_on + 1


def _append(
    response: Response,
    attempt: Attempt,
    marker: User,
    judgement: Judgement,
    number: int,
) -> OpenMark:
    drawn = response.variant.drawn
    if not isinstance(drawn, Open) or not attempt.is_finished:
        raise NotMarkable
    if not fits(judgement.levels, drawn.criteria):
        raise NotMarkable
    share = share_of(judgement.levels, drawn.criteria)
    mark = OpenMark.objects.create(
        response=response,
        number=number,
        marker=marker,
        levels=list(judgement.levels),
        share=share,
        comment=judgement.comment,
    )
    # Whatever the behaviour: certainty weighs nothing here, and no try was charged for.
    Response.objects.filter(pk=response.pk).update(mark=share, credit=share)
    scored(attempt=attempt)
    record_attempt_regrade(attempt=attempt)
    return mark


def _tell(attempt: Attempt, response: Response, mark: OpenMark) -> None:
    if attempt.user_id is None:
        return
    values = {"number": response.position, "quiz": attempt.quiz.title}
    address = f"{attempt.get_absolute_url()}#q{response.position}"
    text = _news(attempt, response, mark) % values
    notify(user_id=attempt.user_id, text=text, address=address)


def _news(attempt: Attempt, response: Response, mark: OpenMark) -> str:
    """What the reader is told, and nothing that they may not see yet."""
    if mark.number > 1:
        return _("Вопрос %(number)d квиза «%(quiz)s»: преподаватель исправил отметку.")
    own = self_levels(response)
    differs = own is not None and list(own) != mark.levels
    if differs and Aspect.MARK in shown_aspects(attempt):
        return _(
            "Вопрос %(number)d квиза «%(quiz)s» проверил преподаватель: не всё совпало "
            "с вашей самопроверкой."
        )
    return _("Вопрос %(number)d квиза «%(quiz)s» проверил преподаватель.")
