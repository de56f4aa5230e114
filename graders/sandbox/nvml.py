"""How much of a GPU's memory is in use, asked of the driver's management library.

It is no CUDA: it makes no context, and takes nothing of the device. Where the library
is not, or does not know the device, there is no answer. Names and structures: NVIDIA's
``nvml.h``.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from graders.sandbox.gpu import Gpu

LIBRARY = "libnvidia-ml.so.1"


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``: bytes."""

    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


class Meter:
    """Reads the memory of one device."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._pid = 0  # of the process that the library was opened in
        self._library: Any = None
        self._handle = ctypes.c_void_p()

    def used_mb(self) -> int | None:
        """Megabytes in use by all processes together; None: nobody can tell."""
        if self._pid != os.getpid():  # a copied conversation would not go on
            self._pid, self._library = os.getpid(), self._opened()
        if self._library is None:
            return None
        memory = _Memory()
        asked = self._library.nvmlDeviceGetMemoryInfo(
            self._handle, ctypes.byref(memory)
        )
        return None if asked else int(memory.used >> 20)

    def _opened(self) -> Any:
        try:
            library = ctypes.CDLL(LIBRARY)
        except OSError:
            return None
        if library.nvmlInit_v2() or self._find(library):
            return None
        return library

    def _find(self, library: Any) -> int:
        handle = ctypes.byref(self._handle)
        if self._gpu.uuid:
            uuid = self._gpu.uuid.encode()
            return int(library.nvmlDeviceGetHandleByUUID(uuid, handle))
        number = ctypes.c_uint(self._gpu.number)
        return int(library.nvmlDeviceGetHandleByIndex_v2(number, handle))
