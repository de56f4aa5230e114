"""Two ways to a container: a process of ours, or a socket that somebody else serves.

Either is two descriptors that carry envelopes and an end. Launching a process is the
same for bubblewrap, docker and podman, which differ in their argument vectors; where an
orchestrator starts the containers, the worker only connects.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import select
import socket
import stat
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from graders.errors import SandboxUnavailable

STOP_S = 5.0
CONNECT_S = 5.0
PIPE_SIZE = 1 << 20  # bytes; both ends wake up less often than with the usual 64 KB


class Link(Protocol):
    """Bytes to and from a container."""

    source: int  # a non-blocking descriptor to read from
    sink: int  # and one to write to

    @property
    def process_id(self) -> int | None:
        """The container's outermost process, where it is one of ours."""

    @property
    def alive(self) -> bool:
        """Whether there is anybody at the other end, as far as we know."""

    def started(self) -> None:
        """Told once the zygote is there."""

    def last_words(self) -> str:
        """What it wrote to its stderr before it ended, where we can know."""

    def close(self, *, wait: bool) -> None:
        """End the container and everything in it, and wait for that if it is ours."""


# bubblewrap dies with the *thread* that started it (``PR_SET_PDEATHSIG`` is about
# threads), so it is started from one thread that lives as long as this process.
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


class ProcessLink:
    """A process whose standard streams are the channel."""

    def __init__(self, argv: Sequence[str], remove: Sequence[str] = ()) -> None:
        """Start it.

        Args:
            remove: the command that ends the container if its own process will not.
        """
        self._remove = remove
        self._inner: int | None = None  # a pidfd of the namespace's first process
        # Not a temporary file: a full disk must not keep a sandbox from starting.
        self._stderr = os.fdopen(os.memfd_create("stderr"), "w+b")
        self._process = _starter().submit(self._start, argv).result()
        assert self._process.stdout and self._process.stdin
        self.source = self._process.stdout.fileno()
        self.sink = self._process.stdin.fileno()
        for pipe in (self.source, self.sink):
            os.set_blocking(pipe, False)
            with contextlib.suppress(OSError):  # a user's pipes may be limited
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)

    def _start(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            stderr=self._stderr,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the worker: it lets jobs finish
        )

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def started(self) -> None:
        self._inner = _first_child(self._process.pid)

    def last_words(self) -> str:
        if self._stderr.closed:
            return ""
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 2000))
        return self._stderr.read().decode(errors="replace").strip()

    def close(self, *, wait: bool) -> None:
        """The end of its standard input ends the relay, and that the container."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._stderr.close()
        if wait:
            self._await_end()
        if self._inner is not None:
            os.close(self._inner)
            self._inner = None

    def _await_end(self) -> None:
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            if self._remove:
                subprocess.run(self._remove, capture_output=True, check=False)
            self._process.kill()  # bubblewrap's --die-with-parent takes the rest along
            self._process.wait()
        if self._inner is not None:  # it is gone when all its namespace is
            poller = select.poll()
            poller.register(self._inner, select.POLLIN)
            poller.poll(1000 * STOP_S)


class SocketLink:
    """A connection to a sandbox that somebody else has started.

    Each connection is a container of its own to us: the listener forks a relay with a
    zygote for it, and both end with the connection.
    """

    process_id = None

    def __init__(self, path: Path) -> None:
        """Connect to the socket, or to any of a folder's.

        Raises:
            SandboxUnavailable: nobody answers there.
        """
        self._socket = _connected(path)
        self._socket.setblocking(False)
        self.source = self._socket.fileno()
        self.sink = os.dup(self.source)  # they are watched apart
        self._open = True

    @property
    def alive(self) -> bool:
        return self._open

    def started(self) -> None:
        """Nothing to note."""

    def last_words(self) -> str:
        return "The sandbox's own log says more."

    def close(self, *, wait: bool) -> None:
        if self._open:
            os.close(self.sink)
        self._open = False
        self._socket.close()


def _connected(path: Path) -> socket.socket:
    """Replicas share the load by chance; one that is down is passed over."""
    paths = [path]
    if path.is_dir():
        paths = [each for each in path.iterdir() if stat.S_ISSOCK(each.stat().st_mode)]
        random.shuffle(paths)
    why = "there is no socket"
    for each in paths:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_S)
        try:
            connection.connect(str(each))
        except OSError as error:
            connection.close()
            why = str(error)
        else:
            return connection
    raise SandboxUnavailable(f"no sandbox answers at {path}: {why}")
