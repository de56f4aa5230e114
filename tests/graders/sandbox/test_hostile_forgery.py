"""Submissions that lie: garbage, forged frames, foreign types."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure, Job, Opaque
from tests.graders.sandbox.conftest import (
    GOOD,
    QUICK,
    SHORT,
    Submit,
    family,
)

pytestmark = pytest.mark.usefixtures("nothing_is_left")
LIBC = "import ctypes; libc = ctypes.CDLL(None)\n"
PROJECT = Path(__file__).resolve().parents[3]


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
    assert outcome.failure is Failure.GARBLED


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


STRANGE = {
    "2 ** 500": Opaque("int"),
    "{2 ** 500: 1, 1.5: 2}": {"<int>": 1, "<float>": 2},
    "torch.ones(2, device='meta')": Opaque("Tensor[meta]"),
}


@pytest.mark.parametrize("value", STRANGE)
def test_what_the_wire_cannot_carry_is_named(submit: Submit, value: str) -> None:
    outcome = submit(f"import torch\ndef f(): return {value}")
    assert outcome.value["output"] == STRANGE[value]


def test_an_answer_that_cannot_be_written_down_is_the_students_failure(
    submit: Submit,
) -> None:
    source = (
        "import torch\ndef f(): return torch.ones(2)\n"
        "torch.Tensor.detach = lambda tensor: 1 / 0\n"
    )
    outcome = submit(source)
    assert (outcome.failure, outcome.error_type) == (
        Failure.RAISED,
        "ZeroDivisionError",
    )


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
    with sandbox.runner(GOOD):
        *_, relay, zygote, successor = family(sandbox)
        assert marker.encode() in _memory(relay)  # so the search does find things
        assert marker.encode() not in _memory(zygote)
        assert marker.encode() not in _memory(successor)


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
