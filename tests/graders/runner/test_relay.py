"""The relay's dealings with a runner."""

from __future__ import annotations

import os
import socket

from graders.runner.relay import Child


def test_to_kill_what_has_been_reaped_is_no_error() -> None:
    ours, theirs = socket.socketpair()
    printed, pipe = os.pipe()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    child = Child(ours, printed, os.pidfd_open(pid))
    os.waitpid(pid, 0)
    child.kill()
    child.close()
    theirs.close()
    os.close(pipe)
