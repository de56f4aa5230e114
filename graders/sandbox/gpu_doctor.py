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
from graders.runner.device import VARIABLES
from graders.runner.driver_files import OF_THE_PROCESS, SHOWN
from graders.sandbox import gpu
from graders.sandbox.attack import LIMITS, Attack, Layer, looks
from graders.sandbox.attacks import LAYERS
from graders.sandbox.doctor import walls
from graders.sandbox.filter_attacks import GPU_FILTER_LAYERS
from graders.sandbox.finding import Finding
from graders.sandbox.gpu import Gpu
from graders.sandbox.nvml import Meter
from graders.sandbox.session import Failure

NONE_HERE = "none here: exercises that need one wait for a worker that has one"
UNUSED = "set GPU_SANDBOX (bwrap:?gpu=%d, say) for a worker of grading.gpu"
_PROC = sorted({"1", "self", *(name.partition("/")[0] for name in SHOWN["/proc"])})
_ONE = sorted([*OF_THE_PROCESS, "exe", "task"])
_COMPUTES = """
import torch
x = torch.ones(8, 8, device='cuda')
return (x @ x).sum().item() == 512
"""
_ONE_DEVICE = """
import os, torch
names = [name for name in os.listdir('/dev') if name.startswith('nvidia')]
cards = [name for name in names if name[6:].isdigit()]
others = {'nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools'}
return torch.cuda.device_count() == len(cards) == 1 and (
    set(names) - set(cards) <= others
)
"""
_SMALL_PROC = f"""
import os
try:
    os.kill(-1, 0)
except ProcessLookupError:
    shown = set(os.listdir('/proc')) <= set({_PROC})
    return shown and set(os.listdir('/proc/1')) <= set({_ONE})
"""
# Shared memory only the container bounds; descriptors are the driver's too.
_CEILINGS = """
import os, resource
def refused(attempt, *arguments):
    try:
        attempt(*arguments)
    except (OSError, ValueError, RuntimeError):
        return True
    return False
kept = []
def many_files():
    for _ in range(300):
        kept.append(os.open('/dev/null', os.O_RDONLY))
many = refused(many_files)
for fd in kept:
    os.close(fd)
long = refused(os.truncate, os.open('/tmp/long', os.O_CREAT | os.O_RDWR), 1 << 30)
higher = refused(resource.setrlimit, resource.RLIMIT_NOFILE, (4096, 4096))
core = resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
return many and long and higher and core
"""
_ENVIRONMENT = f"""
import os
return set(os.environ) <= {{'HOME', 'LANG', *{VARIABLES}}}
"""


def _exhausts(name: str, body: str) -> Layer:
    return Layer(name, (Attack("", body, (Failure.MEMORY,)),))


# In place of those of the same name, where a runner that has a device sees more.
OTHERWISE = (
    looks("descriptors and environment: nothing of ours", _ENVIRONMENT),
    looks("limits: files, their size, shared memory; none is raised", _CEILINGS),
    _exhausts("limits: memory", "bytearray(4 << 30)"),
    *GPU_FILTER_LAYERS,
)
BESIDE = (
    looks("GPU: it computes", _COMPUTES),
    looks("GPU: one device, and the files of no other", _ONE_DEVICE),
    looks("GPU: of /proc only what its driver reads", _SMALL_PROC),
    _exhausts(
        "GPU: its memory is bounded",
        f"import torch; torch.empty({LIMITS.device_mb + 1} << 20, device='cuda')",
    ),
)


def diagnose_gpu(url: str) -> list[Finding]:
    """Look at the devices and, where ``url`` names one, at what grading on it needs."""
    if not url:
        return [_unused(gpu.devices())]
    return [*_needs(url), *walls(url, gpu_layers())]


def gpu_layers() -> list[Layer]:
    """Every layer, as a runner with a device should have it."""
    otherwise = {layer.name: layer for layer in OTHERWISE}
    return [*(otherwise.get(layer.name, layer) for layer in LAYERS), *BESIDE]


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
