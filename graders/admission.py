"""What can be told of a source without running it: is it code, whole, and allowed?

Free of torch: the site asks the same before anything is sent to a grader.
"""

from __future__ import annotations

from exercises.spec import Exercise
from graders.contract import contract_error
from graders.parsing import IntakeError, parsed
from graders.policy import violations
from graders.verdicts import Verdict

SHOWN = 5  # uses of what is forbidden

Objection = tuple[Verdict, str]  # and why, in Russian


def objection(source: str, exercise: Exercise) -> Objection | None:
    """Why this would be refused at once; None if it would be run."""
    try:
        tree = parsed(source)
    except IntakeError as error:
        return Verdict.CONTRACT_ERROR, str(error)
    if problem := contract_error(tree, exercise):
        return Verdict.CONTRACT_ERROR, problem
    if found := violations(tree, exercise.forbidden_api):
        return Verdict.FORBIDDEN_API, "\n".join(map(str, found[:SHOWN]))
    return None
