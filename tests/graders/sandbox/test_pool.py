"""The sandbox as the pipeline uses it: jobs in, outcomes out."""

from __future__ import annotations

import pytest
import torch

from graders.errors import ExerciseBroken
from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure, Job, Opaque, RunnerLimits
from tests.graders.sandbox.conftest import Submit


def test_values_and_gradients_come_back(sandbox: ZygoteSandbox) -> None:
    inputs = {
        "call": "f",
        "args": [torch.tensor([3.0])],
        "grad_of": [0],
        "cotangents": [torch.tensor([10.0])],
    }
    with sandbox.runner(Job("def f(x): return x ** 2", None, ("f",))) as runner:
        assert runner.load().ok
        outcome = runner.run(inputs)
    assert outcome.value["output"].tolist() == [9.0]
    assert outcome.value["grads"][0].tolist() == [60.0]
    assert outcome.wall_ms > 0


def test_one_runner_answers_case_after_case_and_keeps_its_state(
    sandbox: ZygoteSandbox,
) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)\n"
    with sandbox.runner(Job(source, None, ("f",))) as runner:
        runner.load()
        answers = [runner.run({"call": "f", "args": [i]}) for i in range(3)]
        assert runner.alive
    assert [answer.value["output"] for answer in answers] == [1, 2, 3]


def test_no_state_goes_from_one_submission_to_the_next(submit: Submit) -> None:
    source = (
        "import torch, os\n"
        "def f():\n"
        "    found = getattr(torch, 'left', 0), os.listdir('/tmp')\n"
        "    torch.left = 1\n"
        "    open('/tmp/left', 'w').close()\n"
        "    return found\n"
    )
    for _ in range(2):
        assert submit(source).value["output"] == (0, [])


def test_random_numbers_differ_between_runners(submit: Submit) -> None:
    source = (
        "import random, torch, numpy\n"
        "def f(): return [random.random(), torch.rand(1).item(),"
        " float(numpy.random.rand())]\n"
    )
    first, second = (submit(source).value["output"] for _ in range(2))
    assert not set(first) & set(second)


def test_a_stride_and_a_dtype_arrive_as_the_author_made_them(submit: Submit) -> None:
    source = "def f(x): return x.stride(), str(x.dtype), x.requires_grad"
    x = torch.ones(2, 3, dtype=torch.float64).t().requires_grad_()
    assert submit(source, x).value["output"] == ((1, 3), "torch.float64", True)


def test_a_syntax_error_shows_its_line(submit: Submit) -> None:
    outcome = submit("x = 1\ndef f(:\n")
    assert outcome.failure is Failure.SYNTAX
    assert "def f(:" in outcome.traceback
    assert submit("x = 'a\0b'").failure is Failure.SYNTAX


def test_missing_names_are_named(sandbox: ZygoteSandbox) -> None:
    job = Job("f = 3\ndef g(): pass", None, ("f", "g", "H"))
    with sandbox.runner(job) as runner:
        outcome = runner.load()
    assert outcome.failure is Failure.MISSING
    assert outcome.error_message == "f, H"


def test_an_exception_says_its_type_its_text_and_its_line(submit: Submit) -> None:
    outcome = submit("def f():\n    return {}['key']\n")
    assert outcome.failure is Failure.RAISED
    assert (outcome.error_type, outcome.error_message) == ("KeyError", "'key'")
    assert outcome.traceback.startswith('  File "solution.py", line 2, in f')


def test_a_runner_that_raised_answers_the_next_case(sandbox: ZygoteSandbox) -> None:
    with sandbox.runner(Job("def f(x): return 1 / x", None, ("f",))) as runner:
        runner.load()
        assert runner.run({"call": "f", "args": [0]}).failure is Failure.RAISED
        assert runner.run({"call": "f", "args": [2]}).value["output"] == 0.5


def test_what_is_printed_belongs_to_its_case(sandbox: ZygoteSandbox) -> None:
    source = (
        "import sys\nprint('loading')\n"
        "def f(x):\n    print('case', x)\n    sys.stderr.write('ошибка\\n')\n"
    )
    with sandbox.runner(Job(source, None, ("f",))) as runner:
        assert runner.load().stdout == "loading\n"
        for x in (1, 2):
            outcome = runner.run({"call": "f", "args": [x]})
            assert sorted(outcome.stdout.split("\n")) == ["", f"case {x}", "ошибка"]


def test_bytes_that_are_no_text_are_shown_replaced(submit: Submit) -> None:
    outcome = submit("import os\ndef f(): os.write(1, b'a\\xff')")
    assert outcome.stdout == "a\ufffd"


def test_an_exercises_own_probe_runs_instead_of_the_generic_one(
    sandbox: ZygoteSandbox,
) -> None:
    probe = "def run(solution, inputs): return solution.A(inputs['n']).n + 1"
    source = "class A:\n    def __init__(self, n): self.n = n\n"
    with sandbox.runner(Job(source, probe, ("A",))) as runner:
        assert runner.load().ok
        assert runner.run({"n": 4}).value == 5


def test_the_trace_comes_when_it_is_asked_for(submit: Submit) -> None:
    source = "import torch\ndef f(x): return torch.nn.functional.unfold(x, 2)"
    x = torch.ones(1, 1, 3, 3)
    trace = submit(source, x, trace=True).trace
    assert trace is not None
    assert trace.operators["aten::im2col"] == 1
    assert trace.largest_tensor >= 16
    assert submit(source, x).trace is None


def test_foreign_objects_arrive_as_their_names(submit: Submit) -> None:
    outcome = submit("class A: pass\ndef f(): return [A(), 1]")
    assert outcome.value["output"] == [Opaque("solution.A"), 1]


def test_an_answer_may_be_as_large_as_allowed_and_no_larger(submit: Submit) -> None:
    limits = RunnerLimits(wall_s=10.0, output_bytes=1 << 20)
    source = "import torch\ndef f(n): return torch.zeros(n)"
    assert submit(source, 250_000, limits=limits).ok
    assert submit(source, 300_000, limits=limits).failure is Failure.OUTPUT


def test_large_inputs_and_outputs_pass_at_the_same_time(submit: Submit) -> None:
    x = torch.randn(3_000_000)
    assert torch.equal(submit("def f(x): return x", x).value["output"], x)


def test_an_author_hears_of_inputs_that_cannot_be_sent(submit: Submit) -> None:
    with pytest.raises(ExerciseBroken, match="set"):
        submit("def f(x): pass", {1})


def test_after_the_end_every_question_is_answered_with_a_failure(
    sandbox: ZygoteSandbox,
) -> None:
    with sandbox.runner(Job("import os\ndef f(): os._exit(0)", None, ("f",))) as runner:
        runner.load()
        assert runner.run({"call": "f"}).failure is Failure.EXITED
        assert not runner.alive
        assert runner.run({"call": "f"}).failure is Failure.EXITED


def test_two_runners_at_once_do_not_mix(sandbox: ZygoteSandbox) -> None:
    jobs = [Job(f"def f(): return {i}", None, ("f",)) for i in range(2)]
    with sandbox.runner(jobs[0]) as first, sandbox.runner(jobs[1]) as second:
        assert first.load().ok
        assert second.load().ok
        assert second.run({"call": "f"}).value["output"] == 1
        assert first.run({"call": "f"}).value["output"] == 0
