"""The system call filter of a runner: deny by default, as one literal table.

Theory of operation
-------------------
The kernel runs a small BPF program before every system call. It first kills what
comes through a foreign architecture's entry (i386's ``int 0x80``, x32), for there the
numbers mean other calls. Then the number is compared with each row of
:data:`runner.syscalls.TABLE`; a row either returns its action or, for the few calls
of :data:`RULES`, looks at one argument. What no row names returns EPERM.

Forks are refused, so one address space holds all a submission has and ``RLIMIT_AS``
bounds it. Threads pass; new namespaces kill. Arguments that are pointers cannot be
inspected (another thread may change what they point to), so no rule follows one:
``clone3`` and ``openat2``, which take structures, are absent instead.

A runner with a GPU gets a few rows and two rules more, for the driver's sake: commands
to the device files (which are all the device files there are), memory files, and no
death for a library that looks for a netlink socket: it is refused.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import platform
import signal
import struct
from dataclasses import dataclass

from .clone import NAMESPACES
from .syscalls import DRIVER, TABLE, Act

# linux/audit.h, and the column of TABLE
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
X32_BIT = 0x40000000

ALLOW = 0x7FFF0000
KILL = 0x80000000  # the whole process
EPERM = 0x00050000 | errno.EPERM
ENOSYS = 0x00050000 | errno.ENOSYS

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AND = 0x54
_NR, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data
_INSTRUCTION = struct.Struct("=HBBI")

CLONE_THREAD = 0x00010000


@dataclass(frozen=True, slots=True)
class OneOf:
    """Allowed when the argument's low word is one of these; else EPERM."""

    argument: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flags:
    """Killed by any bit of ``kill``, allowed by any of ``allow``; else EPERM."""

    argument: int
    kill: int
    allow: int


@dataclass(frozen=True, slots=True)
class Null:
    """Allowed when the argument is a null pointer; else EPERM."""

    argument: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """EPERM for these values of the argument's low word; any other is killed."""

    argument: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """Allowed for one of these, a plain number below, or this second byte; else EPERM.

    The second byte of an ioctl's number names the driver that it is meant for.
    """

    argument: int
    values: tuple[int, ...]
    below: int
    driver: int


Rule = OneOf | Flags | Null | Refuse | Commands
# TCGETS (isatty), FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_TERMINAL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
RULES: dict[str, Rule] = {
    "clone": Flags(0, kill=NAMESPACES, allow=CLONE_THREAD),
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
    "fcntl": OneOf(1, (0, 1, 2, 3, 4, 1030)),
    "ioctl": OneOf(1, _TERMINAL),
    # PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS
    "prctl": OneOf(0, (15, 16, 3, 21, 39)),
    "prlimit64": Null(2),  # reading limits; none is set
    # libc asks nscd over AF_UNIX when a home folder or a host name is looked up.
    "socket": Refuse(0, (1,)),
}
# Of nvidia-uvm (uvm_ioctl.h, uvm_linux_ioctl.h): UVM_INITIALIZE, UVM_DEINITIALIZE and
# numbers that are no more than numbers; all others of the driver are of the kind 'F'.
_UVM, _UVM_NUMBERS, _NVIDIA = (0x30000001, 0x30000002), 128, ord("F")
DRIVER_RULES: dict[str, Rule] = {
    **RULES,
    "ioctl": Commands(1, (*_TERMINAL, *_UVM), below=_UVM_NUMBERS, driver=_NVIDIA),
    "socket": Refuse(0, (1, 16)),
}
Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def _load(offset: int) -> Instruction:
    return (_LOAD, 0, 0, offset)


def _give(action: int) -> Instruction:
    return (_RETURN, 0, 0, action)


def _unless(test: int, constant: int, block: list[Instruction]) -> list[Instruction]:
    """Run ``block`` if the test holds, else step over it."""
    return [(test, 0, len(block), constant), *block]


def _any_of(values: tuple[int, ...], action: int) -> list[Instruction]:
    tests = (_unless(_EQUAL, value, [_give(action)]) for value in values)
    return list(itertools.chain.from_iterable(tests))


