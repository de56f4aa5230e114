"""Which GPU a sandbox is given, and what of the host it needs to be seen for it.

Nothing here loads a library or speaks to the driver: the kernel's module says in
``/proc/driver/nvidia`` which devices there are.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from graders.errors import SandboxUnavailable

DRIVER = Path("/proc/driver/nvidia")
# Beside /dev/nvidia<N>. Nothing for displays, nothing for parts of a device (MIG).
COMMON_FILES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
# The driver's own libraries; those of CUDA come with torch.
LIBRARIES = (
    "libcuda.so.1",
    "libnvidia-gpucomp.so",
    "libnvidia-ml.so.1",
    "libnvidia-nvvm.so.4",
    "libnvidia-ptxjitcompiler.so.1",
)
# Of /sys; whether the kernel's modules are alive is asked before anything else.
SYSTEM_FILES = (
    "/sys/module/nvidia/initstate",
    "/sys/module/nvidia_uvm/initstate",
    "/sys/devices/system/cpu",
    "/sys/devices/system/memory",
    "/sys/devices/system/node",
)
_ABI = {"x86_64": "x86-64", "aarch64": "AArch64"}
_LISTED = re.compile(r"^\s+(\S+) \(([^)]*)\) => (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Gpu:
    """A device: /dev/nvidia<number>."""

    number: int
    uuid: str = ""  # as the driver gives it
    model: str = ""

    @property
    def files(self) -> list[str]:
        """Its device file, and those that all devices share, as far as there are."""
        names = (f"nvidia{self.number}", *COMMON_FILES)
        return [f"/dev/{name}" for name in names if os.path.exists(f"/dev/{name}")]


def devices(driver: Path = DRIVER) -> list[Gpu]:
    """Every device that the kernel's driver has taken, by number."""
    texts = [path.read_text() for path in driver.glob("gpus/*/information")]
    return sorted(map(_described, texts), key=lambda gpu: gpu.number)


def _described(information: str) -> Gpu:
    lines = (line.partition(":") for line in information.splitlines())
    facts = {key.strip(): value.strip() for key, _, value in lines}
    number = int(facts.get("Device Minor", "0"))
    return Gpu(number, facts.get("GPU UUID", ""), facts.get("Model", ""))


def device(number: int) -> Gpu:
    """The device of that number.

    Raises:
        SandboxUnavailable: there is none; the message says which there are.
    """
    known = devices()
    for gpu in known:
        if gpu.number == number:
            return gpu
    there = ", ".join(str(gpu.number) for gpu in known) or "none"
    raise SandboxUnavailable(f"there is no GPU {number} here; there is: {there}")


def number_in(url: str) -> int | None:
    """The number in ``?gpu=N`` of a sandbox's URL; None: it is to have no GPU.

    Raises:
        SandboxUnavailable: it is no number.
    """
    text = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)).get("gpu")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise SandboxUnavailable(f"{url}: gpu={text} is no number of a device")
    return int(text)


def environment(visible: str) -> dict[str, str]:
    """What CUDA is told in a container: the one device it may see."""
    return {
        "CUDA_VISIBLE_DEVICES": visible,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_CACHE_DISABLE": "1",
    }


def libraries(listing: str | None = None) -> list[str]:
    """Where the dynamic loader finds the driver's libraries.

    Args:
        listing: what ``ldconfig -p`` prints; None: ask it.
    """
    if listing is None:
        argv = ["/sbin/ldconfig", "-p"]
        asked = subprocess.run(argv, capture_output=True, text=True, check=False)
        listing = asked.stdout
    abi = _ABI.get(platform.machine(), "")
    wanted = tuple(f"{name.partition('.so')[0]}.so" for name in LIBRARIES)
    return [
        path
        for name, kind, path in _LISTED.findall(listing)
        if abi in kind and name.startswith(wanted)
    ]


def hidden(paths: Iterable[str], shown: Iterable[str]) -> Iterator[str]:
    """What must be shown beside the folders ``shown`` for ``paths`` to be found there.

    A library may be reached over links that lead elsewhere, to /etc/alternatives say.
    """
    folders = tuple(f"{folder.rstrip('/')}/" for folder in shown)
    seen: set[str] = set()
    for path in paths:
        for hop in _hops(path):
            if not hop.startswith(folders) and hop not in seen:
                seen.add(hop)
                yield hop


def _hops(path: str) -> Iterator[str]:
    """A path and where its links lead, one after the other."""
    for _ in range(40):  # as many as the kernel follows
        yield path
        if not os.path.islink(path):
            return
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
