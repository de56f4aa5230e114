"""Keeps a live runner for one submission: a new one after a death, a few times.

One endless loop must not hide how the other checks went, and a submission that dies
again and again, or takes nearly the limit for every case, must not hold a worker for
long: loading and all cases share one budget, which is shorter than any worker's lease.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from graders.sandbox.session import Failure, Job, Outcome, Runner, Sandbox, idle

RESTARTS = 2
BUDGET_S = 30.0  # of loading and all cases together, by the grader's clock


class Attendant:
    """Asks the submission one case at a time."""

    def __init__(self, sandbox: Sandbox, job: Job) -> None:
        self._sandbox, self._job = sandbox, job
        self._stack = ExitStack()
        self._runner: Runner | None = None
        self._restarts = RESTARTS
        self._spent_s = 0.0

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
        return (
            self._runner is not None and not self._runner.alive and not self._restarts
        )

    def load(self) -> Outcome:
        """Execute the source in a fresh runner."""
        if self._spent_s > BUDGET_S:
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
        assert self._runner, "load first"
        if self.gave_up:
            return Outcome(failure=Failure.EXITED)
        if not self._runner.alive:
            self._restarts -= 1
            loaded = self.load()
            if not loaded.ok:
                return loaded
        if self._spent_s > BUDGET_S:
            return self._end_for_good()
        return self._charged(self._runner.run(inputs, trace=trace, meanwhile=meanwhile))

    def rest(self) -> None:
        """End the runner, so that nothing of the submission runs."""
        self._stack.close()

    def ask_afresh(self, inputs: Mapping[str, Any]) -> Outcome:
        """The same of a new runner, which cannot have kept an earlier answer."""
        loaded = self.load()
        return self.ask(inputs) if loaded.ok else loaded

    def _charged(self, outcome: Outcome) -> Outcome:
        self._spent_s += outcome.wall_ms / 1000
        return outcome

    def _end_for_good(self) -> Outcome:
        self._restarts = 0
        self._stack.close()
        return Outcome(failure=Failure.BUDGET)
