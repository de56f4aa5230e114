"""What the doctor says of GPUs; `pytest -m gpu` asks it where there is one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from graders.sandbox import gpu, gpu_doctor
from graders.sandbox.attack import Layer
from graders.sandbox.attacks import LAYERS
from graders.sandbox.finding import Finding
from graders.sandbox.gpu import Gpu

CARD = Gpu(0, "GPU-5a1c", "NVIDIA L4")


@pytest.fixture
def attacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the layers that were attacked; none is."""
    names: list[str] = []

    def attack(url: str, layers: Sequence[Layer]) -> list[Finding]:
        names.extend(layer.name for layer in layers)
        return []

    monkeypatch.setattr(gpu_doctor, "walls", attack)
    return names


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where all is as it should be."""
    monkeypatch.setattr(gpu, "devices", lambda: [CARD])
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    monkeypatch.setattr(gpu, "libraries", lambda: ["/usr/lib/libcuda.so.1"])
    monkeypatch.setattr("torch.version.cuda", "13.0")


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_to_have_none_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "devices", list)
    (finding,) = gpu_doctor.diagnose_gpu("")
    assert finding == Finding("gpu", True, gpu_doctor.NONE_HERE)


def test_one_that_nothing_is_graded_on_is_told_with_the_setting(card: None) -> None:
    (finding,) = gpu_doctor.diagnose_gpu("")
    assert finding.ok
    assert "NVIDIA L4; not used" in finding.detail
    assert "GPU_SANDBOX (bwrap:?gpu=0" in finding.fix


def test_all_that_it_needs_is_looked_at(card: None, attacked: list[str]) -> None:
    found = by_name(gpu_doctor.diagnose_gpu("bwrap:?gpu=0"))
    assert all(finding.ok for finding in found.values())
    wanted = ["gpu", "gpu: device files", "gpu: libraries", "gpu: torch", "gpu: memory"]
    assert list(found) == wanted


@pytest.mark.parametrize(
    ("place", "value", "name"),
    [
        ("os.access", lambda path, mode: False, "gpu: device files"),
        ("graders.sandbox.gpu.libraries", list, "gpu: libraries"),
        ("torch.version.cuda", None, "gpu: torch"),
    ],
)
def test_what_is_missing_has_a_cure(
    card: None,
    attacked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    value: Any,
    name: str,
) -> None:
    monkeypatch.setattr(place, value)
    findings = gpu_doctor.diagnose_gpu("bwrap:?gpu=0")
    (broken,) = (finding for finding in findings if not finding.ok)
    assert broken.name == name
    assert broken.fix


def test_one_that_is_named_and_not_there_is_a_fault(
    attacked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "devices", list)
    (finding,) = gpu_doctor.diagnose_gpu("bwrap:?gpu=3")
    assert (finding.ok, "no GPU 3 here" in finding.detail) == (False, True)


def test_every_wall_is_tried_that_is_tried_without_one(
    card: None, attacked: list[str]
) -> None:
    gpu_doctor.diagnose_gpu("docker:image?gpu=0")
    ours = {layer.name for layer in gpu_doctor.BESIDE}
    assert set(attacked) == ours | {layer.name for layer in LAYERS}
    assert len(attacked) == len(set(attacked))


def test_what_is_tried_otherwise_is_tried_without_one_too() -> None:
    otherwise = {layer.name for layer in gpu_doctor.OTHERWISE}
    assert {layer.name for layer in LAYERS} >= otherwise


def test_behind_a_socket_only_the_walls_can_be_tried(attacked: list[str]) -> None:
    assert gpu_doctor.diagnose_gpu("unix:///run/sandbox?gpu=0") == []
    assert attacked
