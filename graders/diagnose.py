"""Which known mistake a failing submission makes, if it makes one.

A mistake explains a failing check when, case by case, it passes where the submission
passes and fails in the same way where the submission fails: equal outputs, equal
broken properties, or the same exception. The mistake that explains most failing
checks is named; if two explain the same, the checks that pass decide; if even those
do not, none is named, for a wrong hint is worse than none.

Cases whose time is bounded are left out: a pace has too many causes, and a mistake that
is slow would hold the grader up for seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exercises.spec import Mistake
from graders.cases import Prepared
from graders.compare import same_answer
from graders.judge import Finding, judge_reaction
from graders.memory import answer_of
from graders.reference import Reaction, Trusted
from graders.report import RecognisedMistake
from graders.sandbox.session import Failure, Outcome

TELLING = ("RecursionError",)  # exceptions with one cause


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case, what the runner made of it, and what is wrong with that."""

    prepared: Prepared
    outcome: Outcome
    finding: Finding | None


Runs = Sequence[CaseRun]  # of one check


def diagnose(trusted: Trusted, checks: Sequence[Runs]) -> RecognisedMistake | None:
    """The known mistake that explains the failing checks best."""
    telling = list(filter(None, map(_untimed, checks)))
    wrong = [runs for runs in telling if any(_wrong_answer(run) for run in runs)]
    passing = [runs for runs in telling if not any(run.finding for run in runs)]
    mistakes = _best(trusted, trusted.exercise.mistakes, wrong, least=1)
    if len(mistakes) > 1:
        mistakes = _best(trusted, mistakes, passing, least=0)
    if len(mistakes) != 1:
        return None
    return RecognisedMistake(mistakes[0].id, mistakes[0].hint)


def _untimed(runs: Runs) -> Runs:
    return [run for run in runs if run.prepared.case.times is None]


def _wrong_answer(run: CaseRun) -> bool:
    """An exception alone is no evidence: a RuntimeError has too many causes."""
    told = run.outcome.ok or run.outcome.error_type in TELLING
    return run.finding is not None and told


def _best(
    trusted: Trusted, mistakes: Sequence[Mistake], checks: Sequence[Runs], *, least: int
) -> list[Mistake]:
    """The mistakes that explain the largest number of these checks."""
    explained = {
        mistake: sum(_explains(trusted, mistake, runs) for runs in checks)
        for mistake in mistakes
    }
    most = max([least, *explained.values()])
    return [mistake for mistake, count in explained.items() if count == most]


def _explains(trusted: Trusted, mistake: Mistake, runs: Runs) -> bool:
    return all(_alike(trusted, mistake, run) for run in runs)


def _alike(trusted: Trusted, mistake: Mistake, run: CaseRun) -> bool:
    """Whether the mistake does with this case what the submission did."""
    if run.outcome.failure not in (None, Failure.RAISED):
        return False
    prepared, case = run.prepared, run.prepared.case
    theirs = trusted.mistaken(mistake.id, prepared.inputs, trace=case.is_traced)
    finding = judge_reaction(trusted.exercise, prepared, theirs)
    if run.finding is None or finding is None:
        return run.finding is finding
    ours = Reaction(run.outcome.value, run.outcome.error_type.rpartition(".")[2])
    if ours.raised or theirs.raised:
        return ours.raised == theirs.raised
    if run.finding.symptom or finding.symptom:
        return run.finding.symptom == finding.symptom
    return same_answer(answer_of(ours.value), answer_of(theirs.value), case.tolerance)
