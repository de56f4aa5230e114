"""Asks a submission every case of every check, and works while it computes.

Theory of operation
-------------------
The runner holds one case's inputs at a time. While it works on them, the grader judges
the answer before and makes the inputs and the expected answer of the next case, so
that on two cores an answer is waited for, not added up. Nothing of that is where the
runner could see it, and the next inputs leave only when the answer is in.

A case whose time is bounded is an exception: while the reference is measured no runner
lives, and while the submission is, the grader waits.

A check that needs a GPU is put to a runner that has one, all others to one that has
none, whoever grades: so what they come to does not depend on the worker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Self

from exercises.spec import Check
from graders.attendant import Attendant
from graders.cases import Prepared, paced, prepare
from graders.diagnose import CaseRun
from graders.judge import PACE_RETRIES, SLOW, judge
from graders.pacing import measure
from graders.reference import Trusted
from graders.sandbox.session import Failure, Outcome
from graders.trees import weight

MUCH_LARGER, SMALL = 4, 1 << 18  # times; bytes that need not be looked at


class Examination:
    """The cases of one seed, put to one submission."""

    def __init__(
        self, code: Trusted, seed: str, attendants: Mapping[str, Attendant]
    ) -> None:
        self._code, self._seed, self._attendants = code, seed, attendants
        self._chores: deque[Callable[[], None]] = deque()  # for the next wait

    def run(self) -> list[list[CaseRun] | None]:
        """What came of each check's cases, until one killed the runner.

        None of a check for whose device there is no attendant.

        Raises:
            ExerciseBroken: a check or the reference fails.
        """
        checks = [self._run_check(check) for check in self._code.exercise.checks]
        self._do_chores()
        return checks

    def _run_check(self, check: Check) -> list[CaseRun] | None:
        """Its cases; the last one may be judged only later."""
        runs: list[CaseRun] = []
        attendant = self._attendants.get(check.device)
        if attendant is None:
            return None
        if attendant.gave_up:
            return runs
        cases = Ahead(prepare(self._code, check, self._seed))
        for prepared in cases:
            if prepared.case.times and check.device == "gpu":
                outcome = self._run_timed_on_gpu(prepared, runs)
            elif prepared.case.times:
                outcome = self._run_timed(prepared, runs)
            else:
                self._chores.append(cases.fetch)
                outcome = self._ask(prepared)
                self._chores.append(partial(self._judge, prepared, outcome, runs))
            if outcome.failure not in (None, Failure.RAISED):
                break
        return runs

    def _ask(self, prepared: Prepared) -> Outcome:
        exercise, case = self._code.exercise, prepared.case
        trace = bool(exercise.forbidden_operators) or case.is_traced
        attendant = self._attendants[prepared.check.device]
        return attendant.ask(prepared.inputs, trace=trace, meanwhile=self._do_chores)

    def _run_timed(self, prepared: Prepared, runs: list[CaseRun]) -> Outcome:
        """Measure the reference and the submission one after the other, a few times.

        While the reference is measured no runner lives, for its threads would slow the
        reference down and so buy the submission time; nor may it keep earlier answers.
        """
        self._do_chores()
        attendant = self._attendants[prepared.check.device]
        for _ in range(1 + PACE_RETRIES):
            attendant.rest()
            prepared = paced(self._code, prepared)
            outcome = attendant.ask_afresh(prepared.inputs)
            finding = judge(self._code.exercise, prepared, outcome)
            if finding is None or finding.symptom != SLOW:
                break  # else the machine may have been busy: measure both anew
        runs.append(CaseRun(prepared, kept(prepared, outcome), finding))
        return outcome

    def _run_timed_on_gpu(self, prepared: Prepared, runs: list[CaseRun]) -> Outcome:
        """The same on a device, where much else must be seen to; see pacing."""
        self._do_chores()
        attendant = self._attendants[prepared.check.device]
        for attempt in range(1 + PACE_RETRIES):
            seed = f"{self._seed}/{attempt}"
            measured = measure(self._code, prepared, seed, attendant)
            if measured.finding is None or measured.finding.symptom != SLOW:
                break
        outcome = kept(measured.prepared, measured.outcome)
        runs.append(CaseRun(measured.prepared, outcome, measured.finding))
        return measured.outcome

    def _judge(self, prepared: Prepared, outcome: Outcome, runs: list[CaseRun]) -> None:
        finding = judge(self._code.exercise, prepared, outcome)
        runs.append(CaseRun(prepared, kept(prepared, outcome), finding))

    def _do_chores(self) -> None:
        while self._chores:
            self._chores.popleft()()


def kept(prepared: Prepared, outcome: Outcome) -> Outcome:
    """The outcome, without an answer far larger than the expected one.

    Answers stay until all cases are judged, for the diagnosis; dozens of the largest
    that are let through would fill the worker's memory.
    """
    expected = weight(prepared.expected.value)
    if weight(outcome.value) <= MUCH_LARGER * expected + SMALL:
        return outcome
    return replace(outcome, value=None)


class Ahead:
    """An iterator whose next item can be made before it is asked for."""

    def __init__(self, items: Iterator[Prepared]) -> None:
        self._items = items
        self._made: deque[Prepared] = deque()

    def fetch(self) -> None:
        """Make the next item, if there is one and it is not there yet."""
        if not self._made:
            self._made.extend(item for item in [next(self._items, None)] if item)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Prepared:
        self.fetch()
        if not self._made:
            raise StopIteration
        return self._made.popleft()
