"""The language that ``checks.py`` files are written in.

A check is a generator of cases. Before each case the generator of random numbers is
reseeded from the submission's secret seed, the check's name and the case's number::

    @check("values")
    def values(g: Generator) -> Cases:
        for shape in SHAPES:
            yield call("attention", *qkv(g, shape), grad_of=(0, 1, 2))

A case is compared with the reference by value unless it says otherwise:
``.within(rel=1e-6)`` sets the tolerance, ``.holds(rule, ...)`` asks for properties
instead of values, ``.raises("ValueError")`` wants an exception. Beside a right answer
``.no_slower_than(10)`` bounds the time by the reference's, ``.largest_tensor(n)`` the
size of every intermediate, ``.calls("aten::*mm", at_most=1)`` how often operators run.
Points, titles and what is public stand in exercise.toml.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Generator, Tensor

from exercises.spec import Tolerance

__all__ = [
    "CallLimit",
    "Case",
    "Cases",
    "CheckFunction",
    "Generator",
    "Property",
    "Tensor",
    "build",
    "by_chance",
    "call",
    "check",
    "close",
    "independent",
    "integers",
    "normal",
    "probe",
    "rule",
    "strided",
    "uniform",
]

# Given the returned value and the case's inputs: nothing, or what is wrong (Russian).
# It is called only when structure, shapes and dtypes equal the reference's.
Property = Callable[[Any, Mapping[str, Any]], str | None]


@dataclass(frozen=True, slots=True)
class CallLimit:
    """How often the operators of one pattern may run in one case, counted together."""

    pattern: str  # of names as the trace has them: "aten::bmm", "torch.Tensor.sort"
    at_most: int


@dataclass(frozen=True, slots=True)
class Case:
    """One set of inputs, and what the answer is held against."""

    inputs: Mapping[str, Any]  # what the probe gets
    tolerance: Tolerance = field(default_factory=Tolerance)
    properties: tuple[Property, ...] = ()
    exceptions: tuple[str, ...] = ()  # one of these must be raised
    times: float | None = None  # how much slower than the reference it may be
    elements: int | None = None  # the most that one tensor on the way may hold
    call_limits: tuple[CallLimit, ...] = ()

    @property
    def is_traced(self) -> bool:
        """Whether what it demands can only be seen from inside the runner."""
        return self.elements is not None or bool(self.call_limits)

    def within(self, *, rel: float | None = None, scale: float | None = None) -> Case:
        """Compare with this tolerance instead of the dtype's own."""
        return replace(self, tolerance=Tolerance(rel, scale))

    def holds(self, *properties: Property) -> Case:
        """Ask for these properties instead of values; the first broken one is told."""
        return replace(self, properties=properties)

    def seeded(self, g: Generator) -> Case:
        """Fix torch's global random state before the solution is called."""
        seed = int(integers(g, 0, 2**31, 1))
        return replace(self, inputs={**self.inputs, "seed": seed})

    def raises(self, *exceptions: str) -> Case:
        """Demand that one of these exceptions is raised."""
        return replace(self, exceptions=exceptions)

    def no_slower_than(self, times: float) -> Case:
        """Bound the time by the reference's, measured beside it in the same precision.

        The grader's clock is read, which sees the transport too; so the reference
        should take tens of milliseconds and ``times`` leave room, say 10. A timed
        case is not traced: forbidden operators are looked for in the other cases.
        """
        return replace(self, times=times)

    def largest_tensor(self, elements: int) -> Case:
        """Bound the elements of every tensor that any operator makes on the way.

        Seen from inside the runner, hence advisory: it holds for those who play by
        the rules.
        """
        return replace(self, elements=elements)

    def calls(self, pattern: str, *, at_most: int) -> Case:
        """Bound how often operators run whose names fit ``pattern``, as in fnmatch.

        ``aten::…`` are operators as they reach the dispatcher, those of a backward
        pass too; ``torch.…`` are functions and methods as the student calls them. A
        loop in Python over what should be one operator shows as a count that grows
        with the input. Advisory, like the size of the largest tensor.
        """
        limit = CallLimit(pattern, at_most)
        return replace(self, call_limits=(*self.call_limits, limit))


