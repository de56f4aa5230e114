"""The real sandbox, started once: a zygote costs seconds, a runner milliseconds."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from exercises.spec import Exercise, Limits, load_exercise
from graders import archive
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


@pytest.fixture(scope="module")
def replay() -> Iterator[ModuleType]:
    """The program of archives, imported from its folder as a student's Python would."""
    folder = str(Path(archive.__file__).parent / "local")
    sys.path.insert(0, folder)
    yield importlib.import_module("replay")
    sys.path.remove(folder)
    for name in ("replay", "comparing"):
        del sys.modules[name]
