"""The container's first process: carries bytes between the grader and the runners.

Theory of operation
-------------------
It starts before torch is imported, forks the zygote off itself, and then is a plain
event loop: envelopes from the grader on standard input, envelopes to the grader on
standard output; for each runner a socket, an output pipe and a pidfd.

Why it is not the zygote: a runner is a copy of the zygote's memory. If submissions
passed through the zygote, a runner could find the previous student's source in freed
memory. The relay is never copied, and the zygote sees only descriptors and limits.

A runner never holds the standard streams. What it writes is passed on as opaque
chunks inside the relay's own envelopes, so it can forge neither its exit status nor
another runner's frames, and no byte of it is parsed here. Every descriptor is
non-blocking and every queue bounded: a flooding or a deaf runner stops only itself.
The relay holds no clock and no policy: the grader says kill.

End of standard input ends the relay, and with it bubblewrap's pid namespace: the
zygote and whatever runs below it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass, field

from . import dumpable, envelope
from .envelope import Kind

CHUNK = 1 << 18
BACKLOG = 4 << 20  # beyond this the relay stops listening to runners
NOTE = 1 << 16  # the longest message between relay and zygote


@dataclass(slots=True)
class Child:
    """A runner, as the relay sees it."""

    channel: socket.socket
    printed: int
    pidfd: int = -1
    pid: int = 0  # where there are no pidfds
    inbox: bytearray = field(default_factory=bytearray)  # not yet taken by the runner
    silent: bool = False  # it closed its end of the channel
    mute: bool = False  # it closed its end of the output pipe
    condemned: bool = False  # to be killed as soon as it is there

    def kill(self) -> None:
        self.condemned = True
        with contextlib.suppress(ProcessLookupError):  # reaped, we hear it next
            if self.pidfd >= 0:
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            elif self.pid:
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.channel.close()
        os.close(self.printed)
        if self.pidfd >= 0:
            os.close(self.pidfd)


class Relay:
    """The event loop."""

    def __init__(self, source: int, sink: int, zygote: socket.socket) -> None:
        self.source, self.sink, self.zygote = source, sink, zygote
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.received, self.backlog = bytearray(), bytearray()
        self.children: dict[int, Child] = {}
        self.open = True

    def run(self) -> None:
        while self.open:
            self._turn(self._wait())

    def _emit(self, kind: Kind, runner: int, payload: bytes = b"") -> None:
        self.backlog += envelope.seal(kind, runner, payload)

    def _wait(self) -> dict[int, int]:
        poller = select.poll()
        poller.register(self.source, select.POLLIN)
        poller.register(self.zygote, select.POLLIN)
        if self.backlog:
            poller.register(self.sink, select.POLLOUT)
        listening = len(self.backlog) < BACKLOG
        for child in self.children.values():
            wanted = select.POLLIN if listening and not child.silent else 0
            if child.inbox:
                wanted |= select.POLLOUT
            if wanted:
                poller.register(child.channel, wanted)
            if listening and not child.mute:
                poller.register(child.printed, select.POLLIN)
        return dict(poller.poll())

    def _turn(self, ready: dict[int, int]) -> None:
        if self.source in ready:
            self._receive()
        for runner, child in self.children.items():
            if child.channel.fileno() in ready or child.printed in ready:
                self._carry(runner, child)
            if child.inbox:
                self._feed(child)
        if self.zygote.fileno() in ready:
            self._hear()
        if self.backlog:
            self._flush()

    # --- from the grader ---

    def _receive(self) -> None:
        data = os.read(self.source, CHUNK)
        self.open = bool(data)
        self.received += data
        for kind, runner, payload in envelope.take(self.received):
            if kind == Kind.SPAWN:
                self._spawn(runner, payload)
            elif runner in self.children:  # else it ended in the meantime
                self._obey(kind, self.children[runner], payload)

    def _obey(self, kind: Kind, child: Child, payload: bytes) -> None:
        if kind == Kind.DATA:
            child.inbox += payload
        elif kind == Kind.KILL:
            child.kill()

    def _spawn(self, runner: int, limits: bytes) -> None:
        ours, theirs = socket.socketpair()
        printed, pipe = os.pipe()
        ours.setblocking(False)
        os.set_blocking(printed, False)
        self.children[runner] = Child(ours, printed)
        order = envelope.seal(Kind.SPAWN, runner, limits)
        socket.send_fds(self.zygote, [order], [theirs.fileno(), pipe])
        theirs.close()
        os.close(pipe)

    # --- from the zygote ---

    def _hear(self) -> None:
        try:
            note, fds, _, _ = socket.recv_fds(self.zygote, NOTE, 1)
        except ConnectionError:
            note, fds = b"", []
        if not note:  # it is gone, and so are all runners
            sys.exit("the zygote ended")
        for kind, runner, payload in envelope.take(bytearray(note)):
            if kind == Kind.READY:
                self._emit(kind, runner, payload)
            elif kind == Kind.STARTED:
                self._started(self.children[runner], fds, payload)
            else:
                self._ended(kind, runner, payload)

    def _started(self, child: Child, fds: list[int], pid: bytes) -> None:
        if fds:
            child.pidfd = fds[0]
        else:
            child.pid = int(pid)
        if child.condemned:
            child.kill()

    def _ended(self, kind: Kind, runner: int, payload: bytes) -> None:
        """The runner and its whole namespace are dead: pass on its last words."""
        child = self.children.pop(runner)
        while not (child.silent and child.mute):
            self._carry(runner, child)
        self._emit(kind, runner, payload)
        child.close()

    # --- from and to a runner ---

    def _carry(self, runner: int, child: Child) -> None:
        """Pass on one chunk, after what was printed before it."""
        try:
            data = child.channel.recv(CHUNK)
            child.silent = not data
        except BlockingIOError:
            data = b""
        except ConnectionError:
            data, child.silent = b"", True
        self._carry_printed(runner, child)
        if data:
            self._emit(Kind.DATA, runner, data)

    def _carry_printed(self, runner: int, child: Child) -> None:
        try:
            data = os.read(child.printed, CHUNK)
        except BlockingIOError:
            return
        child.mute = not data
        if data:
            self._emit(Kind.PRINTED, runner, data)

    def _feed(self, child: Child) -> None:
        try:
            envelope.pour(child.inbox, child.channel.fileno())
        except BlockingIOError:
            return
        except ConnectionError:
            child.inbox.clear()

    def _flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            envelope.pour(self.backlog, self.sink)


def _own_streams() -> tuple[int, int]:
    """Take the grader's pipes off 0 and 1, where a stray print could reach them."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return source, sink


def become(uid: int, real_uid: int | None = None) -> None:
    """Leave root for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid if real_uid is None else real_uid, uid, uid)


def _become_zygote(relay: socket.socket, single_use: int) -> None:
    """Torch is imported here, and not before: the relay does without."""
    from . import disposable, zygote

    if single_use:
        become(single_use)
        dumpable.hide()
        disposable.main(relay)
    else:
        dumpable.show()
        zygote.main(relay)


def main(uid: int, *, single_use: int = 0) -> None:
    """Fork the zygote, then carry bytes until standard input ends.

    Args:
        uid: what to become where the container was started as root; 0: stay.
        single_use: in a container for one submission, which must be started as root:
            what its zygote and its runner become, see disposable.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's business
    if os.getuid() == 0 and uid and not single_use:
        become(uid)
    source, sink = _own_streams()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        os.close(source)
        os.close(sink)
        ours.close()
        _become_zygote(theirs, single_use)
        sys.exit()
    theirs.close()
    if single_use:  # its real uid lets it kill the runner, and nobody trace it
        become(uid, single_use)
        dumpable.hide()
    Relay(source, sink, ours).run()
