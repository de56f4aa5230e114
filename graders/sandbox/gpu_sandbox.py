"""A sandbox whose runners hold a GPU: one at a time, and watched from outside.

Theory of operation
-------------------
A runner's context, and all the memory of the device that goes with it, end with its
process; there is one process at a time that works. The grader itself never computes on
the device, so a fault of a submission can spoil no context of ours.

What torch may take of the device's memory is set inside the runner, before the
student's code, which could undo it. So after every answer the grader looks, by the
management library, at what is used beyond what the fresh runner had. Torch keeps what
it has taken, so a peak is seen unless it was given back on purpose. It is also looked
at how much a fresh runner finds used: if that grows, something outlives the runners,
which is for the log and not for the student.

A fault of the device (a bad address, a failed assertion) spoils the runner's context:
whatever is asked of it later would fail. It is ended, and the next case gets another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from graders.errors import SandboxUnavailable
from graders.sandbox import gpu
from graders.sandbox.nvml import Meter
from graders.sandbox.session import Failure, Job, Outcome, idle
from graders.sandbox.zygote_runner import ZygoteRunner

logger = logging.getLogger(__name__)

SLACK_MB = 512  # of libraries' own, beyond what was bounded
LEFT_MB = 256  # more than this is something that was left behind
FAULTS = ("AcceleratorError",)  # how torch calls an error of the device
NO_DEVICE = (
    "the container sees no GPU: see that it was given one, that CUDA_VISIBLE_DEVICES "
    "is set in it, and that its torch is built for CUDA"
)


class Inner(Protocol):
    """The sandbox that the runners come from."""

    @property
    def process_id(self) -> int: ...

    @property
    def facts(self) -> Mapping[str, str]: ...

    def runner(self, job: Job) -> AbstractContextManager[ZygoteRunner]: ...

    def close(self) -> None: ...


class GpuSandbox:
    """One device; see session.Sandbox."""

    def __init__(self, inner: Inner, number: int, meter: Meter | None = None) -> None:
        known = [each for each in gpu.devices() if each.number == number]
        self.number = number
        self._inner = inner
        self._meter = meter or Meter(known[0] if known else gpu.Gpu(number))
        self._is_taken = False
        self._least_mb: int | None = None  # that a fresh runner ever found used

    @contextmanager
    def runner(self, job: Job) -> Iterator[GpuRunner]:
        """A runner with the device to itself.

        Raises:
            SandboxUnavailable: the container has no device.
        """
        assert not self._is_taken, "a device has one runner at a time"
        with self._inner.runner(job) as inner:
            facts = inner.container.facts or {}
            if not (facts.get("gpu") and facts.get("cuda")):
                raise SandboxUnavailable(NO_DEVICE)
            self._is_taken = True
            try:
                yield GpuRunner(inner, self._meter, self._fresh_mb())
            finally:
                self._is_taken = False

    def _fresh_mb(self) -> int | None:
        """What is used while a fresh runner has done nothing."""
        used = self._meter.used_mb()
        if used is None:
            return None
        least = used if self._least_mb is None else min(used, self._least_mb)
        if used > least + LEFT_MB:
            text = "GPU %d: %d MB are in use before a submission, it has been %d"
            logger.warning(text, self.number, used, least)
        self._least_mb = least
        return used

    @property
    def facts(self) -> Mapping[str, str]:
        return self._inner.facts

    @property
    def process_id(self) -> int:
        return self._inner.process_id

    def close(self) -> None:
        self._inner.close()


@dataclass(slots=True)
class GpuRunner:
    """Asks a runner, and looks at the device after each answer."""

    inner: ZygoteRunner
    meter: Meter
    fresh_mb: int | None

    @property
    def alive(self) -> bool:
        return self.inner.alive

    def load(self) -> Outcome:
        return self._watched(self.inner.load())

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        trace: bool = False,
        meanwhile: Callable[[], None] = idle,
    ) -> Outcome:
        outcome = self.inner.run(inputs, trace=trace, meanwhile=meanwhile)
        return self._watched(outcome)

    def _watched(self, outcome: Outcome) -> Outcome:
        if self.alive and self._is_over():
            self.inner.end()
            return replace(outcome, failure=Failure.MEMORY, value=None)
        if outcome.failure is Failure.RAISED and outcome.error_type in FAULTS:
            self.inner.end()
        return outcome

    def _is_over(self) -> bool:
        used = self.meter.used_mb()
        if used is None or self.fresh_mb is None:
            return False
        return used - self.fresh_mb > self.inner.job.limits.device_mb + SLACK_MB
