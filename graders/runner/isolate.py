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

With a GPU three things are otherwise. The driver is shown the files that it reads
(``driver_files``), the filter and Landlock let it speak to its devices, and the address
space cannot be bounded: CUDA reserves more of it than there is memory. What is bounded
then is private memory, which numpy's and torch's is; memory that is shared, of which
the driver makes some too, only the container's own limit holds.
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

from . import device, driver_files, dumpable, landlock, mounts, seccomp

CHANNEL = 3  # the descriptor of the runner's socket; 0, 1, 2 are as usual
UID = 1000  # inside; outside it is the zygote's
_SCRATCH = ("/tmp", "/dev/shm")  # all that can be written
_KINDS = ("user", "pid", "mnt", "ipc", "uts", "net", "cgroup")  # of namespaces

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
_DRIVER_MB = 2048  # of private memory that CUDA's libraries may take for themselves

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


def _mounts(limits: Limits, *, gpu: bool) -> None:
    mounts.make_private()
    for folder in _SCRATCH:
        mounts.tmpfs(folder, limits.scratch_mb)
    if gpu:
        driver_files.show()
    for path in _COVERED:
        if os.path.isdir(path) and not (gpu and path in driver_files.SHOWN):
            mounts.tmpfs(path, 1, read_only=True)


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
    return _statm(0)


def private_memory() -> int:
    """Bytes of memory that are this process's own, as ``RLIMIT_DATA`` counts them."""
    return _statm(5)


def _statm(field: int) -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[field]) * resource.getpagesize()


def _bounds(limits: Limits, origin: Origin) -> dict[int, int]:
    """What the kernel counts, and how far it may go."""
    memory = origin.occupied + limits.memory_mb * _MEGABYTE
    if origin.gpu:  # the driver's memory files may be longer than what is scratched
        driver = memory + _DRIVER_MB * _MEGABYTE
        file_size = limits.memory_mb * _MEGABYTE
        return {resource.RLIMIT_DATA: driver, resource.RLIMIT_FSIZE: file_size}
    # The address space is what can be bounded without cgroups: RLIMIT_DATA does
    # not count shared anonymous memory.
    scratch = limits.scratch_mb * _MEGABYTE
    return {resource.RLIMIT_AS: memory, resource.RLIMIT_FSIZE: scratch}


def _ceilings(limits: Limits, origin: Origin) -> None:
    for which, value in {
        **_bounds(limits, origin),
        resource.RLIMIT_NPROC: limits.threads,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_CPU: limits.cpu_s,
    }.items():
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
    """Leave nothing of the container's but what CUDA reads; once, in the zygote."""
    kept = {name: os.environ.get(name, "") for name in device.VARIABLES}
    os.environ.clear()
    os.environ.update(HOME="/tmp", LANG="C.UTF-8")
    os.environ.update({name: value for name, value in kept.items() if value})


@dataclass(frozen=True, slots=True)
class Origin:
    """What a runner must know of the zygote that it is a copy of."""

    uid: int
    gid: int
    gpu: bool  # whether the container has one
    occupied: int  # bytes of what is bounded, before the runner takes any
    namespaces: Mapping[str, str]
    filter: seccomp.Filter

    @classmethod
    def here(cls) -> Origin:
        """This process, about to be copied."""
        ids, gpu = (os.getuid(), os.getgid()), device.present()
        occupied = private_memory() if gpu else address_space()
        return cls(*ids, gpu, occupied, _namespaces(), seccomp.Filter(gpu=gpu))


def enter(limits: Limits, channel: int, printed: int, origin: Origin) -> None:
    """Isolate this process for good.

    Raises:
        OSError: a layer cannot be had; then nothing may be run here.
    """
    _refuse_shared_namespaces(origin)
    _write("/proc/self/oom_score_adj", "1000")  # if memory runs out, this one goes
    _map_ids(origin.uid, origin.gid)
    os.setsid()
    _mounts(limits, gpu=origin.gpu)
    _descriptors(channel, printed)
    os.chdir("/tmp")
    _reseed()
    _ceilings(limits, origin)
    _drop_capabilities()
    if origin.gpu:
        folders = (*_SCRATCH, driver_files.NAMES)
        landlock.restrict(folders, devices=device.files())
    else:
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
    if origin.gpu:
        raise OSError(errno.ENOTSUP, "with a GPU a runner needs its own namespaces")
    dumpable.show()
    _write("/proc/self/oom_score_adj", "1000")
    dumpable.hide()
    os.setsid()
    _descriptors(channel, printed)
    os.chdir("/tmp")
    _reseed()
    _ceilings(limits, origin)
    _renounce()
    landlock.restrict(_SCRATCH, hidden=_COVERED)
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "pdeathsig")
    seccomp.Filter(seccomp.signals_to_nobody(os.getpid())).install()
    origin.filter.install()
