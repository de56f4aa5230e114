"""One warm sandbox for all tests here: that it survives each of them is the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Job, Outcome, RunnerLimits

QUICK = RunnerLimits(wall_s=10.0, memory_mb=256)
Submit = Callable[..., Outcome]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[ZygoteSandbox]:
    made = open_sandbox("bwrap:")
    assert isinstance(made, ZygoteSandbox)
    yield made
    made.close()


def ask(sandbox: ZygoteSandbox, job: Job, inputs: dict[str, Any]) -> Outcome:
    """Load a submission; if that works, ask it one case."""
    with sandbox.runner(job) as runner:
        outcome = runner.load()
        return runner.run(inputs) if outcome.ok else outcome


@pytest.fixture
def submit(sandbox: ZygoteSandbox) -> Submit:
    """Grade a source with a function ``f`` of any arguments."""

    def submit(
        source: str, *args: Any, limits: RunnerLimits = QUICK, **more: Any
    ) -> Outcome:
        job = Job(source, None, ("f",), limits, **more)
        return ask(sandbox, job, {"call": "f", "args": list(args)})

    return submit
