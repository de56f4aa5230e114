"""Cases made from the secret seed, with what the reference answers to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import torch

from exercises.authoring import Case
from exercises.spec import Check
from graders.errors import ExerciseBroken
from graders.memory import misuse
from graders.reference import Reaction, Trusted
from graders.trees import tensors

TRANSPORT_MS = 50.0  # there and back, and a hiccup of the machine


@dataclass(frozen=True, slots=True)
class Prepared:
    """One case, ready to be sent and judged."""

    check: Check
    number: int  # from 0
    case: Case
    inputs: Mapping[str, Any]  # the case's, with cotangents where gradients are asked
    expected: Reaction
    allowed_ms: float | None = None  # for the answer, once its pace was measured


def prepare(trusted: Trusted, check: Check, seed: str) -> Iterator[Prepared]:
    """The cases of one check, each a function of (seed, check, number) alone.

    Raises:
        ExerciseBroken: the check or the reference fails, or there is no case.
    """
    for number, case, generator in _numbered(trusted, check, seed):
        yield _prepared(trusted, check, number, case, generator)


def again(trusted: Trusted, prepared: Prepared, seed: str) -> Prepared:
    """The same case of another seed: other numbers in the same places.

    Raises:
        ExerciseBroken: as `prepare` does, or there is no such case for this seed.
    """
    check = prepared.check
    for number, case, generator in _numbered(trusted, check, seed):
        if number == prepared.number:
            return _prepared(trusted, check, number, case, generator)
    raise ExerciseBroken(f"check {check.name}: the number of cases depends on the seed")


def paced(trusted: Trusted, prepared: Prepared) -> Prepared:
    """The case with the time its answer may take, as fast as the machine is now."""
    assert prepared.case.times
    pace = trusted.pace_ms(prepared.inputs)
    allowed = max(prepared.allowed_ms or 0.0, prepared.case.times * pace + TRANSPORT_MS)
    return replace(prepared, allowed_ms=allowed)


def derived_seed(seed: str, check: str, number: int) -> int:
    """63 bits that say nothing about the seed or about other cases."""
    digest = hashlib.sha256(f"{seed}/{check}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _numbered(
    trusted: Trusted, check: Check, seed: str
) -> Iterator[tuple[int, Case, torch.Generator]]:
    """Each case with the generator, seeded for it, that its cotangents come from."""
    generator = torch.Generator()
    cases = _cases(trusted, check, generator)
    for number in count():
        generator.manual_seed(derived_seed(seed, check.name, number))
        case = next(cases, None)
        if case is None and number == 0:
            raise ExerciseBroken(f"check {check.name} has no case")
        if case is None:
            return
        yield number, case, generator


def _prepared(
    trusted: Trusted, check: Check, number: int, case: Case, generator: torch.Generator
) -> Prepared:
    if check.device == "gpu" and "build" in case.inputs:
        raise ExerciseBroken(f"check {check.name}: on a GPU functions are called only")
    inputs = _with_cotangents(trusted, case.inputs, generator)
    expected = _expected(trusted, check, number, case, inputs)
    return Prepared(check, number, case, inputs, expected)


def _cases(
    trusted: Trusted, check: Check, generator: torch.Generator
) -> Iterator[Case]:
    """What checks.py yields; whatever it raises is the author's fault."""
    try:
        yield from trusted.checks[check.name](generator)
    except Exception as error:
        raise ExerciseBroken(f"check {check.name}: {error!r}") from error


def _with_cotangents(
    trusted: Trusted, inputs: Mapping[str, Any], generator: torch.Generator
) -> Mapping[str, Any]:
    """Random weights for the outputs, if gradients are asked for.

    Gradients of a plain sum would not tell a correct backward pass from many wrong
    ones: rows of a softmax, for instance, have a constant sum.
    """
    if not inputs.get("grad_of"):
        return inputs
    answer = trusted.expected({**inputs, "grad_of": []}).value or {}
    cotangents = [
        torch.randn(tensor.shape, generator=generator, dtype=torch.float64).to(tensor)
        for tensor in tensors(answer.get("output"))
        if tensor.is_floating_point()
    ]
    return {**inputs, "cotangents": cotangents}


def _expected(
    trusted: Trusted, check: Check, number: int, case: Case, inputs: Mapping[str, Any]
) -> Reaction:
    expected = trusted.expected(inputs)
    wanted = case.exceptions or ("",)
    if expected.raised not in wanted:
        did = f"raised {expected.raised}: {expected.message}"
        if not expected.raised:
            did = f"did not raise {' or '.join(wanted)}"
        raise ExerciseBroken(f"check {check.name}, case {number}: the reference {did}")
    if broken := misuse(case, inputs, expected.value):
        where = f"check {check.name}, case {number}, the reference"
        raise ExerciseBroken(f"{where}: {broken.told(trusted.exercise, inputs)}")
    return expected
