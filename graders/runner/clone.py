"""One ``clone`` from a zygote that has torch imported.

Theory of operation
-------------------
``fork`` followed by ``unshare`` would need a second fork, for a new pid namespace
holds only children. So the system call ``clone`` is made directly, with all namespace
flags at once. glibc and CPython both keep state that their own ``fork`` would mend:

* CPython: ``PyOS_BeforeFork`` takes the import lock, ``PyOS_AfterFork_Child`` renews
  the GIL and the thread list and runs ``os.register_at_fork`` callbacks. They are
  called here around the system call, as ``os.fork`` does.
* glibc: every thread caches its thread id and trusts it as the owner of recursive
  mutexes. ``CLONE_CHILD_SETTID`` makes the kernel write the child's id to the same
  place, as glibc's own ``fork`` does. ``PR_GET_TID_ADDRESS`` says where that is.
* Locks of malloc and stdio, and ``pthread_atfork`` handlers, matter only if another
  thread could hold them. The zygote has exactly one thread; that is asserted.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal

CLONE_PIDFD = 0x00001000
CLONE_CHILD_CLEARTID = 0x00200000
CLONE_CHILD_SETTID = 0x01000000
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

NAMESPACES = (
    CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNS
    | CLONE_NEWIPC
    | CLONE_NEWUTS
    | CLONE_NEWNET
    | CLONE_NEWCGROUP
)
_FLAGS = CLONE_PIDFD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | signal.SIGCHLD

_PR_GET_TID_ADDRESS = 40
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}

# PyDLL keeps the GIL: nothing else may run between the hooks.
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def thread_count() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def _tid_address() -> int:
    """Where glibc keeps this thread's id."""
    address = ctypes.c_void_p()
    if _libc.prctl(_PR_GET_TID_ADDRESS, ctypes.byref(address), 0, 0, 0) == 0:
        return address.value or 0
    return 0


def _arguments(pidfd: ctypes.c_int, tid: int, namespaces: int) -> list[object]:
    machine = platform.machine()
    flags = ctypes.c_ulong(_FLAGS | namespaces)
    parent_tid, child_tid = ctypes.byref(pidfd), ctypes.c_void_p(tid)
    none = ctypes.c_void_p(0)
    number = ctypes.c_long(_SYS_CLONE[machine])
    if machine == "aarch64":  # there the last two are the other way round
        return [number, flags, none, parent_tid, none, child_tid]
    return [number, flags, none, parent_tid, child_tid, none]


def clone(namespaces: int = NAMESPACES) -> tuple[int, int]:
    """Clone this process into new namespaces.

    Returns:
        (0, -1) in the child; the child's pid and a pidfd of it in the parent.

    Raises:
        OSError: the kernel refuses, for instance unprivileged user namespaces.
    """
    pidfd = ctypes.c_int(-1)
    arguments = _arguments(pidfd, _tid_address(), namespaces)
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _libc.syscall(*arguments)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0, -1
    error = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(error, f"clone: {os.strerror(error)}")
    if pidfd.value < 0:  # gVisor's leaves out what it does not know
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise OSError(errno.ENOSYS, "clone: this kernel gives no pidfd")
    return int(pid), pidfd.value
