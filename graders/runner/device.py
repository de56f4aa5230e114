"""CUDA in a runner: started after the fork, bounded before the student's first byte.

Theory of operation
-------------------
A process that has spoken to the driver cannot be copied: the copy has the memory of a
conversation that the kernel had with somebody else, and every call of it fails. So the
zygote never speaks to it, not even to ask whether a device is there; `untouched` makes
sure. Each runner starts CUDA for itself while it waits for a submission, so that this
half second is nobody's waiting time, and with its end the context and all the memory of
the device go.

Inputs come as bytes and are moved to the device here. An answer leaves when every
stream of the device has finished and its bytes are copied: the grader's clock, which
stops at the last byte, has seen all of the work. Before each call more than the cache
of the device is written, so that no call finds its data hot. Whoever takes the runner
over can leave these things out; what he sends late is late, what he sends early is
wrong, and the bound of the memory is watched from outside as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

VISIBLE = "CUDA_VISIBLE_DEVICES"
# What CUDA reads from the environment; the rest is scrubbed. Compiled kernels are not
# kept: the only folder to keep them in is small, and gone with the runner.
VARIABLES = (VISIBLE, "CUDA_DEVICE_ORDER", "CUDA_CACHE_DISABLE")
DEVICE = "cuda"
FLUSHED = 2  # times the size of the cache


def present() -> bool:
    """Whether this container was given a device: its environment says so."""
    return bool(os.environ.get(VISIBLE))


def files() -> list[str]:
    """The files of the device in this container."""
    return [str(path) for path in Path("/dev").glob("nvidia*") if path.is_char_device()]


def untouched() -> bool:
    """Whether this process has never spoken to the driver of a GPU."""
    links = Path("/proc/self/fd").iterdir()
    opened = (os.readlink(link) for link in links if link.is_symlink())
    return not any(path.startswith("/dev/nvidia") for path in opened)


def start() -> None:
    """Make this process's own context, and load what every computation needs.

    Raises:
        Exception: whatever keeps CUDA from starting here.
    """
    torch.cuda.init()  # type: ignore[no-untyped-call]
    torch.cuda.manual_seed(torch.initial_seed())
    torch.backends.cudnn.allow_tf32 = False  # float32 is to mean float32
    ones = torch.ones(64, 64, device=DEVICE)
    if (ones @ ones).sum().item() != 64**3:
        raise RuntimeError("the device computes wrong")


def bound(memory_mb: int) -> None:
    """Let torch take no more of the device's memory; advisory, see above."""
    total = torch.cuda.get_device_properties(0).total_memory
    share = min(1.0, (memory_mb << 20) / total)
    torch.cuda.set_per_process_memory_fraction(share)


def moved(tree: Any) -> Any:
    """The same inputs on the device; leaves stay leaves."""
    if isinstance(tree, torch.Tensor):
        copy = tree.detach().to(DEVICE)
        return copy.requires_grad_() if tree.requires_grad else copy
    if isinstance(tree, dict):
        return {key: moved(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return type(tree)(moved(value) for value in tree)
    return tree


def prepared(inputs: Any) -> Any:
    """The inputs on the device, with its cache full of something else."""
    copies = moved(inputs)
    size = torch.cuda.get_device_properties(0).L2_cache_size
    torch.zeros(FLUSHED * size, dtype=torch.uint8, device=DEVICE)
    settle()
    return copies


def settle() -> None:
    """Wait until all streams of the device have finished."""
    torch.cuda.synchronize()
