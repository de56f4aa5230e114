"""Keeps a few programs running: restarts what dies, ends all of it when asked.

Each program leads a session of its own, so the terminal's Ctrl-C reaches only the
supervisor, which then asks every program to finish (SIGTERM) and, when one takes too
long, insists (SIGKILL to its group). The supervisor is also the *subreaper*: whatever
a killed program leaves behind becomes its child and is ended, so nothing outlives it.
Should the supervisor itself be killed, the kernel sends SIGTERM to its programs.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_S = 10.0  # from "please finish" to "end"
HEALTHY_S = 20.0  # who lives this long starts with a clean record again
MAX_FAILURES = 8  # in a row, each within HEALTHY_S: about a minute of trying
FIRST_DELAY_S, MAX_DELAY_S = 0.25, 10.0  # between death and restart; doubles
COLOURS = (36, 33, 35, 32, 34)
libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Program:
    """One command line that has to be running."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)  # beside our own
    optional: bool = False  # the rest goes on without it
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float | None = field(default=0.0)  # None: running
    rest: bytes = b""  # the begun line of its output


class Supervisor:
    """Runs programs until SIGINT or SIGTERM; ``run`` returns an exit status."""

    def __init__(self, programs: Sequence[Program], out: IO[str] = sys.stdout) -> None:
        self.programs = list(programs)
        self.out = out
        self.selector = selectors.DefaultSelector()
        self.requests = 0  # how often we were asked to stop
        self.deadline: float | None = None  # set once we are stopping
        self.status = 0

    def run(self) -> int:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        while self.deadline is None or self._running():
            self._start_due()
            self._read(timeout=0.2)
            self._reap()
            self._stop_if_asked()
        self._kill_all()
        self._say("ended")
        return self.status

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.requests += 1  # no more than this: the main loop may be mid-print

    def _stop_if_asked(self) -> None:
        if self.deadline is None:
            if self.requests:
                self._stop(status=0)
        elif self.requests > 1 or time.monotonic() > self.deadline:
            self._kill_all()

    def _stop(self, status: int) -> None:
        self._say("stopping…")
        self.status = status
        self.deadline = time.monotonic() + GRACE_S
        for program in self._running():
            os.kill(_pid(program), signal.SIGTERM)

    def _running(self) -> list[Program]:
        return [program for program in self.programs if program.process]

    def _start_due(self) -> None:
        for program in self.programs:
            due = program.start_at is not None and program.start_at <= time.monotonic()
            if due and self.deadline is None:
                self._start(program)

    def _start(self, program: Program) -> None:
        program.process = subprocess.Popen(
            program.argv,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        program.started, program.start_at = time.monotonic(), None
        assert program.process.stdout is not None
        os.set_blocking(program.process.stdout.fileno(), False)
        self.selector.register(program.process.stdout, selectors.EVENT_READ, program)

    def _read(self, timeout: float) -> None:
        for key, _events in self.selector.select(timeout):
            self._print(key.data, os.read(key.fd, 65536))

    def _print(self, program: Program, data: bytes) -> None:
        if not data and program.process and program.process.stdout:
            with contextlib.suppress(KeyError):  # end of file: stop asking
                self.selector.unregister(program.process.stdout)
        *lines, program.rest = (program.rest + data).split(b"\n")
        for line in filter(None, lines):
            self._say(line.decode(errors="replace"), program)

    def _reap(self) -> None:
        for program in self._running():
            if program.process and program.process.poll() is not None:
                self._bury(program, program.process)
        _reap_strangers({_pid(program) for program in self._running()})

    def _bury(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout:
            with contextlib.suppress(OSError):
                self._print(program, (process.stdout.read() or b"") + b"\n")
            with contextlib.suppress(KeyError):
                self.selector.unregister(process.stdout)
            process.stdout.close()
        program.process = None
        if self.deadline is None:
            self._plan_restart(program, process.returncode)

    def _plan_restart(self, program: Program, returncode: int) -> None:
        if time.monotonic() - program.started > HEALTHY_S:
            program.failures = 0
        program.failures += 1
        why = _describe(returncode)
        if program.failures >= MAX_FAILURES:
            return self._give_up(program, why)
        delay = min(MAX_DELAY_S, FIRST_DELAY_S * 2 ** (program.failures - 1))
        self._say(f"{program.name} {why}; starting it again in {delay:.2f} s")
        program.start_at = time.monotonic() + delay

    def _give_up(self, program: Program, why: str) -> None:
        self._say(f"{program.name} {why} {MAX_FAILURES} times in a row: giving up")
        if not program.optional:
            self._stop(status=1)

    def _kill_all(self) -> None:
        for program in self._running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(_pid(program), signal.SIGKILL)
        while children := _children():
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in children:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
        for program in self.programs:
            program.process = None

    def _say(self, text: str, program: Program | None = None) -> None:
        name = program.name if program else "serve"
        prefix = f"{time.strftime('%H:%M:%S')} {name:<6} |"
        if self.out.isatty():
            place = self.programs.index(program) if program else -1
            prefix = f"\x1b[{COLOURS[place % len(COLOURS)]}m{prefix}\x1b[0m"
        with contextlib.suppress(OSError):  # the terminal is gone; keep ending things
            print(prefix, text, file=self.out, flush=True)


def _pid(program: Program) -> int:
    assert program.process is not None
    return program.process.pid


def _die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _children() -> list[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [int(pid) for pid in listed.split()]


def _reap_strangers(known: set[int]) -> None:
    """End and collect what dead programs left to us."""
    for pid in set(_children()) - known:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _describe(returncode: int) -> str:
    if returncode < 0:
        return f"was killed by {signal.Signals(-returncode).name}"
    return f"ended with status {returncode}"
