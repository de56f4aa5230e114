"""Frames between the grader, the relay and the zygote: a kind, a runner's id, bytes.

All ends are ours, so this is a plain format; what a runner says travels *inside*
a ``DATA`` or ``PRINTED`` payload, cut anywhere, and the relay never looks at it.
That is why a runner cannot forge a frame of the relay.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

HEADER = struct.Struct(">BII")  # kind, runner id, payload length
MAX_PAYLOAD = 1 << 20


class Kind(IntEnum):
    """What a frame means; the first three go to the zygote, the rest come from it."""

    SPAWN = 1  # msgpack of isolate.Limits
    DATA = 2  # bytes for, or from, the runner's channel
    KILL = 3
    READY = 4  # once, with facts about the zygote
    PRINTED = 5  # bytes of the runner's stdout and stderr
    EXIT = 6  # msgpack: wait status and resource usage
    FAULT = 7  # this runner could not be started: message
    STARTED = 8  # zygote to relay only, with a pidfd; or a pid, see disposable


class Envelope(NamedTuple):
    kind: Kind
    runner: int
    payload: bytes


def seal(kind: Kind, runner: int, payload: bytes = b"") -> bytes:
    """One frame, ready to be written."""
    return HEADER.pack(kind, runner, len(payload)) + payload


def seal_all(kind: Kind, runner: int, data: bytes) -> Iterator[bytes]:
    """``data`` of any length as frames of bounded size."""
    for start in range(0, len(data), MAX_PAYLOAD):
        yield seal(kind, runner, data[start : start + MAX_PAYLOAD])


def take(buffer: bytearray) -> Iterator[Envelope]:
    """Remove and yield every complete frame at the front of ``buffer``.

    Raises:
        ValueError: the other end does not speak this format.
    """
    while len(buffer) >= HEADER.size:
        kind, runner, length = HEADER.unpack_from(buffer)
        if length > MAX_PAYLOAD:
            raise ValueError(f"a frame of {length} bytes")
        end = HEADER.size + length
        if len(buffer) < end:
            return
        payload = bytes(buffer[HEADER.size : end])
        del buffer[:end]
        yield Envelope(Kind(kind), runner, payload)


def pour(queue: bytearray, fd: int) -> None:
    """Write what ``fd`` takes now, and remove it from the front of ``queue``.

    The queue may be of many megabytes, so none of it is copied.

    Raises:
        OSError: of a non-blocking descriptor that takes nothing, or has no other end.
    """
    with memoryview(queue) as whole:
        written = os.write(fd, whole)
    del queue[:written]
