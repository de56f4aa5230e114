"""Submissions that take too much: time, memory, output, processes' ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.sandbox.session import Failure
from tests.graders.sandbox.conftest import (
    QUICK,
    SHORT,
    Submit,
)

pytestmark = pytest.mark.usefixtures("nothing_is_left")
LIBC = "import ctypes; libc = ctypes.CDLL(None)\n"
PROJECT = Path(__file__).resolve().parents[3]


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


HUGE = {
    "a tensor": "import torch\ndef f(): return torch.zeros(2 ** 25)",
    "a tensor of one number": (
        "import torch\ndef f(): return torch.zeros(1).expand(2 ** 40)"
    ),
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
