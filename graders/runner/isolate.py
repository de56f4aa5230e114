"""What a runner does to itself before it reads a student's first byte.

Theory of operation
-------------------
The process has just been cloned into new user, pid, mount, ipc, uts, net and cgroup
namespaces (see ``clone``), where it has every capability over nothing but those. It
uses them to mount private tmpfs, then gives away, in this order and for good: its
process group (a signal to group 0 would reach the zygote, pid namespace or not), the
zygote's descriptors, resources beyond the limits, all capabilities, the right to
regain any, files beyond the scratch folders, and most of the system calls.

The root is read-only already, and other than the interpreter and its libraries holds
nothing. ``/proc`` is covered: torch does not need it, and it would show the zygote; so
are ``/sys`` and ``/run``, which only some kinds of container have.
The process is pid 1 of its namespace, so its end kills whatever it has started.

Where namespaces cannot be had (gVisor's kernel has some of them, but lets nobody mount
in them) a container may serve one submission and go: :func:`enter_alone`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import random
import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from . import dumpable, landlock, seccomp

CHANNEL = 3  # the descriptor of the runner's socket; 0, 1, 2 are as usual
UID = 1000  # inside; outside it is the zygote's
_SCRATCH = ("/tmp", "/dev/shm")  # all that can be written
_KINDS = ("user", "pid", "mnt", "ipc", "uts", "net", "cgroup")  # of namespaces

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REC, _MS_PRIVATE = 1 << 14, 1 << 18
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 1, 24, 28
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_SECUREBITS_LOCKED = 0xEF  # all, and locked, but keep-caps, which is locked off
_SIGKILL = 9
_MEGABYTE = 1 << 20
# They tell of the host and of other runners; orchestrators put secrets and engines a
# shared scratch folder below /var.
_COVERED = ("/proc", "/sys", "/run", "/var")
# gVisor has no POSIX message queues, and refuses a limit to what it has not.
_HAS_QUEUES = os.path.isdir("/proc/sys/fs/mqueue")

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings that the kernel keeps inside the runner."""

    memory_mb: int = 512  # above the zygote's own size
    scratch_mb: int = 32  # of /tmp, and again of /dev/shm
    threads: int = 64
    files: int = 256
    cpu_s: int = 600  # a backstop: the grader's clock comes first


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _namespaces() -> dict[str, str]:
    """Those that this process is in, by kind, as far as the kernel has such."""
    found = {}
    for kind in _KINDS:
        with contextlib.suppress(FileNotFoundError):
            found[kind] = os.readlink(f"/proc/self/ns/{kind}")
    return found


def _refuse_shared_namespaces(origin: Origin) -> None:
    """A kernel may ignore the flags that it does not know."""
    ours = _namespaces()
    for kind in _KINDS:
        if ours.get(kind) in (None, origin.namespaces.get(kind)):
            raise OSError(errno.ENOSYS, f"no {kind} namespace of its own")


def _map_ids(uid: int, gid: int) -> None:
    """Give the one outer id a name inside; without it tmpfs belongs to nobody."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{UID} {uid} 1")
    _write("/proc/self/gid_map", f"{UID} {gid} 1")


def _mount_tmpfs(where: str, size_mb: int, flags: int = 0) -> None:
    options = f"size={size_mb}m,nr_inodes=4096,mode=700".encode()
    flags |= _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    path = where.encode()
    _check(_libc.mount(b"tmpfs", path, b"tmpfs", flags, options), f"tmpfs {where}")


def _mounts(limits: Limits) -> None:
    private = _MS_REC | _MS_PRIVATE
    _check(_libc.mount(None, b"/", None, private, None), "private mounts")
    for folder in _SCRATCH:
        _mount_tmpfs(folder, limits.scratch_mb)
    for path in _COVERED:
        if os.path.isdir(path):
            _mount_tmpfs(path, 1, _MS_RDONLY)


def _descriptors(channel: int, printed: int) -> None:
    """Keep the channel and the output pipe; close all else."""
    null = os.open("/dev/null", os.O_RDONLY)
    # Out of the way first: the numbers may overlap.
    high = [os.dup(fd) for fd in (null, printed, printed, channel)]
    for target, fd in enumerate(high):
        os.dup2(fd, target)
    os.closerange(CHANNEL + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def address_space() -> int:
    """Bytes of address space in use; where /proc is covered it cannot be read."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def _ceilings(limits: Limits, occupied: int) -> None:
    # The address space is what can be bounded without cgroups: RLIMIT_DATA does
    # not count shared anonymous memory.
    memory = occupied + limits.memory_mb * _MEGABYTE
    for which, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, limits.threads),
        (resource.RLIMIT_FSIZE, limits.scratch_mb * _MEGABYTE),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CPU, limits.cpu_s),
    ):
        if which != resource.RLIMIT_MSGQUEUE or _HAS_QUEUES:
            resource.setrlimit(which, (value, value))


