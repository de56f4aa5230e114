"""Damages recorded answers of runners and reads them, very many times.

    python -m tests.graders.sandbox.fuzz --inputs 1000000

Theory of operation
-------------------
A runner that has been taken over can send any bytes at all, so the trusted end of the
channel is given many that are nearly right: recorded sessions of every exercise, with
right, wrong and failing solutions, whose bytes are flipped, cut, doubled and mixed.
Half of the inputs are damaged inside a frame whose lengths are put right again, for
otherwise little would get past the header. What is read goes on to where a hostile
answer goes: the fields of the reply, the comparison, the sentences of the report.

Input ``n`` is a function of (seed, n) alone, so what fails can be had again with
``--first n --inputs 1``. Nothing but :class:`WireError` may be raised, no input may
take long, and memory may not grow beyond the caps.
"""

from __future__ import annotations

import random
import resource
import signal
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self
from unittest.mock import patch

import torch

from exercises.spec import Exercise, Tolerance, all_exercises
from graders.compare import compare, same_answer
from graders.explain import explain, facts
from graders.pipeline import grade
from graders.runner import wire
from graders.runner.wire import HEADER
from graders.sandbox import channel, zygote_runner
from graders.sandbox.channel import Inbox, WireError
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Sandbox

LONGEST = 4096  # bytes of a recorded frame: more would only be slower
LONGEST_S = 10.0  # one input; a thousandth of it is usual
ANSWER_BYTES = 1 << 20  # cap on the tensors of an answer
GROWTH_MB = 128
FAILING = ("raise ValueError('ё' * 50)", "import os; os._exit(3)", "x = 1", "def f(:")
EVIL = (b"", b"\0", b"\xff" * 4, b"\xc1", b"\xdf\xff\xff\xff\xff", b"\x80\x04\x95")


class Overlong(Exception):
    """An input kept its reader busy."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One recorded message of a runner."""

    structure: bytes
    tensors: bytes
    seq: int
    tree: Any

    @classmethod
    def read(cls, structure: bytes, tensors: bytes) -> Self:
        message, tree = wire.decode(structure, tensors, opaque=channel.Opaque)
        return cls(structure, tensors, message.get("seq", 0), tree)

    @property
    def raw(self) -> bytes:
        sizes = HEADER.pack(len(self.structure), len(self.tensors))
        return sizes + self.structure + self.tensors


class Tape(Inbox):
    """An inbox that remembers every frame that went through it."""

    frames: list[Frame] = []

    def take(self) -> tuple[dict[str, Any], Any] | None:
        before = bytes(self.buffer)
        found = super().take()
        if found is not None:
            middle, end = HEADER.unpack_from(before)
            rest = before[HEADER.size :]
            frame = Frame.read(rest[:middle], rest[middle : middle + end])
            is_answer = "isolated" not in found[0]
            if is_answer and len(frame.raw) <= LONGEST:
                self.frames.append(frame)
        return found


def recorded(sandbox: Sandbox, exercises: Sequence[Exercise]) -> list[Frame]:
    """What runners say about right, wrong and broken solutions."""
    Tape.frames = []
    with patch.object(zygote_runner.channel, "Inbox", Tape):
        for exercise in exercises:
            folder = exercise.folder
            wrong = [exercise.wrong_solution(m.id) for m in exercise.mistakes]
            for path in (folder / "reference.py", *wrong):
                grade(path.read_text(), exercise, sandbox, seed="0" * 32)
            for source in FAILING:
                grade(f"{exercise.starter}\n{source}\n", exercise, sandbox)
    return Tape.frames


def damaged(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A few random changes; ``other`` is what pieces are taken from."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        at = rng.randrange(len(result) + 1)
        length = rng.choice((1, 1, 2, 4, 8, 64))
        match rng.randrange(7):
            case 0 if at < len(result):
                result[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(result):
                result[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 2:
                del result[at : at + length]
            case 3:
                result[at:at] = rng.randbytes(length)
            case 4:
                start = rng.randrange(len(other) + 1)
                result[at : at + length] = other[start : start + length]
            case 5:
                result[at:at] = result[at : at + length] * rng.choice((1, 2, 50))
            case _:
                result[at : at + length] = rng.choice(EVIL)
    return bytes(result)


def mutant(rng: random.Random, frame: Frame, other: Frame) -> bytes:
    """Bytes that are nearly a frame, or a frame that is nearly right."""
    match rng.randrange(4):
        case 0:
            return damaged(rng, frame.raw, other.raw)
        case 1:
            return frame.raw + damaged(rng, other.raw, frame.raw)
        case 2:
            parts = damaged(rng, frame.structure, other.structure), frame.tensors
        case _:
            parts = frame.structure, damaged(rng, frame.tensors, other.tensors)
    return HEADER.pack(*map(len, parts)) + b"".join(parts)


def read(data: bytes, frame: Frame) -> str:
    """Go the whole way of an answer; a word for how far it came."""
    inbox = Inbox(ANSWER_BYTES)
    inbox.buffer += data
    came = "cut"
    try:
        while found := inbox.take():
            came = _judged(*found, frame)
    except WireError as error:
        return type(error).__name__
    return came


def _judged(message: dict[str, Any], tree: Any, frame: Frame) -> str:
    if channel.is_note(message):
        channel.note(message)
        return "note"
    outcome = channel.outcome(message, tree, frame.seq)
    if not outcome.ok or frame.tree is None:
        return "claim"
    mismatch = compare(outcome.value, frame.tree).mismatch
    same_answer(outcome.value, frame.tree, Tolerance())
    if mismatch is None:
        return "right"
    explain(mismatch)
    facts(mismatch)
    return "wrong"


@contextmanager
def clock() -> Iterator[None]:
    """Interrupts what takes too long."""

    def ring(*_: object) -> None:
        raise Overlong(f"more than {LONGEST_S} s")

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fuzz(frames: Sequence[Frame], seed: str, numbers: range) -> Counter[str]:
    """How far each input came.

    Raises:
        AssertionError: one did what no input may; the cause is chained.
    """
    usable = [frame for frame in frames if comparable(frame)]
    came: Counter[str] = Counter()
    with clock():
        for number in numbers:
            rng = random.Random(f"{seed}/{number}")
            frame = rng.choice(usable)
            data = mutant(rng, frame, rng.choice(usable))
            signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
            try:
                came[read(data, frame)] += 1
            except Exception as error:
                raise AssertionError(f"input {number} of seed {seed!r}") from error
    return came


def comparable(frame: Frame) -> bool:
    """Whether the recorded answer could be an expected one."""
    try:
        compare(frame.tree, frame.tree)
    except Exception:  # a wrong solution's: with NaN, or with nothing in it
        return frame.tree is None
    return True


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="N")
    parser.add_argument("--seed", default="channel")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sandbox = open_sandbox("bwrap:")
    frames = recorded(sandbox, all_exercises())
    sandbox.close()
    numbers = range(arguments.first, arguments.first + arguments.inputs)
    fuzz(frames, arguments.seed, numbers[:2000])  # what is loaded late is loaded now
    before, start = peak_mb(), time.monotonic()
    came = fuzz(frames, arguments.seed, numbers)
    grown, took = peak_mb() - before, time.monotonic() - start
    counts = ", ".join(f"{count} {word}" for word, count in came.most_common())
    print(f"{came.total()} inputs from {len(frames)} frames in {took:.0f} s: {counts}")
    print(f"the peak of memory grew by {grown} MB, {GROWTH_MB} MB are allowed")
    sys.exit(grown > GROWTH_MB)


if __name__ == "__main__":
    main()
