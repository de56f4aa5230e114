"""The system call filter, evaluated as the kernel would."""

from __future__ import annotations

import ctypes
import ctypes.util

import pytest

from graders.runner import clone, seccomp
from graders.runner.seccomp import ALLOW, ARCHITECTURES, ENOSYS, EPERM, KILL
from graders.runner.syscalls import DRIVER, TABLE, Act
from tests.graders.runner.bpf import verdict

X86, X86_COLUMN = ARCHITECTURES["x86_64"]
I386 = 0x40000003
THREAD = 0x003D0F00  # the flags glibc's pthread_create passes
FORK = 0x01200011  # and its fork

OUTSIDE = set(range(600)) - {row[0] for row in TABLE.values()}


def ask(name: str, *arguments: int, machine: str = "x86_64", gpu: bool = False) -> int:
    arch, column = ARCHITECTURES[machine]
    number = {**TABLE, **DRIVER}[name][column]
    assert isinstance(number, int)
    return verdict(seccomp.assemble(machine, gpu=gpu), arch, number, arguments)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_row_does_what_the_table_says(machine: str) -> None:
    arch, column = ARCHITECTURES[machine]
    program = seccomp.assemble(machine)
    actions = {Act.ALLOW: ALLOW, Act.KILL: KILL, Act.ABSENT: ENOSYS}
    for name, row in TABLE.items():
        number, act = row[column], row[2]
        if isinstance(number, int) and act is not Act.INSPECT:
            assert verdict(program, arch, number) == actions[act], name


def test_what_no_row_names_is_refused() -> None:
    program = seccomp.assemble("x86_64")
    assert {verdict(program, X86, number) for number in OUTSIDE} == {EPERM}


@pytest.mark.parametrize("arch", [I386, 0, ARCHITECTURES["aarch64"][0]])
def test_another_architecture_is_killed_whatever_it_calls(arch: int) -> None:
    program = seccomp.assemble("x86_64")
    assert {verdict(program, arch, number) for number in range(600)} == {KILL}


def test_x32_is_killed_whatever_it_calls() -> None:
    program = seccomp.assemble("x86_64")
    numbers = (seccomp.X32_BIT + number for number in range(600))
    assert {verdict(program, X86, number) for number in numbers} == {KILL}


@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("clone", (THREAD,), ALLOW),
        ("clone", (FORK,), EPERM),
        ("clone", (0x4111,), EPERM),  # vfork
        ("clone", (clone.CLONE_NEWUSER | 17,), KILL),
        ("clone", (clone.CLONE_NEWNET | THREAD,), KILL),
        ("clone", (THREAD | 1 << 40,), ALLOW),  # the kernel reads the low word
        ("clone3", (0,), ENOSYS),
        ("openat2", (0,), ENOSYS),
        ("socket", (1,), EPERM),
        ("socket", (2,), KILL),
        ("socket", (10,), KILL),
        ("socket", (16,), KILL),
        ("socket", (1 << 32 | 2,), KILL),
        ("prctl", (15,), ALLOW),
        ("prctl", (1,), EPERM),  # PR_SET_PDEATHSIG
        ("prctl", (22,), EPERM),  # PR_SET_SECCOMP
        ("ioctl", (1, 0x5401), ALLOW),
        ("ioctl", (1, 0x5412), EPERM),  # TIOCSTI
        ("ioctl", (1, 1 << 32 | 0x5412), EPERM),
        ("fcntl", (3, 3), ALLOW),
        ("fcntl", (3, 1024), EPERM),  # F_SETLEASE
        ("prlimit64", (0, 9, 0), ALLOW),
        ("prlimit64", (0, 9, 0x7FFF0000), EPERM),
        ("prlimit64", (0, 9, 1 << 32), EPERM),
    ],
)
def test_arguments_decide(name: str, arguments: tuple[int, ...], action: int) -> None:
    assert ask(name, *arguments) == action


ME, ZYGOTE = 7, 6


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("kill", (ME, 6), EPERM),
        ("kill", (ZYGOTE, 9), EPERM),
        ("kill", (1, 9), EPERM),
        ("kill", (0, 9), EPERM),
        ("kill", (2**64 - 1, 9), EPERM),  # everybody
        ("kill", (2**64 - ME, 9), EPERM),  # a group
        ("kill", (1 << 32 | ZYGOTE, 9), EPERM),  # the kernel reads the low word
        ("tgkill", (ME, ME, 6), ALLOW),
        ("tgkill", (ME, ME, 9), EPERM),  # it would look like the kernel's
        ("tgkill", (ZYGOTE, ZYGOTE, 6), EPERM),
        ("tkill", (ME, 9), EPERM),
        ("read", (0,), ALLOW),  # the other filter has a say too
    ],
)
def test_who_is_not_alone_may_signal_nobody_else(
    name: str, arguments: tuple[int, ...], action: int, machine: str
) -> None:
    arch, column = ARCHITECTURES[machine]
    number = TABLE[name][column]
    assert isinstance(number, int)
    program = seccomp.signals_to_nobody(ME, machine)
    assert verdict(program, arch, number, arguments) == action


