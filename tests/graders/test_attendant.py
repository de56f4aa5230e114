"""A submission gets a few runners and a bounded time, whatever it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace

from graders.attendant import BUDGET_S, RESTARTS, Attendant
from graders.sandbox.session import Failure, Job, Outcome, Runner

JOB = Job("", probe=None, requires=())


class FakeSandbox:
    """Every case takes ``case_s`` and, if ``deadly``, kills the runner."""

    def __init__(
        self, case_s: float = 0.0, deadly: bool = False, load_s: float = 0.0
    ) -> None:
        self.case_s, self.deadly, self.load_s = case_s, deadly, load_s
        self.started = 0

    @contextmanager
    def runner(self, job: Job) -> Iterator[Runner]:
        self.started += 1
        made = SimpleNamespace(alive=True)
        made.load = lambda: Outcome(wall_ms=self.load_s * 1000)
        made.run = lambda inputs, **more: self._run(made)
        yield made
        made.alive = False

    def _run(self, runner: SimpleNamespace) -> Outcome:
        runner.alive = not self.deadly
        failure = Failure.TIME if self.deadly else None
        return Outcome(failure=failure, wall_ms=self.case_s * 1000)

    def close(self) -> None:
        pass


def test_a_dead_runner_is_replaced_a_few_times():
    sandbox = FakeSandbox(deadly=True)
    with Attendant(sandbox, JOB) as attendant:
        attendant.load()
        while not attendant.gave_up:
            attendant.ask({})
    assert sandbox.started == 1 + RESTARTS


def test_many_slow_cases_share_one_budget():
    with Attendant(FakeSandbox(case_s=1.9), JOB) as attendant:
        attendant.load()
        answered = next(n for n in count() if not attendant.ask({}).ok)
        assert attendant.gave_up
    assert BUDGET_S <= answered * 1.9 < BUDGET_S + 2 * 1.9


def test_spending_the_budget_is_told_from_one_late_case():
    with Attendant(FakeSandbox(case_s=BUDGET_S + 1), JOB) as attendant:
        attendant.load()
        attendant.ask({})
        assert attendant.ask({}).failure == Failure.BUDGET


def test_loading_again_and_again_spends_the_same_budget():
    sandbox = FakeSandbox(load_s=5)
    with Attendant(sandbox, JOB) as attendant:
        attendant.load()
        while not attendant.gave_up:
            last = attendant.ask_afresh({})
    assert last.failure == Failure.BUDGET
    assert sandbox.started * 5 < BUDGET_S + 2 * 5
