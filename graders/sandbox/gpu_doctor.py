"""Is there a GPU, can it be graded on, and do the walls hold with it?

To have no GPU is no fault: exercises that need one wait, and the site is well. To have
named one in ``GPU_SANDBOX`` that cannot be used is. The attacks are the doctor's, with
those of other words where a runner that has a device sees more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch

from graders.errors import SandboxUnavailable
from graders.runner.driver_files import OF_THE_PROCESS, SHOWN
from graders.sandbox import gpu
from graders.sandbox.doctor import ATTACKS, LIMITS, Attack, Finding, attacked
from graders.sandbox.gpu import Gpu
from graders.sandbox.nvml import Meter
from graders.sandbox.session import Failure

NONE_HERE = "none here: exercises that need one wait for a worker that has one"
UNUSED = "set GPU_SANDBOX (bwrap:?gpu=%d, say) for a worker of grading.gpu"
_PROC = sorted({"1", "self", *(name.partition("/")[0] for name in SHOWN["/proc"])})
_ONE = sorted([*OF_THE_PROCESS, "exe", "task"])
GPU_ATTACKS = (
    Attack(
        "computes on the GPU",
        "import torch; x = torch.ones(8, 8, device='cuda'); "
        "return (x @ x).sum().item() == 512",
    ),
    Attack(
        "sees one device, and the files of no other",
        """
        import os, torch
        names = [name for name in os.listdir('/dev') if name.startswith('nvidia')]
        cards = [name for name in names if name[6:].isdigit()]
        others = {'nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools'}
        return torch.cuda.device_count() == len(cards) == 1 and (
            set(names) - set(cards) <= others
        )
        """,
    ),
    Attack(
        "no other processes are seen or reached",
        f"""
        import os
        try:
            os.kill(-1, 0)
        except ProcessLookupError:
            shown = set(os.listdir('/proc')) <= set({_PROC})
            return shown and set(os.listdir('/proc/1')) <= set({_ONE})
        """,
    ),
    Attack(
        "memory of the device is bounded",
        f"import torch; torch.empty({LIMITS.device_mb + 1} << 20, device='cuda')",
        Failure.MEMORY,
    ),
    Attack("private memory is bounded", "bytearray(4 << 30)", Failure.MEMORY),
)
# Those in whose place others stand above.
_OTHERWISE = {"no other processes are seen or reached", "memory is bounded"}


def diagnose_gpu(url: str) -> list[Finding]:
    """Look at the devices and, where ``url`` names one, at what grading on it needs."""
    if not url:
        return [_unused(gpu.devices())]
    return [*_needs(url), *attacked(url, _attacks())]


def _attacks() -> list[Attack]:
    same = [attack for attack in ATTACKS if attack.name not in _OTHERWISE]
    return [*same, *GPU_ATTACKS]


def _unused(found: list[Gpu]) -> Finding:
    if not found:
        return Finding("gpu", True, NONE_HERE)
    models = ", ".join(f"{each.number}: {each.model}" for each in found)
    return Finding("gpu", True, f"{models}; not used", UNUSED % found[0].number)


def _needs(url: str) -> Iterator[Finding]:
    kind = url.partition(":")[0]
    if kind == "unix":  # device and torch are those of another container
        return
    try:
        number = gpu.number_in(url)
        device = gpu.device(0 if number is None else number)
    except SandboxUnavailable as error:
        yield Finding("gpu", False, str(error), "install NVIDIA's driver")
        return
    yield Finding("gpu", True, f"{device.number}: {device.model}")
    if kind == "bwrap":
        yield _files(device)
        yield _libraries()
        yield _torch()
    yield _meter(device)


def _files(device: Gpu) -> Finding:
    missing = [
        path
        for path in (f"/dev/nvidia{device.number}", "/dev/nvidiactl", "/dev/nvidia-uvm")
        if not os.access(path, os.R_OK | os.W_OK)
    ]
    fix = "nvidia-modprobe -u -c 0" if missing else ""
    said = f"not usable: {', '.join(missing)}" if missing else ", ".join(device.files)
    return Finding("gpu: device files", not missing, said, fix)


def _libraries() -> Finding:
    found = sorted({Path(path).name for path in gpu.libraries()})
    has_driver = any(name.startswith("libcuda.so") for name in found)
    fix = "" if has_driver else "install the libraries of NVIDIA's driver: libcuda1"
    return Finding("gpu: libraries", has_driver, ", ".join(found) or "none", fix)


def _torch() -> Finding:
    built = torch.version.cuda
    fix = "" if built else "install PyTorch without the CPU index: see the README"
    said = f"{torch.__version__}, for CUDA {built}"
    return Finding("gpu: torch", built is not None, said, fix)


def _meter(device: Gpu) -> Finding:
    """Without it grading goes on; the bound is torch's own then."""
    used = Meter(device).used_mb()
    said = "cannot be read from outside" if used is None else f"{used} MB in use"
    return Finding("gpu: memory", True, said)
