"""Tasks that no student waits for; the other half of the Celery edge.

Loaded by graders.tasks at its end, so that a worker that is told of that module knows
these too.
"""

from __future__ import annotations

import logging

from celery import shared_task

from exercises.spec import load_exercise
from graders import pipeline, tasks
from graders.bundle import make_bundle, public_seed
from graders.errors import ExerciseBroken
from graders.places import from_notes
from graders.reference import trusted
from quizsite.learning import services as learning
from quizsite.quizzes import services as quizzes
from quizsite.submissions import bundles, regrading

logger = logging.getLogger(__name__)


@shared_task(name=regrading.REGRADE_TASK, time_limit=tasks.TIME_LIMIT)
def regrade(item_id: int) -> None:
    """Grade a submission again and lay the report aside."""
    if not tasks.is_fit():
        return
    claim = regrading.claim(item_id=item_id)
    if claim is None:
        return
    try:
        exercise = load_exercise(claim.exercise)
        report = pipeline.grade(
            claim.source,
            exercise,
            *tasks.sandboxes(),
            seed=claim.seed,
            fragments=from_notes(claim.intake_notes),
        ).as_json()
        report["environment"] = dict(tasks.sandbox().facts)
    except Exception as fault:  # whatever it is, it is no student's doing
        logger.exception("regrading %s failed", item_id)
        tasks.note_fault(fault)
        regrading.give_back(claim=claim, reason=repr(fault))
    else:
        regrading.record(claim=claim, report=report, exercise_digest=exercise.digest)


@shared_task(name=bundles.BUNDLE_TASK, time_limit=tasks.TIME_LIMIT)
def bundle(bundle_id: int) -> None:
    """Make the public examples of an exercise, or the replay of a submission."""
    order = bundles.order(bundle_id=bundle_id)
    if order is None:
        return
    exercise = load_exercise(order.exercise)
    if exercise.digest != order.exercise_digest:
        logger.warning("%s is of another version here: restart me", order.exercise)
        return
    seed = order.seed or public_seed(exercise)
    try:
        made = make_bundle(trusted(exercise), seed, with_hidden=order.with_hidden)
    except ExerciseBroken as fault:
        bundles.refuse(bundle_id=bundle_id, reason=str(fault))
    else:
        bundles.deliver(bundle_id=bundle_id, cases=made.cases, tensors=made.tensors)


@shared_task(name="graders.chores.finish_overdue")
def finish_overdue() -> None:
    """End the attempts whose time is up, whether or not anybody looks at them."""
    quizzes.finish_overdue()


@shared_task(name="graders.chores.note_opened")
def note_opened() -> None:
    """Let what was missed in an exam come back once its marks may be seen."""
    learning.note_opened()
