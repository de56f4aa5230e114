"""Mounts of a runner's own namespace."""

from __future__ import annotations

import ctypes
import os

_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _MOVE, _REC, _PRIVATE = 1 << 5, 1 << 12, 1 << 13, 1 << 14, 1 << 18
_HARMLESS = _NOSUID | _NODEV | _NOEXEC
INODES = 4096

_libc = ctypes.CDLL(None, use_errno=True)


def _mount(
    source: str | None, target: str, flags: int, kind: str = "", options: str = ""
) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    if _libc.mount(*words, ctypes.c_ulong(flags), options.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount {source} on {target}: {os.strerror(error)}")


def make_private() -> None:
    """Nothing that is mounted from here on is seen outside, nor the other way round."""
    _mount(None, "/", _REC | _PRIVATE)


def tmpfs(where: str, size_mb: int, *, read_only: bool = False) -> None:
    """An empty folder of bounded size, for its owner only."""
    flags = _HARMLESS | (_RDONLY if read_only else 0)
    options = f"size={size_mb}m,nr_inodes={INODES},mode=700"
    _mount("tmpfs", where, flags, "tmpfs", options)


def bind(source: str, target: str) -> None:
    """Show a file or a folder, with whatever is mounted in it, a second time."""
    _mount(source, target, _BIND | _REC)


def move(source: str, target: str) -> None:
    """Take a mount, with what is mounted in it, to another place."""
    _mount(source, target, _MOVE)


def seal(where: str) -> None:
    """Let nothing be written into a mount any more, those inside it aside."""
    _mount(None, where, _REMOUNT | _BIND | _RDONLY | _HARMLESS)
