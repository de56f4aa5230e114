"""The runner's own loop: isolate, load the submission, answer case by case.

From the moment a submission is loaded nothing here can be relied on: the student's
code shares the process and may replace any of it. That is allowed for. Whatever it
does to this loop, it can only send bytes, and bytes are all that is graded.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import time
import traceback
import types
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch

from . import device, isolate, probe, solution, wire
from .tensors import TooLarge
from .trace import Recorder

Reply = dict[str, Any]
_streams: list[io.TextIOWrapper] = []  # a submission may replace those in sys
STARVED = 72  # exit status: not even the reply fitted in memory


NOTES = 16  # that one runner may send
_NOTABLE = frozenset({"socket.__new__", "ctypes.dlsym"})
_noted: list[str] = []


class _Closed(Exception):
    """The grader hung up."""


def _read_exactly(size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = os.read(isolate.CHANNEL, min(size - len(data), 1 << 20))
        if not chunk:
            raise _Closed
        data += chunk
    return bytes(data)


def _receive() -> tuple[dict[str, Any], Any]:
    sizes = wire.HEADER.unpack(_read_exactly(wire.HEADER.size))
    structure, tensors = (_read_exactly(size) for size in sizes)
    return wire.decode(structure, tensors, layout=True)


def _send(reply: Reply, tree: Any, caps: wire.Caps = wire.CAPS) -> None:
    try:
        frame = wire.encode(reply, tree, caps=caps)
    except TooLarge as error:
        text = {"failure": "output", "error_message": str(error)}
        frame = wire.encode({"seq": reply["seq"], **text})
    except Exception as error:  # an answer that is odd in a way nobody thought of
        frame = wire.encode({"seq": reply["seq"], **_failed(error)})
    view = memoryview(frame)
    while view:
        view = view[os.write(isolate.CHANNEL, view) :]


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    """Say what is about to be tried: if the kernel kills for it, this is all there is.

    An audit hook is no wall, only a witness; the wall is the system call filter.
    """
    if event not in _NOTABLE or len(_noted) >= NOTES:
        return
    _noted.append(event)
    what = [event, *(part for part in arguments if type(part) is str)]
    stack = traceback.extract_stack()
    _send({"note": " ".join(what)[:200], "traceback": solution.listing(stack)}, None)


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, torch.OutOfMemoryError):  # of a device
        return True
    if isinstance(error, RuntimeError):
        text = solution.message(error)
        return "can't allocate memory" in text or "bad_alloc" in text
    return isinstance(error, MemoryError)


def _failed(error: BaseException, name: str = "raised") -> Reply:
    if isinstance(error, SystemExit):
        name = "exited"
    elif _is_out_of_memory(error):
        name = "memory"
    return {
        "failure": name,
        "error_type": type(error).__name__,
        "error_message": solution.message(error),
        "traceback": solution.student_lines(error),
    }


class _Session:
    """One submission: its module, its probe, its answers."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        self.caps = wire.Caps(tensors=job["output_bytes"])
        self.gpu = device.present()
        self.module: types.ModuleType | None = None
        self.run_probe: Callable[[Any, Any], Any] = probe.run

    def load(self) -> Reply:
        try:
            compile(self.job["source"], solution.FILENAME, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, OverflowError) as error:
            return _failed(error, "syntax")
        self.module = solution.load(self.job["source"])
        missing = solution.undefined(self.module, self.job["requires"])
        if missing:
            return {"failure": "missing", "error_message": ", ".join(missing)}
        if self.job["probe"] is not None:
            module = solution.execute(self.job["probe"], "probe", "probe.py")
            self.run_probe = module.run
        return {}

    def answer(self, inputs: Any, trace: bool) -> tuple[Reply, Any]:
        if self.gpu:
            inputs = device.prepared(inputs)
        recorder = Recorder()
        start = time.perf_counter()
        with recorder if trace else nullcontext():
            value = self.run_probe(self.module, inputs)
        if self.gpu:
            device.settle()
        reply = {"inside_ms": 1000 * (time.perf_counter() - start)}
        return reply | ({"trace": recorder.as_dict()} if trace else {}), value


def _guarded(work: Callable[[], tuple[Reply, Any]]) -> tuple[Reply, Any]:
    """Whatever the student's code raises becomes a reply."""
    try:
        return work()
    except BaseException as error:
        if _is_out_of_memory(error):  # what filled it is still held by the frames
            traceback.clear_frames(error.__traceback__)
        return _failed(error), None
    finally:
        _flush()


def _flush() -> None:
    """Send what was printed before the answer that follows it."""
    for stream in (sys.stdout, sys.stderr, *_streams):
        try:
            stream.flush()
        except Exception:  # the student's own object, or a closed one
            continue


def _reply(seq: int, outcome: tuple[Reply, Any], caps: wire.Caps) -> None:
    reply, tree = outcome
    _send({"seq": seq, **reply}, tree, caps)
    if reply.get("failure") == "exited":
        os._exit(0)


def _serve() -> None:
    job, _ = _receive()
    session = _Session(job)
    if session.gpu:
        device.bound(job["device_mb"])
    _reply(0, _guarded(lambda: (session.load(), None)), session.caps)
    while True:
        request, inputs = _receive()
        outcome = _guarded(partial(session.answer, inputs, request["trace"]))
        _reply(request["seq"], outcome, session.caps)


def _own_streams() -> None:
    """Python's standard streams, over the descriptors that are now ours."""
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        raw = io.FileIO(fd, "w" if fd else "r", closefd=False)
        buffered = io.BufferedWriter(raw) if fd else io.BufferedReader(raw)
        stream = io.TextIOWrapper(buffered, "utf-8", errors="backslashreplace")
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
        if fd:
            _streams.append(stream)


def main(
    limits: isolate.Limits,
    channel: int,
    printed: int,
    origin: isolate.Origin,
    enter: Callable[..., None] = isolate.enter,
) -> None:
    """Be a runner until killed; never returns into the zygote's code."""
    try:
        try:
            enter(limits, channel, printed, origin)
            _own_streams()
            if origin.gpu:
                device.start()
        except BaseException as error:
            # Nothing untrusted has run yet, so this message can be believed.
            _tell_broken(channel, f"{type(error).__name__}: {error}")
            os._exit(70)
        _send({"isolated": True}, None)
        sys.addaudithook(_note)
        _serve()
    except _Closed:
        os._exit(0)
    except MemoryError:
        os._exit(STARVED)
    finally:
        os._exit(71)


def _tell_broken(channel: int, text: str) -> None:
    frame = wire.encode({"isolated": False, "error_message": text})
    for fd in {channel, isolate.CHANNEL}:
        try:
            os.write(fd, frame)
            return
        except OSError:
            continue
