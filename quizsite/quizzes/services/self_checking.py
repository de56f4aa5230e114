"""A reader compares their own open answer with the facts, or with the rubric.

It is no mark and changes no score. Once an instructor has marked the answer it stays
as it is, or their agreement would say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Levels, fits


class NotSelfCheckable(Exception):
    """It is no open answer of a finished attempt, or an instructor has marked it."""


@transaction.atomic
def self_check(*, response: Response, levels: Sequence[int]) -> None:
    """Keep which level of each criterion readers see in their own answer.

    Raises:
        NotSelfCheckable: nothing was changed.
        ValueError: these are no levels of the question's criteria.
    """
    attempt = Attempt.objects.select_for_update().get(pk=response.attempt_id)
    drawn = response.variant.drawn
    if not isinstance(drawn, Open) or not attempt.is_finished:
        raise NotSelfCheckable
    if response.open_marks.exists():
        raise NotSelfCheckable
    if not fits(levels, drawn.criteria):
        raise ValueError(levels)
    kept = {"self_levels": list(levels)}
    if not drawn.has_rubric:
        kept = {"self_check": [n for n, level in enumerate(levels, 1) if level]}
    response.refresh_from_db(fields=["feedback"])
    response.feedback = {**response.feedback, **kept}
    response.save(update_fields=["feedback"])


def self_levels(response: Response) -> Levels | None:
    """What readers said of their own answer; None: nothing yet.

    Read from the question's file, not from its variant: a queue asks it of hundreds.
    """
    feedback, spec = response.feedback, response.version.spec
    if "rubric" in spec:
        levels: list[int] | None = feedback.get("self_levels")
        return levels
    if "self_check" not in feedback:
        return None
    found = feedback["self_check"]
    return [int(n in found) for n, _ in enumerate(spec["reference_points"], start=1)]
