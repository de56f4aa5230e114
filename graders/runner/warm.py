"""What the zygote does once so that no runner has to: imports, first calls.

Threads are switched off before torch is imported; see ``launch`` for the variables.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import torch

from . import isolate

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
)


def up() -> None:
    """Import and call once what is safe before a fork: no autograd, no device."""
    torch.set_num_threads(1)
    for name in MODULES:
        importlib.import_module(name)
    with torch.no_grad():
        matrix = torch.randn(16, 16)
        torch.softmax(matrix @ matrix, -1).sum().item()
        torch.nn.functional.conv2d(matrix[None, None], matrix[None, None, :3, :3])
        torch.nn.functional.layer_norm(matrix, (16,))


def facts() -> dict[str, Any]:
    """What doctor shows."""
    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "address_space_mb": isolate.address_space() >> 20,
    }
