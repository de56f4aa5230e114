"""What the pipeline sees of a sandbox: jobs in, outcomes out.

Everything in an :class:`Outcome` came from an untrusted process. It has been
parsed as hostile (caps, types, no pickle), but its *content* is a student's claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """Ceilings for one runner; the grader and the zygote enforce them."""

    wall_s: float = 2.0  # for loading, and again for each case
    memory_mb: int = 512  # above what the zygote already occupies
    stdout_bytes: int = 64 * 1024
    output_bytes: int = 64 * 1024 * 1024  # of one case's answer
    device_mb: int = 2048  # of a GPU's own memory, where there is one


@dataclass(frozen=True, slots=True)
class Job:
    """One submission as the runner gets it: no reference, no expected value."""

    source: str
    probe: str | None  # the exercise's public probe.py; None: the generic one
    requires: tuple[str, ...]  # names the source must define
    limits: RunnerLimits = RunnerLimits()


class Failure(StrEnum):
    """Why a runner gave no answer."""

    SYNTAX = "syntax"  # source does not compile
    MISSING = "missing"  # a required name is not defined or not callable
    RAISED = "raised"  # the student's code raised
    EXITED = "exited"  # the process ended by itself (os._exit, sys.exit, crash)
    TIME = "time"
    BUDGET = "budget"  # no single case was late, but all together are
    MEMORY = "memory"
    OUTPUT = "output"  # too much stdout, or an oversized answer
    VIOLATION = "violation"  # killed by seccomp
    GARBLED = "garbled"  # bytes that are no answer


@dataclass(frozen=True, slots=True)
class Opaque:
    """A returned object that is no tensor, number, string, bool, None or container."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Advisory facts seen inside the runner (a takeover could forge them)."""

    operators: Mapping[str, int] = field(default_factory=dict)  # name -> calls
    lines: Mapping[str, int] = field(default_factory=dict)  # name -> of its first call
    largest_tensor: int = 0  # elements
    largest_line: int = 0  # where it was made; as the runner says, 0: unknown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of loading the source, or of one case."""

    failure: Failure | None = None
    value: Any = None  # tree of dict/list/Tensor/scalars/None/Opaque
    error_type: str = ""  # exception class name, when raised
    error_message: str = ""  # capped, as the student's code gave it
    traceback: str = ""  # the student's lines only
    stdout: str = ""  # capped, undecodable bytes replaced
    trace: Trace | None = None
    wall_ms: float = 0.0  # by the grader's clock
    inside_ms: float = 0.0  # by the runner's own: a claim, believed of the reference

    @property
    def ok(self) -> bool:
        return self.failure is None


def idle() -> None:
    """Nothing to do while a runner works."""


class Runner(Protocol):
    """One isolated process that holds one submission."""

    def load(self) -> Outcome:
        """Execute the source and find the required names."""

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        trace: bool = False,
        meanwhile: Callable[[], None] = idle,
    ) -> Outcome:
        """Run the probe on one case's inputs (tree of tensors and scalars).

        Args:
            trace: record operators and the largest tensor (advisory, slow).
            meanwhile: what to do here before waiting; it costs the runner no time.
        """

    @property
    def alive(self) -> bool:
        """False once the process ended; later calls would fail."""


class Sandbox(Protocol):
    """A warm zygote that forks runners."""

    def runner(self, job: Job) -> AbstractContextManager[Runner]:
        """Fork a runner for ``job``; it is killed on leaving the context.

        Raises:
            graders.errors.SandboxUnavailable: no isolation can be had here.
        """

    @property
    def facts(self) -> Mapping[str, str]:
        """Its kind, its image if it has one, and the versions that run in it."""

    def close(self) -> None:
        """End the zygote and everything below it."""
