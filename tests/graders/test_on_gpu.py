"""Everything that only a GPU can show. For who has one: ``pytest -m gpu``.

It takes the first device, in bubblewrap; GPU_SANDBOX in the environment names another
one or another kind of sandbox. Without a device all of it is skipped and says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.spec import Exercise, all_exercises, load_exercise
from graders.attendant import Attendant
from graders.pipeline import grade
from graders.sandbox import gpu
from graders.sandbox.gpu_doctor import diagnose_gpu
from graders.sandbox.gpu_sandbox import LEFT_MB, GpuSandbox
from graders.sandbox.nvml import Meter
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Failure, Job, Outcome, RunnerLimits, Sandbox
from graders.soundness import check_exercise
from graders.verdicts import Verdict

CARDS = gpu.devices()
NAMED = os.environ.get("GPU_SANDBOX", "")
IS_THERE = bool(NAMED) or bool(CARDS and torch.version.cuda)
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not IS_THERE, reason="no CUDA device here"),
]
URL = NAMED or (f"bwrap:?gpu={CARDS[0].number}" if CARDS else "bwrap:?gpu=0")
LIMITS = RunnerLimits(wall_s=10.0, device_mb=1024)
WANTING = [exercise for exercise in all_exercises() if exercise.wants_gpu]
Submit = Callable[..., Outcome]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[GpuSandbox]:
    made = open_sandbox(URL)
    assert isinstance(made, GpuSandbox)
    yield made
    made.close()


@pytest.fixture
def submit(sandbox: GpuSandbox) -> Submit:
    """Run a source with a function ``f`` once."""

    def submit(
        source: str, *args: Any, limits: RunnerLimits = LIMITS, **inputs: Any
    ) -> Outcome:
        job = Job(f"import torch\n{source}", None, ("f",), limits)
        with sandbox.runner(job) as runner:
            loaded = runner.load()
            asked = {"call": "f", "args": list(args), **inputs}
            return runner.run(asked) if loaded.ok else loaded

    return submit


def works(submit: Submit) -> bool:
    """Whether an honest submission is answered rightly."""
    outcome = submit("def f(x): return x @ x", torch.eye(3) * 2)
    return bool(torch.equal(outcome.value["output"], torch.eye(3) * 4))


# --- the sandbox


def test_every_wall_holds_and_the_device_computes() -> None:
    assert [finding for finding in diagnose_gpu(URL) if not finding.ok] == []


def test_inputs_lie_on_the_device_and_answers_come_back_as_bytes(
    submit: Submit,
) -> None:
    x = torch.randn(5, 4).mT
    outcome = submit("def f(x): return x.is_cuda, x * 2", x)
    was_there, doubled = outcome.value["output"]
    assert was_there is True
    assert doubled.device.type == "cpu"
    assert torch.equal(doubled, x * 2)


def test_gradients_come_back_too(submit: Submit) -> None:
    x, weights = torch.randn(6), torch.randn(6)
    outcome = submit("def f(x): return x ** 3", x, grad_of=[0], cotangents=[weights])
    assert torch.allclose(outcome.value["grads"][0], 3 * x**2 * weights)


def test_float32_is_not_computed_in_less(submit: Submit) -> None:
    x = torch.randn(256, 256)
    product = submit("def f(x): return x @ x", x).value["output"]
    assert torch.allclose(product.double(), x.double() @ x.double(), atol=1e-4)


def test_two_runners_draw_other_random_numbers(submit: Submit) -> None:
    source = "def f(): return torch.rand(4, device='cuda')"
    first, second = (submit(source).value["output"] for _ in range(2))
    assert not torch.equal(first, second)


def test_work_on_another_stream_is_waited_for(submit: Submit) -> None:
    source = """
def f(x):
    out = torch.zeros_like(x)
    with torch.cuda.stream(torch.cuda.Stream()):
        torch.cuda._sleep(500_000_000)
        out.copy_(x)
    return out
