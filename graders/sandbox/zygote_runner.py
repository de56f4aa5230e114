"""One runner as the grader sees it: asked over the channel, judged by the clock.

The deadline is by the grader's clock and the verdict on an end by the wait status
that the zygote saw; a runner's own words are only believed about what it computed.
Whatever ends badly ends the runner: it is killed, and the outcome says why.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgpack

from graders.errors import ExerciseBroken, IsolationRefused, SandboxBroken
from graders.runner.envelope import Envelope, Kind
from graders.runner.serve import NOTES, STARVED
from graders.sandbox import channel
from graders.sandbox.container import Container
from graders.sandbox.session import Failure, Job, Outcome, idle

CPU_S = 600  # a backstop kept by the kernel
SPAWN_S = 20.0  # to isolate itself; our time, not the student's
REAP_S = 5.0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a runner's process ended, as the zygote saw it."""

    status: int
    cpu_s: float
    peak_kb: int

    def failure(self) -> Failure:
        if not os.WIFSIGNALED(self.status):
            starved = os.WEXITSTATUS(self.status) == STARVED
            return Failure.MEMORY if starved else Failure.EXITED
        # SIGKILL is the kernel's: our own kills are not asked for their reason.
        spent = self.cpu_s >= CPU_S
        return {
            int(signal.SIGSYS): Failure.VIOLATION,
            int(signal.SIGKILL): Failure.TIME if spent else Failure.MEMORY,
        }.get(os.WTERMSIG(self.status), Failure.EXITED)

    def describe(self) -> str:
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            known = number in set(signal.Signals)  # most real-time ones have no name
            return signal.Signals(number).name if known else f"signal {number}"
        return f"exit status {os.WEXITSTATUS(self.status)}"


def _refusal(why: str) -> str:
    return f"runners cannot isolate themselves here: {why}; see manage.py doctor"


class _Ended(Exception):
    """The exchange is over and so is the runner."""

    def __init__(self, failure: Failure, message: str = "") -> None:
        self.failure, self.message = failure, message


class ZygoteRunner:
    """One runner, from fork to kill; see session.Runner."""

    job: Job

    def __init__(self, container: Container, number: int, memory_mb: int) -> None:
        self.container, self.number, self.memory_mb = container, number, memory_mb
        self.inbox = channel.Inbox()
        self.seq = 0
        self.printed = bytearray()
        self.notes: list[tuple[str, str]] = []  # what it said it was about to try
        self.ending: Ending | None = None
        self.usable = False

    @property
    def alive(self) -> bool:
        return self.usable

    def fork(self) -> None:
        """Ask for the process; it isolates itself while we do something else."""
        limits = msgpack.packb({"memory_mb": self.memory_mb, "cpu_s": CPU_S})
        self.container.send(Kind.SPAWN, self.number, limits)

    def adopt(self, job: Job) -> None:
        """Wait until it is isolated; from here on it is this job's.

        Raises:
            IsolationRefused: the runner could not isolate itself.
        """
        self.job = job
        try:
            message, _ = self._next(time.monotonic() + SPAWN_S)
        except (_Ended, channel.WireError) as error:
            raise SandboxBroken(f"a runner did not start: {error!r}") from None
        if message.get("isolated") is not True:
            raise IsolationRefused(_refusal(str(message.get("error_message", ""))))
        self.inbox.bound(job.limits.output_bytes)
        self.usable = True

    def load(self) -> Outcome:
        return self._ask(channel.load_request(self.job))

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        trace: bool = False,
        meanwhile: Callable[[], None] = idle,
    ) -> Outcome:
        self.seq += 1
        try:
            request = channel.run_request(self.seq, inputs, trace=trace)
        except channel.WireError as error:
            raise ExerciseBroken(f"inputs that cannot be sent: {error}") from None
        return self._ask(request, meanwhile)

    def kill(self) -> None:
        """Kill it, if that is still to do."""
        self.usable = False
        if self.ending is None:
            self.container.send(Kind.KILL, self.number)

    def end(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        deadline = time.monotonic() + REAP_S
        while self.ending is None:
            letter = self.container.receive(self.number, deadline)
            if letter is None:
                self.container.destroy()
                raise SandboxBroken("a runner would not die")
            self._note_end(letter)
        self.container.forget(self.number)

    def _ask(self, request: bytes, meanwhile: Callable[[], None] = idle) -> Outcome:
        if not self.usable:
            return Outcome(failure=Failure.EXITED, error_message="already ended")
        self.printed.clear()
        start = time.monotonic()
        result = self._exchange(request, meanwhile)
        wall_ms = 1000 * (time.monotonic() - start)
        if result.failure is Failure.EXITED and self.ending is None:
            self.end()  # it said sys.exit, and may be believed
        stdout = self.printed.decode(errors="replace")
        return replace(result, wall_ms=wall_ms, stdout=stdout)

    def _exchange(self, request: bytes, meanwhile: Callable[[], None]) -> Outcome:
        try:
            if self.inbox.buffer:
                raise channel.WireError("it spoke before it was asked")
            self.container.send(Kind.DATA, self.number, request)
            meanwhile()
            message, tree = self._next(time.monotonic() + self.job.limits.wall_s)
            return channel.outcome(message, tree, self.seq)
        except _Ended as ended:
            result = Outcome(failure=ended.failure, error_message=ended.message)
            if ended.failure is Failure.VIOLATION and self.notes:
                what, traceback = self.notes[-1]
                result = replace(result, error_message=what, traceback=traceback)
        # Too large a frame as well: our own side of the runner says so in a small one.
        except channel.WireError as error:
            result = Outcome(failure=Failure.GARBLED, error_message=str(error))
        self.end()
        return result

    def _next(self, deadline: float) -> tuple[dict[str, Any], Any]:
        """The next whole message.

        Raises:
            _Ended: there will be none.
            WireError: it is none.
        """
        while (found := self._take()) is None:
            letter = self.container.receive(self.number, deadline)
            if letter is None:
                raise _Ended(Failure.TIME)
            if letter.kind == Kind.DATA:
                self.inbox.buffer += letter.payload
            elif letter.kind == Kind.PRINTED:
                self._print(letter.payload)
            elif ending := self._note_end(letter):
                raise _Ended(ending.failure(), ending.describe())
        return found

    def _take(self) -> tuple[dict[str, Any], Any] | None:
        """The next message in the inbox; notes are kept, not returned."""
        while (found := self.inbox.take()) and channel.is_note(found[0]):
            self.notes.append(channel.note(found[0]))
            if len(self.notes) > NOTES:
                raise channel.WireError("too many notes")
        return found

    def _print(self, payload: bytes) -> None:
        room = self.job.limits.stdout_bytes - len(self.printed)
        self.printed += payload[:room]
        if len(payload) > room:
            raise _Ended(Failure.OUTPUT, "stdout")

    def _note_end(self, letter: Envelope) -> Ending | None:
        """Keep how it ended, if this says so."""
        if letter.kind == Kind.FAULT:
            self.ending = Ending(0, 0.0, 0)
            raise IsolationRefused(_refusal(letter.payload.decode(errors="replace")))
        if letter.kind == Kind.EXIT:
            self.ending = Ending(**msgpack.unpackb(letter.payload))
        return self.ending
