"""Attacks on the system call filter, made from its own table.

Whatever the table says to kill for is called, and so is every number that it does not
know; of the calls whose arguments decide, with arguments that it should refuse.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator

from graders.runner import clone
from graders.runner.seccomp import ARCHITECTURES, DRIVER_RULES, RULES
from graders.runner.syscalls import DRIVER, TABLE, Act
from graders.sandbox.attack import Attack, Layer, looks
from graders.sandbox.session import Failure

MACHINE = platform.machine()
_COLUMN = ARCHITECTURES.get(MACHINE, (0, 0))[1]
_CALLS = 600  # numbers of system calls, with room for new ones
_FAMILIES = 46  # of sockets
# uretprobe, uprobe: of the kernel's own trampolines. It asks no filter, and answers
# anybody else with SIGILL.
_NEVER_FILTERED = {335, 336} if MACHINE == "x86_64" else set()
_LIBC = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"


def _number(name: str) -> int | None:
    number = TABLE[name][_COLUMN]
    return number if isinstance(number, int) else None


def _killed(what: str, body: str) -> Attack:
    return Attack(what, _LIBC + body, (Failure.VIOLATION,))


def _call(number: int | None, *arguments: int) -> str:
    return f"libc.syscall({', '.join(map(str, (number, *arguments)))})"


def _hostile_calls() -> Iterator[Attack]:
    """io_uring, bpf, perf, keys, userfaultfd, ptrace, mounts, clocks, identities…"""
    telling = ("ptrace", "io_uring_setup")
    named = sorted(TABLE, key=lambda name: name not in telling)
    for name in named:
        number = _number(name)
        if TABLE[name][2] is Act.KILL and number is not None:
            yield _killed(name, _call(number, *[0] * 6))


def _sockets(*, gpu: bool = False) -> Iterator[Attack]:
    """All families but the local one, which libc itself tries."""
    allowed = getattr((DRIVER_RULES if gpu else RULES)["socket"], "values", ())
    for family in sorted(set(range(_FAMILIES)) - set(allowed), key=lambda n: n != 2):
        yield _killed(f"family {family}", _call(_number("socket"), family, 1, 0))


def _namespaces() -> Iterator[Attack]:
    names = [name for name in vars(clone) if name.startswith("CLONE_NEW")]
    for name in sorted(names, key=lambda name: name != "CLONE_NEWUSER"):
        flags = getattr(clone, name) | 17  # and SIGCHLD
        yield _killed(f"clone, {name}", _call(_number("clone"), flags, 0, 0, 0, 0))


_I386 = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes([0xB8, 101, 0, 0, 0, 0xCD, 0x80, 0xC3]))
start = ctypes.addressof(ctypes.c_char.from_buffer(page))
return ctypes.CFUNCTYPE(ctypes.c_int)(start)()
"""


def _other_architectures() -> Iterator[Attack]:
    """A kernel without such an entry answers with a fault.

    101 is ioperm there and ptrace here, should a kernel (gVisor's) mix them up.
    """
    ways = (Failure.VIOLATION, Failure.EXITED)
    if MACHINE == "x86_64":
        yield Attack("int 0x80 of i386", _I386, ways)
        yield _killed("getpid of x32", _call(0x40000000 + 39))


def _unknown_calls(*, gpu: bool = False) -> str:
    """Every number that no row of the table has, in one go."""
    table = {**TABLE, **DRIVER} if gpu else TABLE
    known = {row[_COLUMN] for row in table.values()}
    unknown = sorted(set(range(_CALLS)) - known - _NEVER_FILTERED)
    return f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
let_through = []
for number in {unknown}:
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
        let_through.append(number)
return let_through == []
"""


# argument by argument: what the rules of the inspected calls refuse
_REFUSED = {
    "clone": (17,),  # a fork
    "clone3": (0, 0),
    "openat2": (0, 0, 0, 0),
    "fcntl": (3, 1024, 0),  # F_SETLEASE
    "ioctl": (0, 0x5412, 0),  # TIOCSTI
    "prctl": (22, 0),  # PR_SET_SECCOMP
    "prlimit64": (0, 9, 1, 0),
    "socket": (1, 1, 0),
}


def _refused_arguments() -> str:
    calls = [(_number(name), *arguments) for name, arguments in _REFUSED.items()]
    return _LIBC + f"return all(libc.syscall(*call) == -1 for call in {calls})"


_PROGRAM = """
import os
try:
    os.execv('/nowhere', ['x'])
except OSError as error:
    return error.errno == 1  # refused before anybody looked for it
"""

_SOCKETS = "filter: no sockets of any family"
_UNKNOWN = "filter: no call that it does not know"
FILTER_LAYERS = (
    Layer(
        "filter: no processes",
        (Attack("", "import os; os.fork()", (Failure.RAISED,)),),
    ),
    looks("filter: no other programs", _PROGRAM),
    Layer(_SOCKETS, tuple(_sockets())),
    Layer("filter: no namespaces", tuple(_namespaces())),
    Layer("filter: calls that only mean harm", tuple(_hostile_calls()), few=2),
    Layer("filter: no calls of other architectures", tuple(_other_architectures())),
    looks(_UNKNOWN, _unknown_calls()),
    looks("filter: no arguments that it should refuse", _refused_arguments()),
)
# The same of a runner with a GPU, whose filter lets its driver do a little more.
GPU_FILTER_LAYERS = (
    Layer(_SOCKETS, tuple(_sockets(gpu=True))),
    looks(_UNKNOWN, _unknown_calls(gpu=True)),
)