"""
    outcome = submit(source, torch.ones(3))
    assert outcome.value["output"].tolist() == [1, 1, 1]
    assert outcome.wall_ms > 50


def test_an_endless_kernel_is_ended_and_the_next_submission_works(
    submit: Submit,
) -> None:
    source = "def f(): torch.cuda._sleep(10**15); torch.cuda.synchronize()"
    hurried = replace(LIMITS, wall_s=1.0)
    assert submit(source, limits=hurried).failure is Failure.TIME
    assert works(submit)


# --- its memory


def test_more_memory_than_allowed_is_refused(submit: Submit) -> None:
    source = "def f(): torch.empty(2 << 30, dtype=torch.uint8, device='cuda')"
    assert submit(source).failure is Failure.MEMORY
    assert works(submit)


def test_who_lifts_torchs_bound_is_seen_from_outside(
    submit: Submit, sandbox: GpuSandbox
) -> None:
    if sandbox._meter.used_mb() is None:
        pytest.skip("the device's memory cannot be read from here")
    source = """
kept = []
def f():
    torch.cuda.set_per_process_memory_fraction(1.0)
    kept.append(torch.ones(2 << 30, dtype=torch.uint8, device='cuda'))
"""
    assert submit(source).failure is Failure.MEMORY
    assert works(submit)


def test_nothing_stays_in_the_devices_memory(
    submit: Submit, sandbox: GpuSandbox
) -> None:
    meter: Meter = sandbox._meter
    if (before := meter.used_mb()) is None:
        pytest.skip("the device's memory cannot be read from here")
    for _ in range(10):
        assert submit("x = torch.ones(1 << 27, device='cuda')\ndef f(): pass").ok
    after = meter.used_mb()
    assert after is not None
    assert after <= before + LEFT_MB


def test_a_fault_of_the_device_is_over_with_its_runner(sandbox: GpuSandbox) -> None:
    source = """
import torch
def f(at):
    value = torch.zeros(3, device='cuda')[at]
    torch.cuda.synchronize()
    return value
"""
    with Attendant(sandbox, Job(source, None, ("f",), LIMITS)) as attendant:
        beyond = {"call": "f", "args": [torch.tensor([10**6])]}
        inside = {"call": "f", "args": [torch.tensor([1])]}
        assert attendant.ask(beyond).failure is Failure.RAISED
        assert attendant.ask(inside).value["output"].tolist() == [0.0]


# --- grading


@pytest.fixture(scope="module")
def cpu() -> Iterator[Sandbox]:
    made = open_sandbox("bwrap:")
    yield made
    made.close()


@pytest.mark.parametrize("exercise", WANTING, ids=lambda one: one.slug)
def test_the_exercise_is_sound_on_the_device(
    exercise: Exercise, cpu: Sandbox, sandbox: GpuSandbox
) -> None:
    result = check_exercise(exercise, cpu, sandbox)
    assert (result.problems, result.untried) == ((), ())


SLOW = {
    "det_nms": ("if boxes.is_cuda:", "if False:"),  # waits for it at every box
    "graph_message_passing": (
        "zeros = msg.new_zeros(n, msg.shape[1])",
        "zeros = msg.new_zeros(n, msg.shape[1])\n"
        "    for at in range(30_000 if len(msg) > 10**6 else 0):\n"
        "        float(msg[at, 0])",
    ),
}


@pytest.mark.parametrize(("slug", "change"), SLOW.items())
def test_a_loop_that_waits_for_the_device_is_too_slow(
    slug: str, change: tuple[str, str], cpu: Sandbox, sandbox: GpuSandbox
) -> None:
    exercise = load_exercise(slug)
    reference = (exercise.folder / "reference.py").read_text()
    assert change[0] in reference
    report = grade(reference.replace(*change), exercise, cpu, sandbox)
    assert report.verdict is Verdict.ACCEPTED
    (check,) = (one for one in report.checks if one.device == "gpu")
    assert not check.passed
    assert check.details["difference"] == "time"
