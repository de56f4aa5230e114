"""One running container: the process, its pipes, envelopes in and out.

Theory of operation
-------------------
Reading and writing share one loop over non-blocking pipes, for a large input may be
under way to a runner while that runner floods us; whoever insists on writing first
would wait for ever. Arrived envelopes are sorted by runner.

bubblewrap dies with the *thread* that started it (``PR_SET_PDEATHSIG`` is about
threads), so it is started from one thread that lives as long as this process.
"""

from __future__ import annotations

import os
import select
import selectors
import subprocess
import time
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgpack

from graders.errors import SandboxBroken, SandboxUnavailable
from graders.runner import envelope
from graders.runner.envelope import Envelope, Kind

CHUNK = 1 << 20
START_S = 90.0  # importing torch from a cold disk
STOP_S = 5.0

_starters: dict[int, ThreadPoolExecutor] = {}


def _starter() -> ThreadPoolExecutor:
    """This process's starting thread; a forked child needs its own."""
    pid = os.getpid()
    if pid not in _starters:
        _starters.clear()
        _starters[pid] = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
    return _starters[pid]


def _first_child(pid: int) -> int | None:
    """A pidfd of the first child of ``pid``, where the kernel tells."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return os.pidfd_open(int(children[0]))
    except (OSError, IndexError):
        return None


class Container:
    """A started container; belongs to the process that started it."""

    def __init__(self, argv: list[str]) -> None:
        self.pid = os.getpid()
        self.forks = 0
        self.facts: dict[str, Any] | None = None
        self._inner: int | None = None  # a pidfd of the namespace's first process
        self.mail: defaultdict[int, deque[Envelope]] = defaultdict(deque)
        self._received, self._outgoing = bytearray(), bytearray()
        # Not a temporary file: a full disk must not keep a sandbox from starting.
        self._stderr = os.fdopen(os.memfd_create("stderr"), "w+b")
        self.process = _starter().submit(self._start, argv).result()
        self.source, self.sink = self._pipes()

    def _start(self, argv: list[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            stderr=self._stderr,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the worker: it lets jobs finish
        )

    def _pipes(self) -> tuple[int, int]:
        assert self.process.stdout and self.process.stdin
        pipes = self.process.stdout.fileno(), self.process.stdin.fileno()
        for pipe in pipes:
            os.set_blocking(pipe, False)
        return pipes

    def wait_ready(self) -> None:
        """Wait until the zygote has torch.

        Raises:
            SandboxUnavailable: it did not start; the message has its last words.
        """
        if not self.is_ready(START_S):
            self.destroy()
            raise SandboxUnavailable(f"the sandbox was not ready in {START_S} s")

    def is_ready(self, patience_s: float = 0.0) -> bool:
        """Whether the zygote has torch by then.

        Raises:
            SandboxUnavailable: it did not start; the message has its last words.
        """
        if self.facts is None:
            try:
                letter = self.receive(0, time.monotonic() + patience_s)
            except SandboxBroken as error:
                raise SandboxUnavailable(str(error)) from None
            if letter is not None:
                self.facts = msgpack.unpackb(letter.payload)
                self._inner = _first_child(self.process.pid)
        return self.facts is not None

    def send(self, kind: Kind, runner: int, payload: bytes = b"") -> None:
        """Queue bytes; they leave while the answer is awaited."""
        frames = list(envelope.seal_all(kind, runner, payload))
        self._outgoing += b"".join(frames) or envelope.seal(kind, runner)
        self._turn(0.0)

    def receive(self, runner: int, deadline: float) -> Envelope | None:
        """The next envelope of ``runner``, or None at the deadline.

        Raises:
            SandboxBroken: the container is gone or speaks nonsense.
        """
        while not self.mail[runner]:
            left = deadline - time.monotonic()
            self._turn(max(0.0, left))
            if left <= 0 and not self.mail[runner]:
                return None
        return self.mail[runner].popleft()

    def forget(self, runner: int) -> None:
        self.mail.pop(runner, None)

    def _turn(self, timeout: float) -> None:
        with selectors.PollSelector() as selector:
            selector.register(self.source, selectors.EVENT_READ)
            if self._outgoing:
                selector.register(self.sink, selectors.EVENT_WRITE)
            ready = {key.fd for key, _ in selector.select(timeout)}
        try:
            if self.sink in ready:
                del self._outgoing[: os.write(self.sink, self._outgoing[:CHUNK])]
            if self.source in ready:
                self._read()
        except (OSError, ValueError) as error:
            self._break(str(error))

    def _read(self) -> None:
        data = os.read(self.source, CHUNK)
        if not data:
            self._break("it ended")
        self._received += data
        for letter in envelope.take(self._received):
            self.mail[letter.runner].append(letter)

    def _break(self, why: str) -> None:
        message = f"the sandbox broke: {why}. {self.last_words()}"
        self.destroy()
        raise SandboxBroken(message)

    def last_words(self) -> str:
        """The end of what the container wrote to its stderr."""
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 2000))
        return self._stderr.read().decode(errors="replace").strip()

    @property
    def usable(self) -> bool:
        """Ours (not a parent's before a fork) and running."""
        return self.pid == os.getpid() and self.process.poll() is None

    def destroy(self) -> None:
        """End the container and everything in it, and wait for that.

        The end of its standard input ends the relay, and that ends bubblewrap; the
        first process of the pid namespace is gone when all others are.
        """
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self._stderr.close()
        if self.pid == os.getpid():
            self._await_end()
        if self._inner is not None:
            os.close(self._inner)
            self._inner = None

    def _await_end(self) -> None:
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()  # --die-with-parent takes the rest along
            self.process.wait()
        if self._inner is not None:
            poller = select.poll()
            poller.register(self._inner, select.POLLIN)
            poller.poll(1000 * STOP_S)
