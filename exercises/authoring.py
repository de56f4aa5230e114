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
size of every intermediate, ``.calls("aten::*mm", at_most=1)`` how often operators run;
``.leaves_inputs_alone()``, ``.not_aliasing()`` and ``.in_place(0)`` look at memory.
``in_turn(first, second)`` makes several calls a case, for what one call does not show.
Points, titles and what is public stand in exercise.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Generator, Tensor

from exercises.rules import Property, by_chance, close, independent, rule
from exercises.sampling import integers, normal, strided, uniform
from exercises.spec import Tolerance

__all__ = [
    "Built",
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
    "earlier",
    "in_turn",
    "independent",
    "integers",
    "normal",
    "probe",
    "rule",
    "strided",
    "uniform",
]


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
    untouched: bool = False  # every argument stays what it was
    fresh: bool = False  # the output shares no memory with an argument
    written: int | str | None = None  # the argument that the output is written into

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

    def leaves_inputs_alone(self) -> Case:
        """Demand that every argument is after the call what it was, to the bit.

        The arguments come back as bytes and are compared with the grader's own. An
        exercise's own probe returns them under ``after``, by the names of its inputs.
        """
        return replace(self, untouched=True, inputs={**self.inputs, "after": True})

    def not_aliasing(self) -> Case:
        """Demand that the output shares no memory with an argument.

        Once the output is noted the arguments are overwritten, and it comes back a
        second time: what shares memory has changed.
        """
        return replace(self, fresh=True, inputs={**self.inputs, "later": True})

    def in_place(self, argument: int | str) -> Case:
        """Demand that the output is written into this argument, and no other changes.

        After the call the argument must hold what was returned.
        """
        args, kwargs = self.inputs.get("args", ()), self.inputs.get("kwargs", ())
        known = *range(len(args)), *kwargs
        if argument not in known:
            raise ValueError(f"in_place: no such argument: {argument}")
        return replace(self, written=argument, inputs={**self.inputs, "after": True})


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
        """``grad_of`` may also name parameters among the ``state`` that is loaded."""
        known = {*range(len(args)), *kwargs, *self.inputs.get("state", ())}
        if unknown := set(grad_of) - known:
            raise ValueError(f"grad_of: no such argument or parameter: {unknown}")
        called = call("", *args, grad_of=grad_of, **kwargs).inputs
        return Case({**called, **self.inputs})


def build(
    name: str,
    /,
    *args: Any,
    training: bool | None = None,
    state: Mapping[str, Tensor] | None = None,
    **kwargs: Any,
) -> Built:
    """Construct the solution's class ``name``.

    Args:
        training: sets a module's mode.
        state: loaded into the module before it is called, in the dtype of these
            tensors. Its ``state_dict`` must have exactly these names and shapes; it
            is compared after the call, so what the call does to buffers is seen.
    """
    inputs: dict[str, Any] = {"call": name, "build": {"args": args, "kwargs": kwargs}}
    if training is not None:
        inputs["training"] = training
    if state is not None:
        inputs["state"] = dict(state)
    return Built(inputs)


def in_turn(*cases: Case) -> Case:
    """Several calls, one after the other, as one case.

    Calls of one ``Built`` go to one object, an argument may be an ``earlier`` output,
    and what is demanded is demanded of the whole: ``in_turn(...).within(rel=1e-3)``;
    there are no gradients. The value is ``{"answers": [...]}``, compared with what the
    reference answers; ``.holds`` may ask how they go together: streaming and batch::

        net = build("MyLSTM", 3, 5, state=weights)
        halves = net(x[:, :4], state), net(x[:, 4:], earlier(1, 1))
        yield in_turn(net(x, state), *halves).holds(STREAMS)
    """
    return Case({"calls": [_call(cases, number) for number in range(len(cases))]})


def _call(cases: Sequence[Case], number: int) -> Mapping[str, Any]:
    """One of several calls; an object that was built already is not built again."""
    inputs = dict(cases[number].inputs)
    demanding = replace(cases[number], inputs={}) != Case({})
    if demanding or inputs.keys() & {"seed", "grad_of", "after", "later"}:
        raise ValueError("in_turn takes calls alone; demand, seed and so on the whole")
    before = (i for i in range(number) if _same_object(cases[i], cases[number]))
    maker = next(before, None)
    if maker is not None:
        inputs |= {key: None for key in ("build", "state") if key in inputs}
        inputs["object"] = maker
    return inputs


def _same_object(one: Case, other: Case) -> bool:
    """Whether both are calls of one ``Built``."""
    build = one.inputs.get("build")
    return build is not None and build is other.inputs.get("build")


def earlier(call: int, *path: int | str) -> Mapping[str, Sequence[int | str]]:
    """In ``in_turn``: the output of an earlier call, from 0, or a part of it."""
    return {"earlier": [call, *path]}


def probe(**inputs: Any) -> Case:
    """Hand these inputs to the exercise's own probe.py."""
    return Case(inputs)
