"""SymPy in its own process: what it proves, how it is limited, how it is replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from quizsite.lib.formulas import symbolic
from quizsite.lib.typed import read_typed

NAMES = ["x", "y", "n"]
REAL = {"x": {"real": True, "positive": True}, "y": {"real": True}}
HOPELESS = "x*y + 1e-45*(sin(x) + cos(y) + x)^60"


def tree(text: str):
    return read_typed(text, names=NAMES).expression.tree


def proven(one: str, other: str, facts=REAL) -> bool | None:
    return symbolic.proven_equal(tree(one), tree(other), facts)


@pytest.fixture(autouse=True)
def pool(monkeypatch):
    """A pool of one's own, ended with the test."""
    own = symbolic._Pool()
    monkeypatch.setattr(symbolic, "_POOL", own)
    monkeypatch.setattr(symbolic, "PATIENCE_S", 120.0)  # the machine may be busy
    yield own
    own.end()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(x^2 - y^2)/(x - y)", "x + y"),
        ("ln(x^2)", "2ln(x)"),
        ("sqrt(x)^2", "x"),
        ("sin(2x)", "2sin(x)cos(x)"),
        ("sigmoid(x)", "exp(x)/(1 + exp(x))"),
        ("log2(8x)", "3 + log2(x)"),
        ("max(x; y) + min(x; y)", "min(y; x) + max(y; x)"),
    ],
)
def test_equal_formulas_are_proven_so(one, other):
    assert proven(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"), [("x + 1e-40", "x"), ("sin(x)", "x"), ("x//2", "x/2 + 1")]
)
def test_different_formulas_are_refuted(one, other):
    assert proven(one, other) is False


def test_every_operation_of_the_language_is_known_to_it():
    everything = (
        "ln(x) + log(x) + log2(x) + log10(x) + lg(x) + exp(x) + sin(x) + cos(x) + "
        "tan(x) + tg(x) + tanh(x) + sigmoid(x) + sqrt(x) + abs(y) + floor(y) + "
        "ceil(y) + factorial(n) + min(x; y) + max(x; y) + x//2 + x % 2 + x^y - pi*e"
    )
    facts = {**REAL, "n": {"integer": True, "positive": True}}
    assert proven(everything, everything, facts) is True


def test_what_it_does_not_know_takes_no_longer_than_the_patience(pool, monkeypatch):
    proven("x", "x")
    first = pool.pid
    monkeypatch.setattr(symbolic, "PATIENCE_S", 0.5)
    assert proven(HOPELESS, "x*y") is None
    assert pool.pid is None  # the late one is gone
    monkeypatch.setattr(symbolic, "PATIENCE_S", 120.0)
    assert proven("x + y", "y + x") is True
    assert pool.pid not in (None, first)


def test_one_process_answers_many_questions(pool):
    proven("x", "x")
    first = pool.pid
    for _ in range(5):
        assert proven("x + x", "2x") is True
    assert pool.pid == first


def test_it_is_replaced_after_many_answers(pool, monkeypatch):
    monkeypatch.setattr(symbolic, "MOST_ANSWERS", 2)
    pids = set()
    for _ in range(4):
        proven("x", "x")
        pids.add(pool.pid)
    assert None in pids and len(pids) == 3


def test_one_that_died_in_the_meantime_costs_no_answer(pool):
    proven("x", "x")
    os.kill(pool.pid, signal.SIGKILL)
    while pool._process is not None and not pool._process.ended:
        time.sleep(0.01)
    assert proven("x + x", "2x") is True


def test_a_busy_process_is_not_waited_for_longer_than_the_patience(pool, monkeypatch):
    monkeypatch.setattr(symbolic, "PATIENCE_S", 0.05)
    with pool._lock:
        assert proven("x", "x") is None


def test_after_a_fork_the_parents_process_is_left_alone(pool):
    proven("x", "x")
    child = os.fork()
    if child == 0:  # pragma: no cover
        os._exit(0 if pool.pid is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert pool.pid is not None


def lines(*jobs: object) -> list[object]:
    """What the program says to these lines."""
    ran = subprocess.run(
        [sys.executable, "-I", "-B", str(symbolic._PROGRAM)],
        input="".join(
            (job if isinstance(job, str) else json.dumps(job)) + "\n" for job in jobs
        ),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line)["equal"] for line in ran.stdout.splitlines()]


@pytest.mark.parametrize(
    "job",
    [
        "no json",
        "[]",
        {"left": ["name", "x"]},
        {"left": ["eval", ["name", "x"]], "right": ["name", "x"], "symbols": {}},
        {"left": ["name", "__import__"], "right": ["name", "x"], "symbols": {}},
        {"left": ["number", "os.system('x')"], "right": ["number", "1"], "symbols": {}},
        {"left": [], "right": [], "symbols": {}},
        {"left": ["+", ["number", "1"]], "right": ["number", "1"], "symbols": {}},
    ],
)
def test_a_line_it_does_not_understand_has_no_answer(job):
    good = {"left": ["number", "2/4"], "right": ["number", "1/2"], "symbols": {}}
    assert lines(job, good) == [None, True]


def test_its_memory_and_files_are_limited():
    probe = (
        "import resource, runpy, sys; m = runpy.run_path(sys.argv[1]); m['limit']();"
        "m['grant_time']();"
        "print([resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in"
        " ('AS', 'CORE', 'FSIZE', 'NOFILE')],"
        " resource.getrlimit(resource.RLIMIT_CPU)[0])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", probe, str(symbolic._PROGRAM)],
        capture_output=True,
        text=True,
        check=True,
    )
    limits, _, seconds = ran.stdout.strip().rpartition(" ")
    assert limits == f"[({1 << 30}, {1 << 30}), (0, 0), (0, 0), (8, 8)]"
    assert 4 <= int(seconds) <= 20


def test_the_site_does_not_import_sympy():
    code = (
        "import os, sys, django;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'; django.setup();"
        "import quizsite.urls, quizsite.quizzes.types; print('sympy' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
