"""CUDA is left alone before the fork, and started after it; no GPU is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch

from graders.runner import device, isolate, serve, warm

# A torch built for CUDA, as far as Python can tell: whoever asks the driver is told.
_AS_BUILT_FOR_CUDA = """
import torch

def ask(*args):
    raise SystemExit("the driver was asked")

torch._C._cuda_getDeviceCount = torch._C._cuda_init = ask
torch._C._cuda_getCurrentRawStream = ask
torch._C._accelerator_getAccelerator = lambda: torch.device("cuda")
torch.cuda._is_compiled = lambda: True
torch.backends.cuda.is_built = lambda: True
assert torch.accelerator.current_accelerator() is not None
from graders.runner import warm
"""


def ended(program: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", _AS_BUILT_FOR_CUDA + program]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_warming_up_asks_no_driver() -> None:
    done = ended("warm.up(); print('warm')")
    assert (done.stdout, done.returncode) == ("warm\n", 0), done.stderr


def test_that_would_be_noticed() -> None:
    step = "x = torch.zeros(1); x.grad = x + 1; torch.optim.Adam([x]).step()"
    assert "the driver was asked" in ended(step).stderr


def test_what_is_available_is_as_before_once_it_is_warm() -> None:
    before = torch.cuda.is_available
    with warm._without_device():
        assert torch.cuda.is_available() is False
    assert torch.cuda.is_available is before


def test_who_has_a_file_of_the_driver_open_has_spoken_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert device.untouched()
    monkeypatch.setattr(os, "readlink", lambda path: "/dev/nvidiactl")
    assert not device.untouched()


@pytest.mark.parametrize(("visible", "there"), [("", False), ("0", True)])
def test_the_environment_says_whether_there_is_a_device(
    monkeypatch: pytest.MonkeyPatch, visible: str, there: bool
) -> None:
    monkeypatch.setenv(device.VISIBLE, visible)
    assert device.present() is there
    assert isolate.Origin.here().gpu is there


def test_of_the_environment_only_what_cuda_reads_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = {"CUDA_VISIBLE_DEVICES": "GPU-1", "CUDA_CACHE_DISABLE": "1", "TOKEN": "x"}
    monkeypatch.setattr(os, "environ", seen)
    isolate.scrub_environment()
    assert seen == {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "CUDA_VISIBLE_DEVICES": "GPU-1",
        "CUDA_CACHE_DISABLE": "1",
    }


def bounds(*, gpu: bool) -> dict[str, int]:
    """In megabytes, of a zygote that occupies 100."""
    origin = SimpleNamespace(gpu=gpu, occupied=100 << 20)
    limits = isolate.Limits(memory_mb=300, scratch_mb=32)
    found = isolate._bounds(limits, origin)
    return {_RESOURCES[which]: value >> 20 for which, value in found.items()}


_RESOURCES = {
    isolate.resource.RLIMIT_AS: "address space",
    isolate.resource.RLIMIT_DATA: "private memory",
    isolate.resource.RLIMIT_FSIZE: "file",
}


def test_the_address_space_is_bounded_only_without_a_device() -> None:
    assert bounds(gpu=False) == {"address space": 400, "file": 32}
    assert bounds(gpu=True) == {"private memory": 400 + 2048, "file": 300}


# --- with the driver's part played by others


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A device of a gigabyte that is the processor, and notes what it was told."""
    told = SimpleNamespace(settled=0, share=0.0)
    facts = SimpleNamespace(total_memory=1 << 30, L2_cache_size=1 << 20)

    def settle() -> None:
        told.settled += 1

    def bound(share: float) -> None:
        told.share = share

    monkeypatch.setattr(device, "DEVICE", "cpu")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: facts)
    monkeypatch.setattr(torch.cuda, "synchronize", settle)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", bound)
    return told


def test_leaves_stay_leaves_on_the_device(driver: SimpleNamespace) -> None:
    inputs = {"args": [torch.ones(2, 3).requires_grad_(), (torch.ones(1), 5, "x")]}
    first, (second, *others) = device.moved(inputs)["args"]
    assert first.requires_grad
    assert first.is_leaf
    assert not second.requires_grad
    assert others == [5, "x"]


def test_the_cache_is_flushed_with_twice_its_size(
    driver: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr(torch, "zeros", lambda size, **_: written.append(size))
    device.prepared({"args": []})
    assert written == [2 << 20]
    assert driver.settled == 1


@pytest.mark.parametrize(("megabytes", "share"), [(256, 0.25), (4096, 1.0)])
def test_torchs_own_bound_is_a_share_of_the_device(
    driver: SimpleNamespace, megabytes: int, share: float
) -> None:
    device.bound(megabytes)
    assert driver.share == share


@pytest.mark.parametrize(("gpu", "settled"), [(False, 0), (True, 2)])
def test_an_answer_leaves_when_the_device_has_finished(
    driver: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, gpu: bool, settled: int
) -> None:
    monkeypatch.setenv(device.VISIBLE, "0" if gpu else "")
    job = {"output_bytes": 100, "requires": ["f"], "source": "def f(): return 7"}
    session = serve._Session({**job, "probe": None})
    session.load()
    reply, value = session.answer({"call": "f"}, trace=False)
    assert value["output"] == 7
    assert reply["inside_ms"] > 0
    assert driver.settled == settled  # after the inputs, and after the call


def test_memory_that_a_device_lacks_is_memory() -> None:
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
    assert serve._failed(error)["failure"] == "memory"
