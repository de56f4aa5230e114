"""The zygote of a container that serves one submission and is thrown away.

Where a kernel lets nobody make namespaces inside a container, a second submission in it
would meet what the first has left. So there is none: this zygote forks once, whatever
it is asked for, and the grader has other containers waiting.

Such a kernel (gVisor's) may have no pidfds either. Without a second child to mistake
for the first, a pid is as good.
"""

from __future__ import annotations

import os
import socket

from . import isolate, serve, zygote
from .envelope import Kind


class Disposable(zygote.Zygote):
    """Obeys one order."""

    single_use = True
    _served = False

    def _spawn(self, runner: int, limits: isolate.Limits, fds: list[int]) -> None:
        channel, printed = fds
        _close_stderr()
        pid = None if self._served else os.fork()
        if pid == 0:
            serve.main(limits, channel, printed, self.origin, isolate.enter_alone)
        os.close(channel)
        os.close(printed)
        if pid is None:
            self._tell(Kind.FAULT, runner, b"this container has served its submission")
            return
        self._served = True
        self._tell(Kind.STARTED, runner, str(pid).encode())
        self._report_end(runner, pid)  # there is nothing else to do until then


def _close_stderr() -> None:
    """Once torch is there, nobody but a submission would have anything to say on it."""
    null = os.open("/dev/null", os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    os.close(null)


def main(relay: socket.socket) -> None:
    """Serve once."""
    zygote.main(relay, Disposable)
