"""What the zygote does once so that no runner has to: imports, first calls.

Threads are switched off before torch is imported; see ``launch`` for the variables.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import resolve_name

from . import device, isolate

# What exercises use, and what torch imports late, at a first use.
MODULES = (
    "collections.abc",
    "dataclasses",
    "functools",
    "itertools",
    "typing",
    "numpy",
    "torch.nn.functional",
    "torch.optim",
    "torch.utils.data",
    "torch.distributions",
    "torch.utils._python_dispatch",
    "torch.overrides",
    "torch._dynamo",  # a second, at the first step of any optimizer
)


def up() -> None:
    """Import and call once what is safe before a fork: no autograd, no device."""
    torch.set_num_threads(1)
    tempfile.tempdir = "/tmp"  # it is read-only here: do not try it
    for name in MODULES:
        importlib.import_module(name)
    resolve_name(torch.sin)  # builds its table of names
    with torch.no_grad(), _without_device():
        _first_calls()


@contextmanager
def _without_device() -> Iterator[None]:
    """The step of an optimizer asks whether there is one, and that starts CUDA."""
    asked = torch.cuda.is_available
    torch.cuda.is_available = lambda: False
    try:
        yield
    finally:
        torch.cuda.is_available = asked


def _first_calls() -> None:
    """Operators whose first call is slow: libraries set themselves up."""
    matrix = torch.randn(16, 16)
    torch.softmax(matrix @ matrix, -1).sum().item()
    torch.linalg.svd(matrix)
    repr(matrix)
    nn = torch.nn
    nn.Conv2d(3, 3, 3)(torch.randn(2, 3, 8, 8))
    nn.MultiheadAttention(8, 2)(*[torch.randn(2, 3, 8)] * 3)
    layer = nn.Linear(16, 16)
    layer.weight.grad = torch.zeros(16, 16)
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        optimizer(layer.parameters()).step()


def facts() -> dict[str, Any]:
    """What doctor shows."""
    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "address_space_mb": isolate.address_space() >> 20,
        "gpu": device.present(),
        "cuda": torch.version.cuda,  # what torch is built for; None: not for CUDA
    }
