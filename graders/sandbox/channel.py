"""Requests to a runner and what may be believed of its replies.

Theory of operation
-------------------
The wire format is ``graders.runner.wire``, shared with the other side. This module
is the trusted end: it assembles a runner's bytes into frames under caps, decodes
them as hostile, and reduces a reply to an :class:`Outcome` in which every field has
the type and the length it should have. A reply that is not exactly what was asked
for is ``GARBLED``; nothing a runner sends raises anything but :class:`WireError`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graders.runner import wire
from graders.runner.tensors import TooLarge, WireError
from graders.runner.wire import Caps
from graders.sandbox.session import Failure, Job, Opaque, Outcome, Trace

__all__ = [
    "Inbox",
    "TooLarge",
    "WireError",
    "is_note",
    "load_request",
    "note",
    "outcome",
    "run_request",
]

TEXT = 8 * 1024
OPERATORS = 10_000  # twice as many as torch has
NAME = 200  # characters of an operator's
# What a runner may say of itself; the rest is seen from outside.
_CLAIMS = {
    failure.value: failure
    for failure in (
        Failure.SYNTAX,
        Failure.MISSING,
        Failure.RAISED,
        Failure.EXITED,
        Failure.MEMORY,
        Failure.OUTPUT,
    )
}
_UNCAPPED = Caps(tensors=1 << 30)  # our own inputs are not hostile


def load_request(job: Job) -> bytes:
    """The frame that gives a runner its submission."""
    message = {
        "source": job.source,
        "probe": job.probe,
        "requires": list(job.requires),
        "output_bytes": job.limits.output_bytes,
        "device_mb": job.limits.device_mb,
    }
    return wire.encode(message)


def run_request(seq: int, inputs: Mapping[str, Any], *, trace: bool = False) -> bytes:
    """The frame that asks for one case."""
    message = {"seq": seq, "trace": trace}
    return wire.encode(message, dict(inputs), layout=True, caps=_UNCAPPED)


class Inbox:
    """A runner's bytes, cut into frames."""

    def __init__(self, output_bytes: int = 0) -> None:
        self.buffer = bytearray()
        self.bound(output_bytes)

    def bound(self, output_bytes: int) -> None:
        """Say how many bytes of tensors a frame may have."""
        self.caps = Caps(tensors=output_bytes)

    def take(self) -> tuple[dict[str, Any], Any] | None:
        """The first whole frame, or None when more bytes are needed.

        Raises:
            TooLarge: the frame is longer than an answer may be.
            WireError: the frame is malformed.
        """
        start = wire.HEADER.size
        if len(self.buffer) < start:
            return None
        structure, tensors = wire.lengths(bytes(self.buffer[:start]), self.caps)
        middle, end = start + structure, start + structure + tensors
        if len(self.buffer) < end:
            return None
        with memoryview(self.buffer) as view:
            parts = bytes(view[start:middle]), bytes(view[middle:end])
        del self.buffer[:end]
        return wire.decode(*parts, caps=self.caps, opaque=Opaque)


def _text(message: Mapping[str, Any], key: str) -> str:
    value = message.get(key, "")
    if type(value) is not str:
        raise WireError(f"{key} is no text")
    return value[:TEXT]


def _duration(message: Mapping[str, Any], key: str) -> float:
    value = message.get(key, 0.0)
    if type(value) is not float or not 0 <= value < math.inf:
        raise WireError(f"{key} is no duration")
    return value


def is_note(message: Mapping[str, Any]) -> bool:
    return "note" in message


def note(message: Mapping[str, Any]) -> tuple[str, str]:
    """What a runner said it was about to try, and where."""
    return _text(message, "note"), _text(message, "traceback")


def _trace(message: Mapping[str, Any]) -> Trace | None:
    match message.get("trace"):
        case None:
            return None
        case {
            "operators": dict(operators),
            "lines": dict(lines),
            "largest_tensor": int(largest),
            "largest_line": int(line),
        }:
            return Trace(_numbers(operators), _numbers(lines), largest, line)
    raise WireError("a trace of no known kind")


def _numbers(claimed: dict[Any, Any]) -> dict[str, int]:
    """A whole number for each name, of at most so many names as torch has."""
    items = list(claimed.items())
    if len(items) > OPERATORS:
        raise WireError("a trace of too many names")
    if not all(type(key) is str and type(n) is int for key, n in items):
        raise WireError("a trace of no known kind")
    return {key[:NAME]: n for key, n in items}


def outcome(message: Mapping[str, Any], tree: Any, seq: int) -> Outcome:
    """What a reply says, if it is one.

    Raises:
        WireError: it answers something else, or its fields are of wrong types.
    """
    if type(message.get("seq")) is not int or message["seq"] != seq:
        raise WireError("an answer to another question")
    claim = message.get("failure")
    if claim is not None and (type(claim) is not str or claim not in _CLAIMS):
        raise WireError("a failure of no known kind")
    return Outcome(
        failure=None if claim is None else _CLAIMS[claim],
        value=tree if claim is None else None,
        error_type=_text(message, "error_type"),
        error_message=_text(message, "error_message"),
        traceback=_text(message, "traceback"),
        trace=_trace(message),
        inside_ms=_duration(message, "inside_ms"),
    )