def _inspect(rule: Rule) -> list[Instruction]:
    low = _ARGS + 8 * rule.argument
    match rule:
        case OneOf(values=values):
            return [_load(low), *_any_of(values, ALLOW), _give(EPERM)]
        case Flags(kill=kill, allow=allow):
            return [
                _load(low),
                *_unless(_ANY_BIT, kill, [_give(KILL)]),
                *_unless(_ANY_BIT, allow, [_give(ALLOW)]),
                _give(EPERM),
            ]
        case Refuse(values=values):
            return [_load(low), *_any_of(values, EPERM), _give(KILL)]
        case Commands(values=values, below=below, driver=driver):
            return [
                _load(low),
                *_any_of(values, ALLOW),
                (_AT_LEAST, 1, 0, below),  # steps over what allows
                _give(ALLOW),
                (_AND, 0, 0, 0xFF00),
                *_unless(_EQUAL, driver << 8, [_give(ALLOW)]),
                _give(EPERM),
            ]
        case Null():
            high = [_load(low + 4), *_unless(_EQUAL, 0, [_give(ALLOW)])]
            return [_load(low), *_unless(_EQUAL, 0, high), _give(EPERM)]


def _row(act: Act, rule: Rule | None) -> list[Instruction]:
    if act is Act.INSPECT:
        assert rule
        return _inspect(rule)
    return [_give({Act.ALLOW: ALLOW, Act.ABSENT: ENOSYS, Act.KILL: KILL}[act])]


def assemble(machine: str | None = None, *, gpu: bool = False) -> list[Instruction]:
    """The whole filter for an architecture.

    Args:
        gpu: let through what the driver of a GPU needs.

    Raises:
        NotImplementedError: the table has no numbers for this machine.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise NotImplementedError(f"no system call table for {machine}")
    audit, column = ARCHITECTURES[machine]
    program = [_load(_ARCH), (_EQUAL, 1, 0, audit), _give(KILL), _load(_NR)]
    if machine == "x86_64":
        program += _unless(_AT_LEAST, X32_BIT, [_give(KILL)])
    rows, rules = ({**TABLE, **DRIVER}, DRIVER_RULES) if gpu else (TABLE, RULES)
    for name, (*numbers, act) in rows.items():
        number = numbers[column]
        if isinstance(number, int):
            program += _unless(_EQUAL, number, _row(act, rules.get(name)))
    return [*program, _give(EPERM)]


def signals_to_nobody(pid: int, machine: str | None = None) -> list[Instruction]:
    """A second filter for a process that is not alone in its pid namespace.

    It may raise a signal in itself, as ``abort`` does, but none that would pass for the
    kernel's kill. Of two filters the stricter answer counts.

    Args:
        pid: the process's own, in its namespace.
    """
    column = ARCHITECTURES[machine or platform.machine()][1]
    own = OneOf(0, (pid,))
    signal_number = _load(_ARGS + 8 * 2)
    rows = {
        "kill": [_give(EPERM)],
        "tkill": [_give(EPERM)],
        "tgkill": [signal_number, *_any_of((signal.SIGKILL,), EPERM), *_inspect(own)],
    }
    program = [_load(_NR)]
    for name, row in rows.items():
        number = TABLE[name][column]
        assert isinstance(number, int)
        program += _unless(_EQUAL, number, row)
    return [*program, _give(ALLOW)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_libc = ctypes.CDLL(None, use_errno=True)


class Filter:
    """A filter as the kernel reads it; the usual one is made once, in the zygote."""

    def __init__(
        self, program: list[Instruction] | None = None, *, gpu: bool = False
    ) -> None:
        program = program or assemble(gpu=gpu)
        code = b"".join(_INSTRUCTION.pack(*line) for line in program)
        self._code = ctypes.create_string_buffer(code, len(code))
        length = len(code) // _INSTRUCTION.size
        self._program = _Program(length, ctypes.addressof(self._code))

    def install(self) -> None:
        """Filter every later system call of this process; needs no_new_privs.

        Raises:
            OSError: the kernel takes no filter.
        """
        program = ctypes.byref(self._program)
        mode = (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)
        if _libc.prctl(*mode) != 0:
            error = ctypes.get_errno()
            raise OSError(error, f"seccomp: {os.strerror(error)}")
