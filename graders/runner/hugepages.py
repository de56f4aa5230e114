"""Gathers a process's memory in huge pages, so that copying the process is cheap.

A fork copies one page table entry for each page that was written to, and the end of
the copy frees them again. A warm torch process has some fifty thousand of 4 KB, which
are most of what its copy costs, or a hundred of 2 MB. A copy that writes to a huge
page gets 4 KB of its own, as before.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

SIZE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def _anonymous() -> Iterator[tuple[int, int]]:
    """Start and end of this process's writable memory that no file is behind."""
    with open("/proc/self/maps", encoding="ascii") as maps:
        lines = [line.split() for line in maps]
    for span, permissions, _, _, inode, *name in lines:
        if permissions == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in span.split("-"))
            yield start, end


def gather() -> int:
    """Collapse what can be, and say how many huge pages there are now.

    It is the kernel's to refuse, an older one's always: then all is as it was.
    """
    gathered = 0
    for start, end in _anonymous():
        for address in range(-(-start // SIZE) * SIZE, end - SIZE + 1, SIZE):
            gathered += _libc.madvise(address, SIZE, _MADV_COLLAPSE) == 0
    return gathered
