"""A small run of the fuzzer; `make fuzz` makes a million inputs."""

from __future__ import annotations

import random

import pytest

from exercises.spec import load_exercise
from graders.sandbox.pool import ZygoteSandbox
from tests.graders.sandbox import fuzz

INPUTS = 5000


@pytest.fixture(scope="module")
def frames(sandbox: ZygoteSandbox) -> list[fuzz.Frame]:
    return fuzz.recorded(sandbox, [load_exercise("tr_attention")])


def test_damaged_sessions_are_read_or_refused_and_never_break(
    frames: list[fuzz.Frame],
) -> None:
    came = fuzz.fuzz(frames, "channel", range(INPUTS))
    assert came.total() == INPUTS
    # All the way, not only to the header: else this would show little.
    assert {"right", "wrong", "claim", "cut", "WireError"} <= came.keys()


def test_an_undamaged_session_is_read_to_its_end(frames: list[fuzz.Frame]) -> None:
    came = {fuzz.read(frame.raw, frame) for frame in frames if fuzz.comparable(frame)}
    assert "right" in came
    assert came <= {"right", "claim", "note"}


def test_an_input_is_a_function_of_its_number(frames: list[fuzz.Frame]) -> None:
    def made(number: int) -> bytes:
        rng = random.Random(f"channel/{number}")
        return fuzz.mutant(rng, frames[0], frames[1])

    assert made(7) == made(7) != made(8)


def test_the_fuzzer_would_notice_a_crash(
    frames: list[fuzz.Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise KeyError("not foreseen")

    monkeypatch.setattr(fuzz, "_judged", broken)
    with pytest.raises(AssertionError, match="input .* of seed"):
        fuzz.fuzz(frames, "x", range(100))


def test_the_fuzzer_would_notice_a_hang(
    frames: list[fuzz.Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> str:
        while True:
            pass

    monkeypatch.setattr(fuzz, "_judged", endless)
    monkeypatch.setattr(fuzz, "LONGEST_S", 0.2)
    with pytest.raises(AssertionError) as caught:
        fuzz.fuzz(frames, "x", range(100))
    assert isinstance(caught.value.__cause__, fuzz.Overlong)
