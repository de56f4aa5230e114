"""Is there a GPU that a worker of this site could use? Found out without torch.

The web process must not import torch, and even a worker must not ask CUDA: a process
that has cannot be copied any more. The kernel's driver and the name of the installed
build of torch say enough; ``manage.py doctor`` tries.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

DEVICES, DRIVER = Path("/dev"), Path("/proc/driver/nvidia/version")


def devices() -> list[int]:
    """The numbers of the NVIDIA devices that a driver has taken."""
    if not DRIVER.exists():
        return []
    names = (path.name for path in DEVICES.glob("nvidia*"))
    found = (re.fullmatch(r"nvidia(\d+)", name) for name in names)
    return sorted(int(match[1]) for match in found if match)


def torch_is_built_for_it() -> bool:
    """Whether the installed torch is not the build for CPUs only."""
    try:
        return not metadata.version("torch").endswith("+cpu")
    except metadata.PackageNotFoundError:
        return False


def sandbox_url(url: str, number: int) -> str:
    """The same sandbox as ``url``, with a device."""
    return f"{url}{'&' if '?' in url else '?'}gpu={number}"
