"""Submissions that look or reach beyond their container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.runner import landlock
from graders.sandbox.session import Failure
from tests.graders.sandbox.conftest import (
    Submit,
)

pytestmark = pytest.mark.usefixtures("nothing_is_left")
LIBC = "import ctypes; libc = ctypes.CDLL(None)\n"
PROJECT = Path(__file__).resolve().parents[3]


HIDDEN = (
    "/etc/passwd",
    "/etc/shadow",
    "/proc/self/mem",
    "/proc/self/environ",
    "/proc/1/environ",
    "/proc/self/maps",
    "/sys/kernel",
    "/dev/mem",
    "/dev/ptmx",
    "/var/run/docker.sock",
    str(PROJECT / "manage.py"),
    str(PROJECT / "var"),
    str(PROJECT / "exercises" / "tr_attention" / "reference.py"),
    str(PROJECT / "graders" / "sandbox" / "session.py"),
)


@pytest.mark.parametrize("path", HIDDEN)
def test_files_of_the_host_are_not_there(submit: Submit, path: str) -> None:
    outcome = submit(f"import os\ndef f(): return os.lstat({path!r})")
    assert outcome.error_type == "FileNotFoundError"


def test_the_project_cannot_be_imported(submit: Submit) -> None:
    source = (
        "import importlib.util as u\n"
        "def f(): return [bool(u.find_spec(n)) for n in ('exercises', 'graders',"
        " 'quizsite', 'django', 'celery', 'hypothesis')]"
    )
    assert submit(source).value["output"] == [False] * 6


def test_everything_but_tmpfs_is_read_only(submit: Submit) -> None:
    source = (
        "import os\ndef f():\n  wrote = []\n"
        "  for folder, _, _ in os.walk('/'):\n"
        "    try: open(folder + '/x', 'w').close(); wrote.append(folder)\n"
        "    except OSError: pass\n"
        "  return wrote\n"
    )
    assert submit(source).value["output"] in (
        ["/tmp", "/dev/shm"],
        ["/dev/shm", "/tmp"],
    )


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_scratch_space_is_bounded(submit: Submit, folder: str) -> None:
    source = (
        "def f():\n  for i in range(100):\n"
        f"    open(f'{folder}/{{i}}', 'wb').write(bytes(2 ** 20))\n"
    )
    assert submit(source).error_type == "OSError"
    many = (
        f"def f():\n  for i in range(10 ** 6): open(f'{folder}/{{i}}', 'w').close()\n"
    )
    assert submit(many).error_type == "OSError"


def test_the_environment_is_empty_and_descriptors_are_closed(submit: Submit) -> None:
    source = (
        "import os\ndef opened(fd):\n  try: os.fstat(fd); return True\n"
        "  except OSError: return False\n"
        "def f(): return sorted(os.environ), [fd for fd in range(256) if opened(fd)]"
    )
    assert submit(source).value["output"] == (["HOME", "LANG"], [0, 1, 2, 3])


def test_standard_input_is_empty(submit: Submit) -> None:
    assert submit("def f(): return input()").error_type == "EOFError"


VIOLATIONS = {
    **{
        f"socket of family {kind}": f"import socket; socket.socket({kind}, 1)"
        for kind in (2, 10, 16, 17, 38, 40)
    },
    "ptrace of the parent": LIBC + "libc.ptrace(16, 1, 0, 0)",
    "memory of another process": LIBC + "libc.process_vm_readv(1, 0, 0, 0, 0, 0)",
    "a user namespace": LIBC + "libc.unshare(0x10000000)",
    "another's namespace": LIBC + "libc.setns(3, 0)",
    "a mount": LIBC + "libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)",
    "uncovering /proc": LIBC + "libc.umount2(b'/proc', 2)",
    "a host name": "import socket; socket.sethostname('x')",
    "chroot": "import os; os.chroot('/tmp')",
    "root": "import os; os.setuid(0)",
    "capabilities": LIBC + "libc.capset(0, 0)",
    "io_uring": LIBC + "libc.syscall(425, 8, 0)",
    "bpf": LIBC + "libc.syscall(321, 0, 0, 0)",
    "perf": LIBC + "libc.syscall(298, 0, 0, 0, 0, 0)",
    "keys": LIBC + "libc.syscall(250, 0)",
    "userfaultfd": LIBC + "libc.syscall(323, 0)",
    "clone into namespaces": LIBC + "libc.syscall(56, 0x10000011, 0, 0, 0, 0)",
    "a call of x32": LIBC + "libc.syscall(0x40000000 + 39)",
}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
@pytest.mark.parametrize("source", VIOLATIONS.values(), ids=VIOLATIONS)
def test_clearly_hostile_calls_are_violations(submit: Submit, source: str) -> None:
    assert submit(source + "\ndef f(): pass").failure is Failure.VIOLATION


def test_a_violation_names_what_was_tried_and_where(submit: Submit) -> None:
    outcome = submit("import socket\ndef f():\n    socket.socket()\n")
    assert outcome.error_message == "socket.__new__"
    assert 'File "solution.py", line 3, in f' in outcome.traceback


REFUSED = {
    "fork": "import os; os.fork()",
    "a process": "import multiprocessing as m; m.Process(target=print).start()",
    "a command": "import subprocess; subprocess.run(['/bin/sh'])",
    "another program": "import os, sys; os.execv(sys.executable or '/x', ['x'])",
    "a local socket": "import socket; socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "import socket; socket.socketpair()",
    "a file in memory": "import os; os.memfd_create('x')",
    "higher limits": "import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))",
    "workers of a DataLoader": (
        "import torch.utils.data as d\nlist(d.DataLoader([1, 2], num_workers=2))"
    ),
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_what_libraries_try_too_is_refused_at_the_students_line(
    submit: Submit, source: str
) -> None:
    outcome = submit(source + "\ndef f(): pass")
    assert outcome.failure is Failure.RAISED
    assert "solution.py" in outcome.traceback
    assert outcome.error_type in ("PermissionError", "FileNotFoundError", "ValueError")


def test_threads_are_few(submit: Submit) -> None:
    source = (
        "import threading, time\ndef f(n):\n"
        "  threads = [threading.Thread(target=time.sleep, args=(9,), daemon=True)"
        " for _ in range(n)]\n"
        "  for t in threads: t.start()\n"
        "  return threading.active_count()\n"
    )
    assert submit(source, 8).value["output"] == 9
    many = submit("import threading; threading.stack_size(2 ** 16)\n" + source, 5000)
    assert many.failure in (Failure.RAISED, Failure.MEMORY)


SIGNALS = {
    "to the parent": "os.kill(os.getppid(), 9)",
    "to the group, where the zygote might be": "os.kill(0, 9)",
    "stop to itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "kill to itself": "os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.mark.parametrize("call", SIGNALS.values(), ids=SIGNALS)
def test_signals_reach_nobody(submit: Submit, call: str) -> None:
    outcome = submit(f"import os, signal\ndef f():\n  {call}\n  return 'alive'\n")
    assert outcome.value["output"] == "alive"


@pytest.mark.parametrize("call", ["os.kill(-1, 9)", "os.killpg(os.getpgrp(), 9)"])
def test_a_signal_to_all_finds_nobody(submit: Submit, call: str) -> None:
    outcome = submit(f"import os\ndef f(): {call}")
    assert outcome.error_type == "ProcessLookupError"


def test_atexit_and_threads_do_not_outlive_the_job(submit: Submit) -> None:
    source = (
        "import atexit, threading, time\n"
        "def spin():\n  while True: time.sleep(0.001)\n"
        "atexit.register(spin)\nthreading.Thread(target=spin).start()\n"
        "def f(): return 1\n"
    )
    assert submit(source).value["output"] == 1


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="machine code of x86-64")
def test_the_entry_of_i386_is_no_way_around_the_filter(submit: Submit) -> None:
    source = (
        "import ctypes, mmap\ndef f():\n"
        "  page = mmap.mmap(-1, 4096, prot=7)\n"
        "  page.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))  # getpid\n"
        "  start = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "  return ctypes.CFUNCTYPE(ctypes.c_int)(start)()\n"
    )
    # A kernel without that entry answers with a fault.
    assert submit(source).failure in (Failure.VIOLATION, Failure.EXITED)


@pytest.mark.skipif(not landlock.ABI, reason="the kernel has no Landlock")
def test_a_file_that_only_landlock_guards_cannot_be_written(submit: Submit) -> None:
    outcome = submit("def f(): open('/dev/zero', 'w')")
    assert outcome.error_type == "PermissionError"
    assert submit("def f(): open('/dev/null', 'w').close()").ok
