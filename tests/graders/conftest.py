"""The real sandbox, started once: a zygote costs seconds, a runner milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from exercises.spec import Exercise, Limits, load_exercise
from graders.pipeline import grade
from graders.report import Report
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Sandbox

SEED = "0123456789abcdef0123456789abcdef"
Grade = Callable[[str], Report]


@pytest.fixture(scope="session")
def real_sandbox() -> Iterator[Sandbox]:
    sandbox = open_sandbox("bwrap:")
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def attention() -> Exercise:
    return load_exercise("tr_attention")


@pytest.fixture(scope="session")
def graded(real_sandbox: Sandbox, attention: Exercise) -> Grade:
    """Grade a source as a solution of the attention exercise, in a hurry."""
    hurried = replace(attention, limits=Limits(time_s=1, memory_mb=512))
    return lambda source: grade(source, hurried, real_sandbox, seed=SEED)
