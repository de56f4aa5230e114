"""Keeps a live runner for one submission: a new one after a death, a few times.

One endless loop must not hide how the other checks went, and a submission that dies
again and again, or takes nearly the limit for every case, must not hold a worker for
long: loading and all cases share one budget, which is shorter than any worker's lease.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from graders.sandbox.session import Failure, Job, Outcome, Runner, Sandbox, idle

RESTARTS = 2
BUDGET_S = 30.0  # of loading and all cases together, by the grader's clock


@dataclass(slots=True)
class Budget:
    """The time of one submission, wherever it is run."""

    spent_s: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.spent_s > BUDGET_S


class Attendant:
    """Asks the submission one case at a time."""

    def __init__(
        self, sandbox: Sandbox, job: Job, budget: Budget | None = None
    ) -> None:
        self._sandbox, self._job = sandbox, job
        self._stack = ExitStack()
        self._runner: Runner | None = None
        self._restarts = RESTARTS
        self._has_ended = False
        self._budget = budget or Budget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def gave_up(self) -> bool:
        """Whether the last runner died and there will be no other."""
        is_dead = self._runner is not None and not self._runner.alive
        return self._has_ended or (is_dead and not self._restarts)

    def load(self) -> Outcome:
        """Execute the source in a fresh runner."""
        if self._budget.is_over:
            return self._end_for_good()
        self._stack.close()
        runner = self._stack.enter_context(self._sandbox.runner(self._job))
        self._runner = runner
        return self._charged(runner.load())

    def ask(
        self,
        inputs: Mapping[str, Any],
        *,
        trace: bool = False,
        meanwhile: Callable[[], None] = idle,
    ) -> Outcome:
        """What the submission does with one case's inputs; see session.Runner."""
        if self.gave_up:
            return Outcome(failure=Failure.EXITED)
        if self._runner is None or not self._runner.alive:
            self._restarts -= self._runner is not None
            loaded = self.load()
            if not loaded.ok:
                return loaded
        if self._budget.is_over:
            return self._end_for_good()
        assert self._runner
        return self._charged(self._runner.run(inputs, trace=trace, meanwhile=meanwhile))

    def rest(self) -> None:
        """End the runner, so that nothing of the submission runs; it is no death."""
        self._stack.close()
        self._runner = None

    def ask_afresh(self, inputs: Mapping[str, Any]) -> Outcome:
        """The same of a new runner, which cannot have kept an earlier answer."""
        loaded = self.load()
        return self.ask(inputs) if loaded.ok else loaded

    def beside(self, source: str, *, wall_s: float) -> Attendant:
        """Another for trusted code, asked in the same way, at nobody's cost."""
        limits = replace(self._job.limits, wall_s=wall_s)
        return Attendant(
            self._sandbox, replace(self._job, source=source, limits=limits)
        )

    def _charged(self, outcome: Outcome) -> Outcome:
        self._budget.spent_s += outcome.wall_ms / 1000
        return outcome

    def _end_for_good(self) -> Outcome:
        self._has_ended = True
        self._stack.close()
        return Outcome(failure=Failure.BUDGET)