@pytest.mark.parametrize("kind", [*range(2, 46)])
def test_no_family_of_sockets_is_had(kind: int) -> None:
    assert ask("socket", kind) == KILL


def test_every_inspected_call_has_a_rule_and_the_other_way_round() -> None:
    inspected = {name for name, row in TABLE.items() if row[2] is Act.INSPECT}
    assert inspected == set(seccomp.RULES) == set(seccomp.DRIVER_RULES)


# --- with a GPU


@pytest.mark.parametrize(
    ("name", "arguments", "with_gpu", "without"),
    [
        ("memfd_create", (), ALLOW, EPERM),
        ("get_mempolicy", (), ALLOW, EPERM),
        ("ioctl", (3, 0xC00846C8), ALLOW, EPERM),  # of nvidiactl
        ("ioctl", (3, 0xC020462A), ALLOW, EPERM),
        ("ioctl", (3, 0x30000001), ALLOW, EPERM),  # of nvidia-uvm
        ("ioctl", (3, 0x30000002), ALLOW, EPERM),
        ("ioctl", (3, 25), ALLOW, EPERM),
        ("ioctl", (3, 127), ALLOW, EPERM),
        ("ioctl", (3, 128), EPERM, EPERM),
        ("ioctl", (3, 0x30000003), EPERM, EPERM),
        ("ioctl", (1, 0x5401), ALLOW, ALLOW),  # of a terminal
        ("ioctl", (1, 0x5412), EPERM, EPERM),
        ("ioctl", (1, 1 << 32 | 0x5412), EPERM, EPERM),
        ("ioctl", (3, 0xC01064B3), EPERM, EPERM),  # of a display
        ("ioctl", (3, 0x46 << 16), EPERM, EPERM),  # the same byte elsewhere
        ("socket", (16,), EPERM, KILL),  # netlink
        ("socket", (1,), EPERM, EPERM),
        ("socket", (2,), KILL, KILL),
    ],
)
def test_a_driver_is_let_through_where_there_is_a_gpu(
    name: str, arguments: tuple[int, ...], with_gpu: int, without: int
) -> None:
    assert ask(name, *arguments, gpu=True) == with_gpu
    assert ask(name, *arguments) == without


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_everything_else_is_the_same_with_a_gpu(machine: str) -> None:
    for name, row in TABLE.items():
        number = row[ARCHITECTURES[machine][1]]
        if isinstance(number, int) and name not in ("ioctl", "socket"):
            pair = [ask(name, machine=machine, gpu=gpu) for gpu in (True, False)]
            assert pair[0] == pair[1], name


def test_what_no_row_names_is_refused_with_a_gpu_too() -> None:
    program = seccomp.assemble("x86_64", gpu=True)
    outside = OUTSIDE - {row[0] for row in DRIVER.values()}
    assert {verdict(program, X86, number) for number in outside} == {EPERM}


@pytest.mark.parametrize(
    "name",
    [
        *("ptrace", "process_vm_writev", "bpf", "perf_event_open", "userfaultfd"),
        *("keyctl", "io_uring_setup", "unshare", "setns", "mount", "umount2"),
        *("pivot_root", "chroot", "setuid", "capset", "open_by_handle_at"),
    ],
)
def test_clearly_hostile_calls_kill(name: str) -> None:
    assert ask(name) == KILL


@pytest.mark.parametrize(
    "name", ["execve", "execveat", "fork", "vfork", "memfd_create", "connect", "shmget"]
)
def test_what_is_only_unwanted_is_not_in_the_table(name: str) -> None:
    assert name not in TABLE


def test_a_machine_without_a_table_is_refused_clearly() -> None:
    with pytest.raises(NotImplementedError, match="riscv64"):
        seccomp.assemble("riscv64")


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_are_those_of_libseccomp(machine: str) -> None:
    library = ctypes.util.find_library("seccomp")
    assert library, "libseccomp2 is not installed: make setup"
    resolve = ctypes.CDLL(library).seccomp_syscall_resolve_name_arch
    arch, column = ARCHITECTURES[machine]
    for name, row in {**TABLE, **DRIVER}.items():
        known = resolve(ctypes.c_uint32(arch), name.encode())
        if known >= 0:  # -1: newer than the library; below: not on this machine
            assert row[column] == known, name
        elif known < -1:
            assert row[column] is None, name
