"""One more wall around a runner's files, where the kernel has Landlock (5.13 on).

Theory of operation
-------------------
The mount namespace already shows little, all of it read-only but two small tmpfs.
Landlock says the same once more, to another part of the kernel: read anything that is
there, write in the two folders and to ``/dev/null`` only; and, where the container has
a GPU, to its device files. It also forbids mounts, and newer kernels forbid TCP,
commands to any other device, and signals or abstract sockets that would leave the
runner. A kernel without it grades as before; ``doctor`` says which it is.

Numbers and structures: ``linux/landlock.h``; the system calls have no wrappers in libc.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Collection, Iterable

_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1  # flag of _CREATE
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
_READ = EXECUTE | READ_FILE | READ_DIR
_NEVER = MAKE_CHAR | MAKE_SOCK | MAKE_BLOCK | IOCTL_DEV
# How many bits of rights on files each version knows; later ones know all of these.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_RIGHTS = 16
_TCP = 0b11  # bind, connect; from version 4
_SCOPES = 0b11  # abstract sockets, signals; from version 6

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _version() -> int:
    size, flag = ctypes.c_size_t(0), ctypes.c_uint(_VERSION)
    found = _libc.syscall(ctypes.c_long(_CREATE), None, size, flag)
    return max(0, int(found))


ABI = _version()  # 0: this kernel, or the container's filter, has none


def _check(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def _ruleset(abi: int, handled: int) -> int:
    fields = [handled]
    fields += [_TCP] if abi >= 4 else []
    fields += [_SCOPES] if abi >= 6 else []
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    number = ctypes.c_long(_CREATE)
    return _check(_libc.syscall(number, attributes, size, 0), "landlock ruleset")


def _allow(ruleset: int, path: str, rights: int) -> None:
    where = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, where)
        number = ctypes.c_long(_ADD_RULE)
        added = _libc.syscall(number, ruleset, _PATH_BENEATH, rule, 0)
        _check(added, f"landlock rule for {path}")
    finally:
        os.close(where)


def _readable(hidden: Collection[str]) -> list[str]:
    """The whole tree, or what is left of it without some of the root's folders."""
    if not hidden:
        return ["/"]
    shown = (f"/{name}" for name in os.listdir("/") if f"/{name}" not in hidden)
    return [path for path in shown if os.path.isdir(path)]


def restrict(
    folders: Iterable[str],
    abi: int = ABI,
    *,
    hidden: Collection[str] = (),
    devices: Iterable[str] = (),
) -> None:
    """Let this process write below ``folders`` only; for good. Needs no_new_privs.

    Args:
        hidden: folders of the root that it may not even read.
        devices: files of devices that may be written and commanded.

    Raises:
        OSError: the kernel has Landlock, of this version, and refuses.
    """
    if abi < 1:
        return
    handled = (1 << _RIGHTS.get(abi, _LATEST_RIGHTS)) - 1
    ruleset = _ruleset(abi, handled)
    try:
        for path in _readable(hidden):
            _allow(ruleset, path, _READ)
        _allow(ruleset, "/dev/null", (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
        for folder in folders:
            _allow(ruleset, folder, handled & ~_NEVER)
        for device in devices:
            _allow(ruleset, device, (READ_FILE | WRITE_FILE | IOCTL_DEV) & handled)
        number = ctypes.c_long(_RESTRICT_SELF)
        _check(_libc.syscall(number, ruleset, 0), "landlock")
    finally:
        os.close(ruleset)
