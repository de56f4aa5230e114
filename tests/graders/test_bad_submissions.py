"""Broken and hostile submissions, graded in the real sandbox: verdict and blame.

One table: what is submitted, what it must come to, and a word of the message.
"""

from __future__ import annotations

from textwrap import dedent
from typing import NamedTuple

import pytest

from exercises.spec import load_exercise
from graders.report import Report
from graders.verdicts import Blame
from graders.verdicts import Verdict as V
from tests.graders.conftest import Grade

FOLDER = load_exercise("tr_attention").folder
PROJECT = FOLDER.parent.parent
REFERENCE = (FOLDER / "reference.py").read_text()

CONTRACT, WRONG, RUNTIME = V.CONTRACT_ERROR, V.WRONG_ANSWER, V.RUNTIME_ERROR
TIME, MEMORY, OUTPUT = V.TIME_LIMIT, V.MEMORY_LIMIT, V.OUTPUT_LIMIT
VIOLATION, FORBIDDEN = V.SANDBOX_VIOLATION, V.FORBIDDEN_API


def attention(body: str, *, before: str = "") -> str:
    """A solution whose function has this body."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    signature = "def attention(q, k, v, mask=None, causal=False):"
    return f"import torch\n{dedent(before)}\n{signature}\n{lines}\n"


def after_import(code: str) -> str:
    """A correct solution that does something when it is loaded."""
    return f"{REFERENCE}\n{dedent(code)}\n"


class Bad(NamedTuple):
    what: str
    source: str
    verdict: V
    says: str = ""  # somewhere in the report


TABLE = [
    # --- no program, or not this one
    Bad("empty", "", CONTRACT, "пустое"),
    Bad("only spaces", " \n\t\n", CONTRACT, "пустое"),
    Bad("syntax error", "def attention(:\n  pass", CONTRACT, "Строка\xa01"),
    Bad("null byte", "x = '\0'", CONTRACT, "null bytes"),
    Bad("too large", "#" * 300_000, CONTRACT, "256\xa0КБ"),
    Bad("nested too deeply", "-" * 50_000 + "1", CONTRACT, "глубоко"),
    Bad("name missing", "def attn(q, k, v): pass", CONTRACT, "attention"),
    Bad("not callable", "attention = 3", CONTRACT, "вызываться"),
    Bad(
        "wrong signature",
        "def attention(q): pass",
        CONTRACT,
        "обязательных аргументов: 3",
    ),
    Bad(
        "no causal argument",
        "def attention(q, k, v, mask=None): pass",
        CONTRACT,
        "causal",
    ),
    Bad("a class", "class attention: pass", CONTRACT, "функцией"),
    # --- wrong answers
    Bad("None", attention("q @ k.mT"), WRONG, "забыли return?"),
    Bad("a list", attention("return [1, 2]"), WRONG, "целое число"),
    Bad("one value", attention("return v"), WRONG, "тензор"),
    Bad("three values", attention("return v, v, v"), WRONG, "2\xa0знач"),
    Bad("wrong shape", attention("return v, v"), WRONG, "форма"),
    Bad(
        "wrong dtype",
        attention("w = (q @ k.mT).softmax(-1)\nreturn (w @ v).double(), w.double()"),
        WRONG,
        "dtype float32, получен float64",
    ),
    Bad(
        "NaN",
        attention("w = q @ k.mT * float('nan')\nreturn w @ v, w"),
        WRONG,
        "NaN",
    ),
    Bad(
        "tensor subclass",
        attention(
            "w = (q @ k.mT).softmax(-1)\nreturn (w @ v).as_subclass(Mine), w",
            before="class Mine(torch.Tensor): pass",
        ),
        WRONG,
        "тип",
    ),
    Bad(
        "agrees with everything",
        attention(
            "return Yes(), Yes()",
            before="class Yes:\n    def __eq__(self, other): return True",
        ),
        WRONG,
        "тип",
    ),
    Bad(
        "sparse",
        attention("w = (q @ k.mT)\nreturn (w @ v).to_sparse(), w"),
        WRONG,
        "тип",
    ),
    # --- errors
    Bad(
        "not written",
        "def attention(q, k, v, mask=None, causal=False):\n"
        "    raise NotImplementedError",
        RUNTIME,
        "не написано",
    ),
    Bad("raises", attention("return 1 / 0"), RUNTIME, "ZeroDivision"),
    Bad("raises at import", "1 / 0\n" + REFERENCE, RUNTIME, "Строка\xa01"),
    Bad("sys.exit", attention("import sys; sys.exit(0)"), RUNTIME, "sys.exit"),
    Bad("os._exit", attention("import os; os._exit(0)"), RUNTIME, "os._exit"),
    Bad("exit at import", "import os; os._exit(0)\n" + REFERENCE, RUNTIME),
    Bad("segfault", attention("import ctypes; ctypes.string_at(0)"), RUNTIME),
    Bad("endless recursion", attention("return attention(q, k, v)"), RUNTIME),
    Bad("missing package", "import matplotlib\n" + REFERENCE, RUNTIME, "matpl"),
    # --- limits
    Bad("while True", attention("while True: pass"), TIME, "1\xa0с"),
    Bad("loops at import", "while True: pass\n" + REFERENCE, TIME),
    Bad("sleeps", attention("import time; time.sleep(60)"), TIME),
    Bad("20 GB", attention("x = torch.ones(5 * 2**30)"), MEMORY, "512\xa0МБ"),
    Bad("20 GB of bytes", attention("x = bytearray(20 * 2**30)"), MEMORY),
    Bad("prints for ever", attention("while True: print('x' * 999)"), OUTPUT),
    Bad(
        "returns gigabytes",
        attention("x = torch.zeros(1).expand(2**26)\nreturn x, x"),
        OUTPUT,
    ),
    Bad(
        "returns a deep tree",
        attention("x = []\nfor _ in range(10**5): x = [x]\nreturn x, x"),
        OUTPUT,
    ),
    # --- hostile
    Bad(
        "fork bomb",
        attention("import os\nwhile True: os.fork()"),
        RUNTIME,
        "PermissionError",
    ),
    Bad("reads /etc/passwd", attention("open('/etc/passwd')"), RUNTIME),
    Bad(
        "reads the database",
        attention(f"open('{PROJECT}/var/quizsite.sqlite3')"),
        RUNTIME,
        "FileNotFoundError",
    ),
    Bad(
        "reads the reference",
        attention(f"open({str(FOLDER / 'reference.py')!r})"),
        RUNTIME,
        "FileNotFoundError",
    ),
    Bad(
        "imports the reference",
        attention("import exercises"),
        RUNTIME,
        "ModuleNotFoundError",
    ),
    Bad(
        "opens a socket", attention("import socket; socket.socket()"), VIOLATION, "сеть"
    ),
    Bad(
        "starts a program", attention("import os; os.execv('/bin/sh', ['sh'])"), RUNTIME
    ),
    Bad("kills everybody", attention("import os; os.kill(-1, 9)"), RUNTIME),
    Bad(
        "kills its parent",
        attention("import os; os.kill(os.getppid(), 9)"),
        WRONG,
        "None",
    ),  # it sees no parent
    # --- what the exercise forbids
    Bad(
        "ready attention",
        attention(
            "F = torch.nn.functional\nreturn F.scaled_dot_product_attention(q, k, v), q"
        ),
        FORBIDDEN,
        "Строка\xa05",
    ),
    Bad(
        "ready attention, hidden",
        attention(
            "F = [torch.nn.functional][0]\n"
            "return F.scaled_dot_product_attention(q, k, v), q"
        ),
        FORBIDDEN,
        "строка\xa05: вызвана операция torch.nn.functional.scaled_dot_product",
    ),
]


def everything_said(report: Report) -> str:
    checks = [check.message for check in report.checks]
    return "\n".join([report.message, report.traceback or "", *checks])


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.what)
def test_a_bad_submission_gets_its_verdict_and_the_student_is_told(
    bad: Bad, graded: Grade
) -> None:
    report = graded(bad.source)
    said = everything_said(report)
    assert (report.verdict, report.verdict.blame) == (bad.verdict, Blame.STUDENT), said
    assert bad.says in said
    assert report.score < 1


def test_the_sandbox_still_grades_after_all_of_them(graded: Grade) -> None:
    assert graded(REFERENCE).verdict is V.ACCEPTED


@pytest.mark.parametrize(
    "code",
    [
        "import torch\ntorch.allclose = lambda *args, **kwargs: True",
        "import torch\ntorch.Tensor.__eq__ = lambda *args: True",
        "import threading\nthreading.Thread(target=print, args=('accepted',)).start()",
        'print(\'{"verdict": "accepted"}\')',
    ],
)
def test_a_correct_solution_stays_accepted_whatever_it_does_beside(
    code: str, graded: Grade
) -> None:
    assert graded(after_import(code)).verdict is V.ACCEPTED
