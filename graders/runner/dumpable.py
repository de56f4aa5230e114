"""Whose business a process is: the files of ``/proc`` that show or change it.

Another process of the same user may open them, memory included, only while the process
is *dumpable*. A copy is what its original was.
"""

from __future__ import annotations

import ctypes
import os

_PR_SET_DUMPABLE = 4

_libc = ctypes.CDLL(None, use_errno=True)


def show() -> None:
    """After a change of uid, let the process write its children's id maps again."""
    _set(1)


def hide() -> None:
    """Keep others of this user, and this process itself, out of its memory."""
    _set(0)


def _set(value: int) -> None:
    if _libc.prctl(_PR_SET_DUMPABLE, value, 0, 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"dumpable: {os.strerror(error)}")