Cases = Iterator[Case]
CheckFunction = Callable[[Generator], Cases]


def check(name: str) -> Callable[[CheckFunction], CheckFunction]:
    """Mark the generator function of the check ``name`` of exercise.toml."""

    def mark(function: CheckFunction) -> CheckFunction:
        function.check_name = name  # type: ignore[attr-defined]
        return function

    return mark


def call(
    name: str, /, *args: Any, grad_of: tuple[int | str, ...] = (), **kwargs: Any
) -> Case:
    """Call the solution's function ``name``.

    ``grad_of`` names arguments, by position or keyword, whose gradients against
    random cotangents are compared as well.
    """
    inputs: dict[str, Any] = {"call": name, "args": list(args), "kwargs": kwargs}
    if grad_of:
        inputs["grad_of"] = list(grad_of)
    return Case(inputs)


@dataclass(frozen=True, slots=True)
class Built:
    """An object of a class of the solution; calling it makes a case."""

    inputs: Mapping[str, Any]

    def __call__(
        self, *args: Any, grad_of: tuple[int | str, ...] = (), **kwargs: Any
    ) -> Case:
        called = call("", *args, grad_of=grad_of, **kwargs).inputs
        return Case({**called, **self.inputs})


def build(
    name: str, /, *args: Any, training: bool | None = None, **kwargs: Any
) -> Built:
    """Construct the solution's class ``name``; ``training`` sets a module's mode."""
    inputs: dict[str, Any] = {"call": name, "build": {"args": args, "kwargs": kwargs}}
    if training is not None:
        inputs["training"] = training
    return Built(inputs)


def probe(**inputs: Any) -> Case:
    """Hand these inputs to the exercise's own probe.py."""
    return Case(inputs)


def normal(g: Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Independent standard normal numbers."""
    return torch.randn(shape, generator=g, dtype=dtype)


def uniform(g: Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Independent numbers, uniform on [low, high)."""
    return torch.rand(shape, generator=g) * (high - low) + low


def integers(g: Generator, low: int, high: int, *shape: int) -> Tensor:
    """Independent whole numbers from [low, high)."""
    return torch.randint(low, high, shape, generator=g)


def strided(x: Tensor) -> Tensor:
    """The same values in memory that is not contiguous (last two axes swapped)."""
    return x.mT.contiguous().mT


def rule(message: str, holds: Callable[[Any, Mapping[str, Any]], bool]) -> Property:
    """A property that is told with ``message`` (Russian) when it does not hold."""

    def judged(value: Any, inputs: Mapping[str, Any]) -> str | None:
        return None if holds(value, inputs) else message

    judged.__name__ = message  # a known mistake breaks the same rule
    return judged


def close(x: Tensor, y: Tensor, rel: float = 1e-4) -> bool:
    """Whether two tensors are equal up to rounding, relative to their size."""
    worst, size = (x - y).abs().max(), y.square().mean().sqrt()
    return float(worst) <= rel * float(size)


def by_chance(hits: Tensor, p: float, sigmas: float = 5) -> bool:
    """Whether the share of hits is as near to ``p`` as chance has it."""
    sigma = math.sqrt(p * (1 - p) / hits.numel())
    return abs(float(hits.float().mean()) - p) <= sigmas * sigma


def independent(hits: Tensor, p: float) -> bool:
    """Whether neighbours along each axis are both hit as often as chance has it."""
    for axis, size in enumerate(hits.shape):
        rows = hits.transpose(0, axis)[: size // 2 * 2]
        # Pairs that do not overlap: those that do would not be independent.
        if size > 1 and not by_chance(rows[0::2] & rows[1::2], p * p):
            return False
    return True
