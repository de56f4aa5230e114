"""What can be told of a source without running it: is it code, whole, and allowed?

Free of torch: the site asks the same before anything is sent to a grader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exercises.spec import Exercise
from graders.contract import contract_error
from graders.parsing import IntakeError, parsed
from graders.places import Listing
from graders.policy import Violation, violations
from graders.verdicts import Verdict
from graders.words import capitalized, plural

SHOWN = 5  # uses of what is forbidden


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a source would be refused at once; Russian."""

    verdict: Verdict
    message: str
    violations: tuple[Violation, ...] = ()


def objection(listing: Listing, exercise: Exercise) -> Objection | None:
    """Why this would be refused at once; None if it would be run."""
    try:
        tree = parsed(listing.source)
    except IntakeError as error:
        return Objection(Verdict.CONTRACT_ERROR, str(error))
    if problem := contract_error(tree, exercise):
        return Objection(Verdict.CONTRACT_ERROR, problem)
    if found := tuple(violations(tree, exercise.forbidden_api)):
        return Objection(Verdict.FORBIDDEN_API, told(found, listing), found)
    return None


def told(found: Sequence[Violation], listing: Listing) -> str:
    """What is forbidden and used, and in which lines of the student's file."""
    lines = []
    for one in found[:SHOWN]:
        place = listing.place(one.line)
        lines.append(capitalized(f"{place}: {one}" if place else f"{one}"))
    if rest := len(found) - len(lines):
        lines.append(f"И ещё {plural(rest, 'место', 'места', 'мест')}.")
    return "\n".join(lines)
