"""Hostile submissions: each ends as it should, and the next good one works.

One zygote lives through all of them, so whatever one breaks the next ones show.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from graders.sandbox.bench import _below
from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure, Job, Opaque, RunnerLimits
from tests.graders.sandbox.conftest import QUICK, Submit
from tests.graders.sandbox.test_pool import works

SHORT = RunnerLimits(wall_s=0.3, memory_mb=256)
PROJECT = Path(__file__).resolve().parents[3]
LIBC = "import ctypes; libc = ctypes.CDLL(None)\n"
SYSCALL = LIBC + "def f(): libc.syscall({}); return 'alive'\n"


@pytest.fixture(autouse=True)
def _nothing_is_left(sandbox: ZygoteSandbox) -> Iterator[None]:
    """Afterwards a good submission works, in the same zygote, and nothing leaked."""
    works(sandbox)
    before = _census(sandbox)
    yield
    assert works(sandbox)
    assert _census(sandbox) == before


def _census(sandbox: ZygoteSandbox) -> dict[int, int]:
    """Processes of the sandbox and of this one, with their open descriptors."""
    processes = [os.getpid(), *_below(sandbox.process_id)]
    return {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in processes}


ENDLESS = {
    "a loop": "while True: pass",
    "a loop that catches all": (
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass"
    ),
    "sleep": "import time; time.sleep(10 ** 6)",
    "a lock": "import threading; l = threading.Lock(); l.acquire(); l.acquire()",
    "a read of the channel": "import os; os.read(3, 1)",
    "a huge power": "x = 9 ** (9 ** 9)",
    "a loop in C that holds the GIL": "sum(iter(int, 1))",
    "ignored signals": (
        "import signal\nfor s in range(1, 65):\n"
        "  try: signal.signal(s, signal.SIG_IGN)\n"
        "  except (OSError, ValueError): pass\n"
        "while True: pass"
    ),
    "forks that are refused, for ever": (
        "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
    ),
    "threads that spin": (
        "import threading\ndef g():\n  while True: pass\n"
        "for _ in range(8): threading.Thread(target=g).start()\ng()"
    ),
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_ended(submit: Submit, source: str) -> None:
    assert submit(source + "\ndef f(): pass", limits=SHORT).failure is Failure.TIME


def test_a_case_has_its_own_deadline(submit: Submit) -> None:
    outcome = submit("def f():\n  while True: pass", limits=SHORT)
    assert outcome.failure is Failure.TIME
    assert outcome.wall_ms >= 300


GREEDY = {
    "20 GB in a tensor": "import torch; torch.zeros(5 * 2 ** 30)",
    "20 GB in Python": "bytearray(20 * 2 ** 30)",
    "20 GB in a list": "[0] * (5 * 2 ** 29)",
    "20 GB shared": "import mmap; mmap.mmap(-1, 20 * 2 ** 30)",
    "piece by piece": "x = []\nwhile True: x.append(bytearray(2 ** 24))",
}


@pytest.mark.parametrize("source", GREEDY.values(), ids=GREEDY)
def test_memory_is_bounded(submit: Submit, source: str) -> None:
    assert submit(source + "\ndef f(): pass").failure is Failure.MEMORY


FLOODS = {
    "print": "while True: print('x' * 1000)",
    "stderr": "import sys\nwhile True: sys.stderr.write('x' * 1000)",
    "the descriptor": "import os\nwhile True: os.write(2, b'x' * 1000)",
    "from a thread": (
        "import threading, time\ndef g():\n  while True: print('x' * 1000)\n"
        "threading.Thread(target=g).start(); time.sleep(100)"
    ),
}


@pytest.mark.parametrize("source", FLOODS.values(), ids=FLOODS)
def test_printing_is_bounded(submit: Submit, source: str) -> None:
    outcome = submit(source + "\ndef f(): pass")
    assert outcome.failure is Failure.OUTPUT
    assert len(outcome.stdout) == QUICK.stdout_bytes


ENDS = {
    "os._exit": ("import os; os._exit(0)", "exit status 0"),
    "sys.exit": ("import sys; sys.exit(0)", "0"),
    "raise SystemExit": ("raise SystemExit", ""),
    "a bad pointer": (LIBC + "ctypes.string_at(1)", "SIGSEGV"),
    "abort": ("import os; os.abort()", "SIG"),
    "closing everything": ("import os; os.closerange(0, 256)", "exit status"),
    "exit of a thread's making": (
        "import threading, os, time\n"
        "threading.Thread(target=os._exit, args=(3,)).start(); time.sleep(100)",
        "exit status 3",
    ),
}


@pytest.mark.parametrize(("source", "message"), ENDS.values(), ids=ENDS)
def test_an_end_is_an_end_whatever_its_status(
    submit: Submit, source: str, message: str
) -> None:
    outcome = submit(source + "\ndef f(): pass")
    assert outcome.failure is Failure.EXITED
    assert message in outcome.error_message


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


# --- forging ------------------------------------------------------------------

GARBAGE = {
    "noise to every descriptor": (
        "\n    for fd in range(256):\n        try: os.write(fd, os.urandom(4096))\n"
        "        except OSError: pass"
    ),
    "zeros": "os.write(3, bytes(4096))",
    "a frame of the relay": "os.write(3, bytes([6, 0, 0, 0, 1, 0, 0, 0, 1, 0]))",
    "pickle": "os.write(3, b'\\x80\\x04\\x95cos\\nsystem\\n(S\"true\"\\ntR.')",
    "an answer to another question": "serve._send({'seq': 77}, 1)",
    "an answer without a number": "serve._send({}, 1)",
    "a failure that only we may find": "serve._send({'seq': 1, 'failure': 'time'}, 1)",
    "a system fault": "serve._send({'seq': 1, 'failure': 'system_error'}, 1)",
    "a text that is none": "serve._send({'seq': 1, 'error_message': {'a': 1}}, 1)",
    "a trace that is none": "serve._send({'seq': 1, 'trace': [1]}, 1)",
    "notes without end": "\n    while True: serve._send({'note': 'x'}, None)",
}


@pytest.mark.parametrize("line", GARBAGE.values(), ids=GARBAGE)
def test_garbage_fails_the_case_and_nothing_else(submit: Submit, line: str) -> None:
    source = f"import os, sys\nfrom runner import serve\ndef f():\n    {line}\n"
    outcome = submit(source)
    assert outcome.failure in (Failure.GARBLED, Failure.OUTPUT)


def test_a_forged_answer_is_only_the_students_own_answer(submit: Submit) -> None:
    source = (
        "import os\nfrom runner import serve\n"
        "def f():\n  serve._send({'seq': 1}, {'output': 5, 'verdict': 'accepted'})\n"
        "  os._exit(0)\n"
    )
    assert submit(source).value == {"output": 5, "verdict": "accepted"}


def test_an_answer_before_the_question_is_garbled(sandbox: ZygoteSandbox) -> None:
    source = (
        "from runner import serve\ndef f(): return 1\n"
        "real = serve._reply\n"
        "def twice(*a):\n  real(*a)\n  real(*a)\n"
        "serve._reply = twice\n"
    )
    with sandbox.runner(Job(source, None, ("f",), QUICK)) as runner:
        runner.load()
        assert runner.run({"call": "f"}).ok
        assert runner.run({"call": "f"}).failure is Failure.GARBLED


def test_a_claim_of_many_bytes_that_never_come_runs_out_of_time(submit: Submit) -> None:
    source = (
        "import os, time\n"
        "def f():\n  os.write(3, b'\\0\\0\\1\\0' * 2)\n  time.sleep(99)"
    )
    assert submit(source, limits=SHORT).failure is Failure.TIME


HUGE = {
    "a tensor": "import torch\ndef f(): return torch.zeros(2 ** 25)",
    "a list": "def f(): return [0] * 200_000",
    "a string": "def f(): return 'x' * 10_000_000",
    "nesting": "def f():\n  x = []\n  for _ in range(500): x = [x]\n  return x",
    "a cycle": "def f():\n  x = []\n  x.append(x)\n  return x",
    "many strings": "def f(): return ['x' * 1000] * 5000",
}


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE)
def test_an_oversized_answer_is_refused(submit: Submit, source: str) -> None:
    assert submit(source).failure is Failure.OUTPUT


def test_messages_and_tracebacks_are_capped(submit: Submit) -> None:
    outcome = submit("def f(): raise ValueError('x' * 10 ** 7)")
    assert outcome.failure is Failure.RAISED
    assert len(outcome.error_message) <= 8192
    deep = submit("def f(): f()")
    assert deep.error_type == "RecursionError"
    assert len(deep.traceback) <= 8192


RUDE = {
    "its text": "class E(Exception):\n  def __str__(self): raise SystemExit",
    "its name": "E = type('E' * 10 ** 6, (Exception,), {})",
}


@pytest.mark.parametrize("source", RUDE.values(), ids=RUDE)
def test_a_rude_exception_is_the_students_failure(submit: Submit, source: str) -> None:
    outcome = submit(source + "\ndef f(): raise E\n")
    assert outcome.failure in (Failure.RAISED, Failure.EXITED)


LIARS = {
    "a subclass": (
        "class T(torch.Tensor): pass\ndef f(): return torch.ones(2).as_subclass(T)"
    ),
    "always equal": "class T:\n  __eq__ = lambda a, b: True\ndef f(): return T()",
    "a lying dict": "class T(dict): pass\ndef f(): return T(a=1)",
}


@pytest.mark.parametrize("source", LIARS.values(), ids=LIARS)
def test_a_foreign_type_never_reaches_the_comparison(
    submit: Submit, source: str
) -> None:
    outcome = submit("import torch\n" + source)
    assert outcome.value["output"] == Opaque("solution.T")


def test_replaced_functions_deceive_only_their_own_process(submit: Submit) -> None:
    source = (
        "import torch\ntorch.allclose = torch.equal = lambda *a, **k: True\n"
        "torch.Tensor.__eq__ = lambda *a: True\n"
        "def f(x): return x\n"
    )
    assert submit(source, torch.tensor([3.0])).value["output"].tolist() == [3.0]
    assert not torch.equal(torch.ones(1), torch.zeros(1))


def test_streams_of_the_students_own_do_not_hurt(submit: Submit) -> None:
    source = (
        "import io, sys\nclass S(io.StringIO):\n  def flush(self): raise OSError\n"
        "print('before')\nsys.stdout = S()\ndef f(): print('lost'); return 1\n"
    )
    assert submit(source).value["output"] == 1


def test_the_zygote_never_holds_a_submission(sandbox: ZygoteSandbox) -> None:
    """A runner is a copy of its memory: it would find the previous student's code."""
    marker = "secret_" + os.urandom(8).hex()
    source = f"{marker} = 1\nimport torch\ndef f(): return '{marker}', torch.ones(9)"
    with sandbox.runner(Job(source, None, ("f",), QUICK)) as runner:
        runner.load()
        assert runner.run({"call": "f"}).ok
    *_, relay, zygote = _below(sandbox.process_id)
    assert marker.encode() in _memory(relay)  # so the search does find things
    assert marker.encode() not in _memory(zygote)


def _memory(pid: int) -> bytes:
    """Everything a process can write to."""
    found = []
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, mode = line.split()[:2]
            if mode.startswith("rw"):
                start, end = (int(part, 16) for part in place.split("-"))
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)
