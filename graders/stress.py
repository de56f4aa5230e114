"""Are tolerances wide enough for every right answer? Tried on many random inputs.

Right answers are those of the reference and of the author's other solutions in the
precision of the inputs, of the reference under random rounding, and of the reference
with noise on its outputs. Each is held against the expected one, and the largest error
is told as a share of its allowance: more than 1 is a refusal.

All of it runs in this process: the code is the exercise's author's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor

from exercises.spec import Exercise, Tolerance
from graders.cases import Prepared, derived_seed, prepare
from graders.compare import leaves
from graders.elements import deviation
from graders.judge import Finding, judge_reaction
from graders.memory import answer_of, map_answer
from graders.reference import Reaction, Trusted, imported, react, trusted
from graders.rounding import RandomRounding

TIMED_SHARE = 10  # a check that measures time has large inputs: every tenth seed
NOISE = 8  # units in the last place

# Answers a case; the generator is for what is random about it. None: not this case.
Solver = Callable[[Prepared, Generator], Reaction | None]


@dataclass(frozen=True, slots=True)
class Strain:
    """A right answer, and how near it came to being refused."""

    check: str
    case: int  # from 0
    seed: str
    solver: str
    share: float  # the largest error over its allowance
    refusal: str = ""  # what was said, if it was refused

    def __str__(self) -> str:
        return f"{self.solver}, case {self.case}, seed {self.seed}"


@dataclass(slots=True)
class Sweep:
    """The worst of each check over many seeds."""

    strains: dict[str, Strain] = field(default_factory=dict)
    answers: int = 0

    def note(self, strain: Strain) -> None:
        self.answers += 1
        worst = self.strains.setdefault(strain.check, strain)
        if (bool(strain.refusal), strain.share) > (bool(worst.refusal), worst.share):
            self.strains[strain.check] = strain


def sweep(exercise: Exercise, seeds: Sequence[str]) -> Sweep:
    """Try right answers on the cases that these seeds make.

    Raises:
        ExerciseBroken: a check, the reference or another solution cannot be used.
    """
    code, result = trusted(exercise), Sweep()
    solvers = _solvers(code)
    for seed, prepared in _cases(code, seeds):
        for name, solver in solvers.items():
            reaction = solver(prepared, _generator(seed, prepared, name))
            if reaction is not None:
                result.note(_strain(exercise, prepared, seed, name, reaction))
    return result


def _cases(code: Trusted, seeds: Sequence[str]) -> Iterator[tuple[str, Prepared]]:
    timed: set[str] = set()
    for number, seed in enumerate(seeds):
        for check in code.exercise.checks:
            if check.device == "gpu":  # another arithmetic than this processor's
                continue
            if check.name in timed and number % TIMED_SHARE:
                continue
            for prepared in prepare(code, check, seed):
                if prepared.case.times:
                    timed.add(check.name)
                yield seed, prepared


def _strain(
    exercise: Exercise, prepared: Prepared, seed: str, solver: str, reaction: Reaction
) -> Strain:
    finding = judge_reaction(exercise, prepared, reaction)
    share = 0.0
    if finding is None and not prepared.case.properties:
        came, wanted = answer_of(reaction.value), answer_of(prepared.expected.value)
        share = strain(came, wanted, prepared.case.tolerance)
    return Strain(
        check=prepared.check.name,
        case=prepared.number,
        seed=seed,
        solver=solver,
        share=share,
        refusal=_refusal(finding, reaction) if finding else "",
    )


def strain(actual: Any, expected: Any, tolerance: Tolerance) -> float:
    """The largest error of an answer that matches, as a share of its allowance.

    Whole numbers, booleans and strings have no allowance and count as 0.
    """
    return max(
        (
            _share(came, wanted, tolerance)
            for _, came, wanted in leaves(actual, expected, ())
            if isinstance(wanted, Tensor | float)
        ),
        default=0.0,
    )


def _share(came: Tensor | float, wanted: Tensor | float, tolerance: Tolerance) -> float:
    off = deviation(came, wanted, tolerance)
    used = (off.error / off.allowed)[off.error > 0]
    return used.max().item() if used.numel() else 0.0


def _refusal(finding: Finding, reaction: Reaction) -> str:
    return finding.message or f"{reaction.raised}: {reaction.message}"


def _generator(seed: str, prepared: Prepared, solver: str) -> Generator:
    label = f"{prepared.check.name}/{solver}"
    return Generator().manual_seed(derived_seed(seed, label, prepared.number))


def _solvers(code: Trusted) -> dict[str, Solver]:
    folder = code.exercise.folder
    solvers = {"reference.py": _in_process(code, code.reference)}
    for path in code.exercise.correct_solutions:
        name = path.relative_to(folder).as_posix()
        solvers[name] = _in_process(code, imported(path))
    solvers["reference.py rounded by chance"] = _rounded(code)
    solvers["reference.py with noise"] = _noisy(code)
    return solvers


def _in_process(code: Trusted, solution: Any) -> Solver:
    def solve(prepared: Prepared, generator: Generator) -> Reaction:
        return react(code.probe, solution, prepared.inputs)

    return solve


def _rounded(code: Trusted) -> Solver:
    """Only where the reference works in a wider type than its inputs have."""

    def solve(prepared: Prepared, generator: Generator) -> Reaction | None:
        narrow = code.narrow(prepared.inputs)
        if narrow is None:
            return None
        with RandomRounding(narrow, generator):
            return code.expected(prepared.inputs)

    return solve


def _noisy(code: Trusted) -> Solver:
    def solve(prepared: Prepared, generator: Generator) -> Reaction:
        reaction = prepared.expected
        return Reaction(
            map_answer(lambda x: _with_noise(x, generator), reaction.value),
            raised=reaction.raised,
        )

    return solve


def _with_noise(answer: Tensor, generator: Generator) -> Tensor:
    if not answer.is_floating_point():
        return answer
    noise = torch.randn(answer.shape, generator=generator, dtype=torch.float64)
    unit = NOISE * torch.finfo(answer.dtype).eps
    return (answer.double() * (1 + unit * noise)).to(answer.dtype)
