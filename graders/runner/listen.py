"""The first process of a sandbox that an orchestrator started.

It listens on a Unix socket in a folder that it shares with the workers. Each connection
gets a relay and a zygote of its own, which end with it: to the worker it is a container
of its own. No worker then needs the right to start containers.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

from . import relay

CONNECTIONS = 16  # workers' children that may be connected at once


def main(folder: str) -> None:
    """Serve for ever on a socket that is named after this host."""
    path = Path(folder) / f"{socket.gethostname()}.sock"
    path.unlink(missing_ok=True)  # of an earlier life
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen(CONNECTIONS)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        try:
            _serve(listener)
        finally:
            path.unlink(missing_ok=True)


def _serve(listener: socket.socket) -> None:
    children: set[int] = set()
    while True:
        connection, _ = listener.accept()
        _reap(children)
        if len(children) >= CONNECTIONS:
            connection.close()  # the worker tries another replica
            continue
        pid = os.fork()
        if pid == 0:
            _become_relay(listener, connection)
        children.add(pid)
        connection.close()


def _reap(children: set[int]) -> None:
    """Collect what has ended: relays, and zygotes whose relay went before them."""
    try:
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            children.discard(pid)
    except ChildProcessError:
        return


def _become_relay(listener: socket.socket, connection: socket.socket) -> None:
    """Never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        listener.close()
        for stream in (0, 1):
            os.dup2(connection.fileno(), stream)
        connection.close()
        relay.main(0)
    finally:
        os._exit(1)
