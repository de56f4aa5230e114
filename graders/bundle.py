"""Cases with the reference's answers, as data that another machine can use.

Structure is JSON, numbers are safetensors; nothing is pickled. Both the public examples
of an exercise and the replay of a submission are such bundles, and
``graders/local/replay.py`` reads them.

A value is itself where JSON has it; other values are lists that begin with a tag::

    ["l", items] ["t", items] ["d", pairs]  list, tuple, dict
    ["T", number, layout]                   tensor of that name in the safetensors
    ["f", "nan"] ["c", re, im]              float that is not finite, complex
    ["S", dtype, shape]                     a tensor of which only that much is wanted
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from exercises.spec import Check, Exercise
from graders.cases import Prepared, derived_seed, prepare
from graders.errors import ExerciseBroken
from graders.naming import answer_names
from graders.reference import Trusted
from graders.runner.tensors import COMPLEXES, flat
from graders.trees import tensors

FORMAT = 1
LIMIT = 16 << 20  # bytes of tensors; cases that would go beyond are left out


@dataclass(frozen=True, slots=True)
class Bundle:
    cases: str  # JSON
    tensors: bytes  # safetensors


def public_seed(exercise: Exercise) -> str:
    """The seed of the examples that everybody may see; no submission's.

    A submission's is 128 random bits, so the two never meet.
    """
    return hashlib.sha256(f"public examples {exercise.digest}".encode()).hexdigest()


def make_bundle(code: Trusted, seed: str, *, with_hidden: bool = False) -> Bundle:
    """The cases that ``seed`` makes, of the public checks or of all.

    The seed itself is not in it: of what it makes only the seeds of the cases that are
    there, from which no other can be told.

    Raises:
        ExerciseBroken: a check or the reference fails.
    """
    writer = _Writer()
    exercise = code.exercise
    checks = [c for c in exercise.checks if c.public or with_hidden]
    content = {
        "format": FORMAT,
        "exercise": exercise.slug,
        "title": exercise.title,
        "digest": exercise.digest,
        "requires": list(exercise.requires),
        "made_with": {"python": platform.python_version(), "torch": torch.__version__},
        "checks": [_check(writer, code, check, seed) for check in checks],
    }
    return Bundle(json.dumps(content, ensure_ascii=False), writer.blob())


def _check(writer: _Writer, code: Trusted, check: Check, seed: str) -> dict[str, Any]:
    cases = []
    left_out = 0
    for prepared in prepare(code, check, seed):
        if writer.has_room_for(prepared):
            cases.append(_case(writer, code.exercise, prepared, seed))
        else:
            left_out += 1
    return {
        "name": check.name,
        "title": check.title,
        "public": check.public,
        "points": check.points,
        "cases": cases,
        "left_out": left_out,
    }


def _case(
    writer: _Writer, exercise: Exercise, prepared: Prepared, seed: str
) -> dict[str, Any]:
    case = prepared.case
    names = answer_names(exercise, prepared.inputs).items()
    return {
        "number": prepared.number,
        "seed": derived_seed(seed, prepared.check.name, prepared.number),
        "inputs": writer.node(prepared.inputs),
        "raises": list(case.exceptions),
        "expected": _expected(writer, prepared),
        "rel": case.tolerance.rel,
        "scale": case.tolerance.scale,
        "names": [[list(path), name] for path, name in names],
        # What this file cannot say; only the site checks it.
        "unchecked": list(_unchecked(prepared)),
    }


def _expected(writer: _Writer, prepared: Prepared) -> Any:
    """The reference's answer; of one that is judged by its properties, the shape."""
    if prepared.case.exceptions:
        return None
    value = prepared.expected.value
    return writer.node(value, attributes_only=bool(prepared.case.properties))


def _unchecked(prepared: Prepared) -> Iterator[str]:
    if prepared.case.properties:
        yield "properties"
    if prepared.case.times is not None:
        yield "time"
    if prepared.case.elements is not None:
        yield "size"


@dataclass(slots=True)
class _Writer:
    """Values into nodes, tensors aside."""

    kept: list[Tensor] = field(default_factory=list)
    nbytes: int = 0

    def has_room_for(self, prepared: Prepared) -> bool:
        found = [*tensors(prepared.inputs)]
        if not prepared.case.properties:
            found += tensors(prepared.expected.value)
        return self.nbytes + sum(tensor.nbytes for tensor in found) <= LIMIT

    def node(self, value: Any, *, attributes_only: bool = False) -> Any:
        """The value as JSON has it.

        Raises:
            ExerciseBroken: no form is known for it.
        """

        def inner(item: Any) -> Any:
            return self.node(item, attributes_only=attributes_only)

        match value:
            case None | bool() | int() | str():
                return value
            case float():
                return value if math.isfinite(value) else ["f", str(value)]
            case complex():
                return ["c", value.real, value.imag]
            case list() | tuple():
                tag = "l" if isinstance(value, list) else "t"
                return [tag, [inner(item) for item in value]]
            case dict():
                return ["d", [[key, inner(item)] for key, item in value.items()]]
            case Tensor() if attributes_only:
                return ["S", _name(value.dtype), list(value.shape)]
            case Tensor():
                return self._tensor(value)
        raise ExerciseBroken(f"a bundle has no form for a {type(value).__name__}")

    def _tensor(self, tensor: Tensor) -> list[Any]:
        layout: dict[str, Any] = {"grad": True} if tensor.requires_grad else {}
        dense = tensor.detach().resolve_conj().resolve_neg().cpu()
        if not dense.is_contiguous():
            layout |= {"size": list(dense.shape), "stride": list(dense.stride())}
            dense = flat(dense)
        if dense.dtype in COMPLEXES:
            layout["complex"] = True
            dense = torch.view_as_real(dense)
        self.kept.append(dense.contiguous().clone())
        self.nbytes += dense.nbytes
        return ["T", len(self.kept) - 1, layout]

    def blob(self) -> bytes:
        named = {str(number): tensor for number, tensor in enumerate(self.kept)}
        return bytes(safetensors.torch.save(named))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
