"""A sandbox with a GPU from end to end, where the processor stands in for the GPU.

Everything is real but CUDA: the container, the walls of a runner that has a device, the
way of inputs and answers, the measuring.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import torch

from exercises.spec import Exercise
from graders.pipeline import grade
from graders.report import Report
from graders.sandbox import launch
from graders.sandbox.gpu import Gpu
from graders.sandbox.gpu_sandbox import GpuSandbox
from graders.sandbox.links import ProcessLink
from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure, Job, RunnerLimits
from tests.graders.conftest import SEED
from tests.graders.scripted import attention_case, with_gpu_check

STAND_IN = """

class _Properties:
    total_memory, L2_cache_size = 1 << 34, 1 << 20


DEVICE = "cpu"
torch.version.cuda = "none at all"
torch.cuda.get_device_properties = lambda _: _Properties
torch.cuda.init = lambda: None
torch.cuda.manual_seed = lambda seed: None
torch.cuda.set_per_process_memory_fraction = lambda share: None
torch.cuda.synchronize = lambda: None
"""
LIMITS = RunnerLimits(wall_s=10.0, memory_mb=256)


@pytest.fixture(scope="module")
def standing_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[GpuSandbox]:
    folder = tmp_path_factory.mktemp("standin") / "runner"
    shutil.copytree(launch.RUNNER, folder)
    with (folder / "device.py").open("a") as module:
        module.write(STAND_IN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "RUNNER", folder)
        argv = launch.bubblewrap(gpu=Gpu(0))
    sandbox = GpuSandbox(ZygoteSandbox(lambda: ProcessLink(argv), 2000, {}), 0)
    yield sandbox
    sandbox.close()


def graded(exercise: Exercise, cpu: object, gpu: GpuSandbox) -> Report:
    source = (exercise.folder / "reference.py").read_text()
    return grade(source, exercise, cpu, gpu, seed=SEED)


def test_a_submission_is_judged_there(
    standing_in: GpuSandbox,
    real_sandbox: object,
    attention: Exercise,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exercise = with_gpu_check(attention, monkeypatch)
    report = graded(exercise, real_sandbox, standing_in)
    assert report.checks[-1].message == "Верно: 1\u00a0случай."
    assert report.checks[-1].device == "gpu"


def test_it_is_measured_against_the_reference_there(
    standing_in: GpuSandbox,
    real_sandbox: object,
    attention: Exercise,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exercise = with_gpu_check(
        attention, monkeypatch, lambda g: attention_case(g).no_slower_than(10_000)
    )
    report = graded(exercise, real_sandbox, standing_in)
    assert report.checks[-1].passed
    assert report.score == 1


def test_inputs_answers_and_gradients_pass(standing_in: GpuSandbox) -> None:
    x, weights = torch.randn(4, 3).mT, torch.randn(3, 4)
    inputs = {"call": "f", "args": [x], "grad_of": [0], "cotangents": [weights]}
    with standing_in.runner(Job("def f(x): return x ** 2", None, ("f",))) as runner:
        assert runner.load().ok
        outcome = runner.run(inputs)
    assert torch.allclose(outcome.value["output"], x**2)
    assert torch.allclose(outcome.value["grads"][0], 2 * x * weights)
    assert 0 < outcome.inside_ms < outcome.wall_ms


def test_one_runner_after_another_has_the_device(standing_in: GpuSandbox) -> None:
    source = (
        "import os\ndef f(): return os.environ['CUDA_VISIBLE_DEVICES'], os.getpid()"
    )
    for _ in range(3):
        with standing_in.runner(Job(source, None, ("f",))) as runner:
            assert runner.load().ok
            assert runner.run({"call": "f"}).value["output"] == ("0", 1)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("import os; os.fork()", Failure.RAISED),
        ("import socket; socket.socket(socket.AF_INET)", Failure.VIOLATION),
        ("import socket; socket.socket(socket.AF_NETLINK)", Failure.RAISED),
        ("open('/etc/passwd')", Failure.RAISED),
        ("open('/proc/1/mem', 'wb')", Failure.RAISED),
        ("bytearray(6 << 30)", Failure.MEMORY),
        ("while True: pass", Failure.TIME),
    ],
)
def test_the_walls_stand_there_too(
    standing_in: GpuSandbox, body: str, failure: Failure
) -> None:
    limits = RunnerLimits(wall_s=1.0 if failure is Failure.TIME else 10.0)
    job = Job(f"def f():\n    {body}\n", None, ("f",), limits)
    with standing_in.runner(job) as runner:
        assert runner.load().ok
        assert runner.run({"call": "f"}).failure is failure


def test_it_says_what_runs_in_it(standing_in: GpuSandbox) -> None:
    with standing_in.runner(Job("", None, (), LIMITS)):
        assert standing_in.facts["torch"] == torch.__version__
