"""One warm sandbox for all tests here: that it survives each of them is the point."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch

from graders.sandbox.bench import below
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Job, Outcome, RunnerLimits
from tests.graders.sandbox.calm import calmed

QUICK = RunnerLimits(wall_s=10.0, memory_mb=256)
SHORT = RunnerLimits(wall_s=0.3, memory_mb=256)
GOOD = Job("def f(x): return x * 2", None, ("f",), QUICK)
Submit = Callable[..., Outcome]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[ZygoteSandbox]:
    made = open_sandbox("bwrap:")
    assert isinstance(made, ZygoteSandbox)
    yield made
    made.close()


def ask(
    sandbox: ZygoteSandbox, job: Job, inputs: dict[str, Any], *, trace: bool = False
) -> Outcome:
    """Load a submission; if that works, ask it one case."""
    with sandbox.runner(job) as runner:
        outcome = runner.load()
        return runner.run(inputs, trace=trace) if outcome.ok else outcome


@pytest.fixture
def submit(sandbox: ZygoteSandbox) -> Submit:
    """Grade a source with a function ``f`` of any arguments."""

    def submit(
        source: str,
        *args: Any,
        limits: RunnerLimits = QUICK,
        trace: bool = False,
        **more: Any,
    ) -> Outcome:
        job = Job(source, None, ("f",), limits, **more)
        return ask(sandbox, job, {"call": "f", "args": list(args)}, trace=trace)

    return submit


def works(sandbox: ZygoteSandbox) -> bool:
    """Whether a good submission is answered."""
    inputs = {"call": "f", "args": [torch.tensor([21.0])]}
    return bool(ask(sandbox, GOOD, inputs).value["output"].tolist() == [42.0])


def family(sandbox: ZygoteSandbox) -> list[int]:
    """bubblewrap's two processes, the relay, the zygote, runners."""
    return [*below(sandbox.process_id)]


@pytest.fixture
def nothing_is_left(sandbox: ZygoteSandbox) -> Iterator[None]:
    """Afterwards a good submission works, in the same zygote, and nothing leaked."""
    assert works(sandbox)
    census = partial(_census, sandbox)
    before = calmed(census)
    yield
    assert works(sandbox)
    assert calmed(census, before) == before


def _census(sandbox: ZygoteSandbox) -> dict[int, int]:
    """Processes of the sandbox and this one, with their numbers of descriptors.

    Taken while a runner is asked: by then all earlier ones are known to be gone.
    """
    with sandbox.runner(GOOD) as runner:
        assert runner.load().ok
        *lasting, _ = family(sandbox)
        return {
            pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in [os.getpid(), *lasting]
        }
