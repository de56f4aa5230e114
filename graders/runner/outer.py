"""What the container itself keeps out, before any runner's own walls are built.

``doctor`` runs this in place of the relay. Nothing of a student's is near, so what it
prints can be believed.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import threading
from collections.abc import Callable

from .relay import become

_THREADS = 1000  # more than a container may have
_PR_GET_NO_NEW_PRIVS = 39
_NOWHERE = ("192.0.2.1", 80)  # kept for documentation, RFC 5737
_SESSION_KEYRING = -3
_REFUSALS = (errno.EPERM, errno.ENOSYS)
_GVISOR = os.path.exists("/proc/sentry-meminfo")  # its kernel instead of the host's
_HOST = ("/etc/passwd", "/home", "/root/.ssh", "/var/run/docker.sock", "/dev/mem")

_libc = ctypes.CDLL(None, use_errno=True)


def _refused(attempt: Callable[..., object], *arguments: object) -> bool:
    try:
        attempt(*arguments)
    except (OSError, RuntimeError):
        return True
    return False


def no_network() -> bool:
    """Nothing but a loopback, and no way out."""
    names = {name for _, name in socket.if_nameindex()}
    with socket.socket() as trying:
        trying.settimeout(1)
        code = trying.connect_ex(_NOWHERE)
    return names <= {"lo"} and code in (errno.ENETUNREACH, errno.EHOSTUNREACH)


def read_only() -> bool:
    """Not even the container's root may write, but in a tmpfs."""
    folders = ("/", "/usr/lib", "/site", "/grader/runner", "/etc")
    return all(_refused(open, f"{folder}/x", "w") for folder in folders)


def no_files_of_the_host() -> bool:
    return not any(map(os.path.lexists, _HOST))


def no_privileges() -> bool:
    """An ordinary user without capabilities, who cannot become root."""
    capabilities = (ctypes.c_uint32 * 6)()
    _libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), capabilities)
    effective = capabilities[0] | capabilities[3]
    return 0 not in os.getresuid() and not effective and _refused(os.setuid, 0)


def no_new_privileges() -> bool:
    return bool(_libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)


def no_depths_of_the_kernel() -> bool | None:
    """Two calls that would else get along or find fault with their arguments."""
    if _GVISOR:  # the host's is not asked at all
        return None
    keyctl, perf_event_open = {"x86_64": (250, 298)}.get(os.uname().machine, (219, 241))
    return all(
        _libc.syscall(*call, 0, 0, 0) == -1 and ctypes.get_errno() in _REFUSALS
        for call in ((keyctl, 0, _SESSION_KEYRING, 1), (perf_event_open, 0, 0, -1))
    )


def few_processes() -> bool | None:
    """Threads are counted like processes."""
    if _GVISOR:  # they are none of the host's; memory bounds them
        return None
    threading.stack_size(1 << 16)
    over = threading.Event()
    started = 0

    def start() -> None:
        nonlocal started
        threading.Thread(target=over.wait, daemon=True).start()
        started += 1

    try:
        return any(_refused(start) for _ in range(_THREADS))
    finally:
        over.set()


CHECKS = (
    no_network,
    read_only,
    no_files_of_the_host,
    no_privileges,
    no_new_privileges,
    no_depths_of_the_kernel,
    few_processes,
)


def main(uid: int, *, single_use: int = 0) -> None:
    """Print a JSON object: check → whether it holds, null: not here.

    Arguments as the relay's.
    """
    if os.getuid() == 0 and (single_use or uid):
        become(single_use or uid)
    print(json.dumps({check.__name__: check() for check in CHECKS}), flush=True)
    os._exit(0)  # without waiting for threads
