"""A warm zygote, and runners from it: the sandbox as the pipeline uses it.

Theory of operation
-------------------
The deadline is by the grader's clock and the verdict on an end by the wait status
that the zygote saw; a runner's own words are only believed about what it computed.
Whatever ends badly ends the runner: it is killed, and the outcome says why. The
zygote is replaced when it breaks and after a bounded number of forks.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgpack

from graders.errors import ExerciseBroken, SandboxBroken, SandboxUnavailable
from graders.runner.envelope import Envelope, Kind
from graders.runner.serve import NOTES, STARVED
from graders.sandbox import channel, launch
from graders.sandbox.container import Container
from graders.sandbox.session import Failure, Job, Outcome, Sandbox

MAX_FORKS = 500
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
            signal.SIGSYS: Failure.VIOLATION,
            signal.SIGKILL: Failure.TIME if spent else Failure.MEMORY,
        }.get(signal.Signals(os.WTERMSIG(self.status)), Failure.EXITED)

    def describe(self) -> str:
        if os.WIFSIGNALED(self.status):
            return signal.Signals(os.WTERMSIG(self.status)).name
        return f"exit status {os.WEXITSTATUS(self.status)}"


class _Ended(Exception):
    """The exchange is over and so is the runner."""

    def __init__(self, failure: Failure, message: str = "") -> None:
        self.failure, self.message = failure, message


class ZygoteRunner:
    """One runner, from fork to kill; see session.Runner."""

    def __init__(self, container: Container, number: int, job: Job) -> None:
        self.container, self.number, self.job = container, number, job
        self.inbox = channel.Inbox(job.limits.output_bytes)
        self.seq = 0
        self.printed = bytearray()
        self.notes: list[tuple[str, str]] = []  # what it said it was about to try
        self.ending: Ending | None = None
        self.usable = False

    @property
    def alive(self) -> bool:
        return self.usable

    def spawn(self) -> None:
        """Fork, and send the submission along.

        Raises:
            SandboxUnavailable: the runner could not isolate itself.
        """
        memory = self.job.limits.memory_mb
        limits = msgpack.packb({"memory_mb": memory, "cpu_s": CPU_S})
        self.container.send(Kind.SPAWN, self.number, limits)
        try:
            message, _ = self._next(time.monotonic() + SPAWN_S)
        except (_Ended, channel.WireError) as error:
            raise SandboxBroken(f"a runner did not start: {error!r}") from None
        if message.get("isolated") is not True:
            raise SandboxUnavailable(str(message.get("error_message", "")))
        self.usable = True

    def load(self) -> Outcome:
        return self._ask(channel.load_request(self.job))

    def run(self, inputs: Mapping[str, Any], *, trace: bool = False) -> Outcome:
        self.seq += 1
        try:
            request = channel.run_request(self.seq, inputs, trace=trace)
        except channel.WireError as error:
            raise ExerciseBroken(f"inputs that cannot be sent: {error}") from None
        return self._ask(request)

    def end(self) -> None:
        """Kill it, if that is still to do, and wait until it is gone."""
        self.usable = False
        if self.ending is None:
            self.container.send(Kind.KILL, self.number)
        deadline = time.monotonic() + REAP_S
        while self.ending is None:
            letter = self.container.receive(self.number, deadline)
            if letter is None:
                self.container.destroy()
                raise SandboxBroken("a runner would not die")
            self._note_end(letter)
        self.container.forget(self.number)

    def _ask(self, request: bytes) -> Outcome:
        if not self.usable:
            return Outcome(failure=Failure.EXITED, error_message="already ended")
        self.printed.clear()
        start = time.monotonic()
        result = self._exchange(request, start + self.job.limits.wall_s)
        wall_ms = 1000 * (time.monotonic() - start)
        if result.failure is Failure.EXITED and self.ending is None:
            self.end()  # it said sys.exit, and may be believed
        stdout = self.printed.decode(errors="replace")
        return replace(result, wall_ms=wall_ms, stdout=stdout)

    def _exchange(self, request: bytes, deadline: float) -> Outcome:
        try:
            if self.inbox.buffer:
                raise channel.WireError("it spoke before it was asked")
            self.container.send(Kind.DATA, self.number, request)
            message, tree = self._next(deadline)
            return channel.outcome(message, tree, self.seq)
        except _Ended as ended:
            result = Outcome(failure=ended.failure, error_message=ended.message)
            if ended.failure is Failure.VIOLATION and self.notes:
                what, traceback = self.notes[-1]
                result = replace(result, error_message=what, traceback=traceback)
        except channel.TooLarge as error:
            result = Outcome(failure=Failure.OUTPUT, error_message=str(error))
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
            raise SandboxUnavailable(letter.payload.decode(errors="replace"))
        if letter.kind == Kind.EXIT:
            self.ending = Ending(**msgpack.unpackb(letter.payload))
        return self.ending


class ZygoteSandbox:
    """One container, one caller at a time; see session.Sandbox."""

    def __init__(self, argv: Callable[[], list[str]], max_forks: int) -> None:
        self._argv, self._max_forks = argv, max_forks
        self._lock = threading.RLock()
        self._number = self._open = 0
        self._container: Container | None = Container(argv())

    @contextmanager
    def runner(self, job: Job) -> Iterator[ZygoteRunner]:
        with self._lock:
            runner = self._start(job)
            self._open += 1
            try:
                yield runner
            finally:
                self._open -= 1
                if runner.container.usable:
                    runner.end()

    def _start(self, job: Job, tries: int = 2) -> ZygoteRunner:
        """A started runner; a zygote found dead is replaced once, unnoticed.

        That is safe because nothing of the submission has run yet.
        """
        container = self._ready()
        self._number += 1
        container.forks += 1
        runner = ZygoteRunner(container, self._number, job)
        try:
            runner.spawn()
        except SandboxBroken:
            container.destroy()
            if tries == 1:
                raise
            return self._start(job, tries - 1)
        return runner

    def _ready(self) -> Container:
        """A container that may fork once more."""
        container = self._container
        if container is None or not container.usable or self._is_spent(container):
            self.close()
            container = self._container = Container(self._argv())
        container.wait_ready()
        return container

    def _is_spent(self, container: Container) -> bool:
        return container.forks >= self._max_forks and not self._open

    @property
    def process_id(self) -> int:
        """The container's outermost process."""
        with self._lock:
            return self._ready().process.pid

    def close(self) -> None:
        with self._lock:
            if self._container is not None:
                self._container.destroy()
            self._container = None


def open_sandbox(url: str, *, max_forks: int = MAX_FORKS) -> Sandbox:
    """Start the sandbox that ``url`` names; ``bwrap:`` is the embedded default.

    Raises:
        SandboxUnavailable: there is no such kind, or it cannot be had here.
    """
    scheme = url.partition(":")[0]
    if scheme != "bwrap":
        raise SandboxUnavailable(f"no sandbox of the kind {scheme!r}; use bwrap:")
    return ZygoteSandbox(launch.bubblewrap, max_forks)