def _drop_capabilities() -> None:
    _check(_libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS_LOCKED, 0, 0, 0), "securebits")
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1  # ends with EINVAL after the kernel's last one
    ambient = (_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _check(_libc.prctl(*ambient), "ambient capabilities")
    _renounce()


def _renounce() -> None:
    """Keep no capability, and no way to gain one from a file."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def _refuse_root() -> None:
    """Where nothing maps ids, root would be the container's."""
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise OSError(errno.EPERM, "a runner must not be root")


def _reseed() -> None:
    """No two runners share random numbers, nor any with the zygote."""
    seed = int.from_bytes(os.urandom(8), "little")
    random.seed(seed)
    torch.default_generator.manual_seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)


def scrub_environment() -> None:
    """Leave nothing of the container's; once, in the zygote."""
    os.environ.clear()
    os.environ.update(HOME="/tmp", LANG="C.UTF-8")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a runner must know of the zygote that it is a copy of."""

    uid: int
    gid: int
    occupied: int  # bytes of address space
    namespaces: Mapping[str, str]
    filter: seccomp.Filter

    @classmethod
    def here(cls) -> Origin:
        """This process, about to be copied."""
        ids, namespaces = (os.getuid(), os.getgid()), _namespaces()
        return cls(*ids, address_space(), namespaces, seccomp.Filter())


def enter(limits: Limits, channel: int, printed: int, origin: Origin) -> None:
    """Isolate this process for good.

    Raises:
        OSError: a layer cannot be had; then nothing may be run here.
    """
    _refuse_shared_namespaces(origin)
    _write("/proc/self/oom_score_adj", "1000")  # if memory runs out, this one goes
    _map_ids(origin.uid, origin.gid)
    os.setsid()
    _mounts(limits)
    _descriptors(channel, printed)
    os.chdir("/tmp")
    _reseed()
    _ceilings(limits, origin.occupied)
    _drop_capabilities()
    landlock.restrict(_SCRATCH)
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "pdeathsig")
    origin.filter.install()


def enter_alone(limits: Limits, channel: int, printed: int, origin: Origin) -> None:
    """Isolate this process for good, in a container that nobody else will use.

    No network, a read-only root and small tmpfs are then the container's own. What the
    runner shares, with relay and zygote only, are ``/proc`` and a pid namespace. So the
    relay is another user, the zygote is not dumpable and has nothing open that could be
    opened again (gVisor's ``/proc`` would show it), and nobody can be sent signals.

    Raises:
        OSError: a layer cannot be had; then nothing may be run here.
    """
    _refuse_root()
    dumpable.show()
    _write("/proc/self/oom_score_adj", "1000")
    dumpable.hide()
    os.setsid()
    _descriptors(channel, printed)
    os.chdir("/tmp")
    _reseed()
    _ceilings(limits, origin.occupied)
    _renounce()
    landlock.restrict(_SCRATCH, hidden=_COVERED)
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "pdeathsig")
    seccomp.Filter(seccomp.signals_to_nobody(os.getpid())).install()
    origin.filter.install()
