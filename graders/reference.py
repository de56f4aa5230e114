"""The trusted half of an exercise: reference, checks, known mistakes.

They are the author's code and run in the grader's own process, on copies of the
inputs, asked by the same probe as the student's code in the sandbox. Whatever fails
here is the exercise's fault: :class:`ExerciseBroken`.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from exercises.authoring import CheckFunction
from exercises.spec import Exercise
from graders.errors import ExerciseBroken
from graders.runner import probe as generic_probe
from graders.runner.trace import Recorder
from graders.sandbox.session import Trace
from graders.trees import cloned, map_tensors, tensors

Probe = Callable[[Any, Mapping[str, Any]], Any]

PACE_RUNS, PACE_WINDOW_MS = 3, 50.0  # at least: a scheduler's turns even out in that


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a solution did with one case's inputs, wherever it ran."""

    value: Any = None
    raised: str = ""  # name of the exception class
    message: str = ""  # of the exception
    wall_ms: float = 0.0
    trace: Trace = field(default_factory=Trace)  # empty where nothing was traced


@dataclass(frozen=True, slots=True)
class Trusted:
    """An exercise's code, loaded."""

    exercise: Exercise
    reference: ModuleType
    probe: Probe
    checks: Mapping[str, CheckFunction]
    mistakes: Mapping[str, ModuleType]

    def narrow(self, inputs: Mapping[str, Any]) -> torch.dtype | None:
        """The inputs' dtype, if the reference works on them in a wider one."""
        return _common_dtype(inputs) if self.exercise.float64 else None

    def expected(self, inputs: Mapping[str, Any]) -> Reaction:
        """What the reference does, in float64 where the exercise says so."""
        narrow = self.narrow(inputs)
        if narrow is None:
            return react(self.probe, self.reference, inputs)
        wide = map_tensors(lambda tensor: _cast(tensor, torch.float64), inputs)
        reaction = react(self.probe, self.reference, wide)
        narrowed = map_tensors(lambda tensor: _cast(tensor, narrow), reaction.value)
        return replace(reaction, value=narrowed)

    def mistaken(
        self, mistake_id: str, inputs: Mapping[str, Any], *, trace: bool = False
    ) -> Reaction:
        """What a known wrong solution does, in the precision of the inputs."""
        return react(self.probe, self.mistakes[mistake_id], inputs, trace=trace)

    def pace_ms(self, inputs: Mapping[str, Any]) -> float:
        """The reference's time in the precision of the inputs: the mean of a while.

        Not the best: a busy machine leaves a millisecond alone and stretches what
        takes many, so it is only over a while that it slows down the reference as
        much as it does the submission.
        """
        runs: list[float] = []
        while len(runs) < PACE_RUNS or sum(runs) < PACE_WINDOW_MS:
            runs.append(react(self.probe, self.reference, inputs).wall_ms)
        return sum(runs) / len(runs)


_loaded: dict[str, Trusted] = {}  # by digest, for the life of the process


def trusted(exercise: Exercise) -> Trusted:
    """The exercise's code, loaded once per process and version.

    Raises:
        ExerciseBroken: some of it cannot be imported, or a check is not written.
    """
    if exercise.digest not in _loaded:
        _loaded[exercise.digest] = _load(exercise)
    # The code is the version's; limits are the caller's, who may have changed them.
    return replace(_loaded[exercise.digest], exercise=exercise)


def react(
    probe: Probe, solution: Any, inputs: Mapping[str, Any], *, trace: bool = False
) -> Reaction:
    """Ask a trusted solution; the global random state stays as it was."""
    recorder = Recorder()
    copies = cloned(inputs)
    with torch.random.fork_rng(devices=[]):
        start = time.perf_counter()
        try:
            with recorder if trace else nullcontext():
                value = probe(solution, copies)
        except Exception as error:
            return Reaction(raised=type(error).__name__, message=str(error))
        wall_ms = 1000 * (time.perf_counter() - start)
    return Reaction(value, wall_ms=wall_ms, trace=Trace(**recorder.as_dict()))


def _load(exercise: Exercise) -> Trusted:
    probe = generic_probe.run
    if exercise.probe is not None:
        probe = imported(exercise.folder / "probe.py").run
    return Trusted(
        exercise=exercise,
        reference=imported(exercise.folder / "reference.py"),
        probe=probe,
        checks=_checks(exercise),
        mistakes={
            m.id: imported(exercise.wrong_solution(m.id)) for m in exercise.mistakes
        },
    )


def _checks(exercise: Exercise) -> dict[str, CheckFunction]:
    """The functions of checks.py by name: exactly those of exercise.toml."""
    path = exercise.folder / "checks.py"
    marked = {
        function.check_name: function
        for function in vars(imported(path)).values()
        if hasattr(function, "check_name")
    }
    wanted = {check.name for check in exercise.checks}
    if set(marked) != wanted:
        odd = ", ".join(sorted(set(marked) ^ wanted))
        raise ExerciseBroken(f"{path} and exercise.toml disagree about checks: {odd}")
    return marked


def imported(path: Path) -> Any:
    """Import one file of the exercise, under a name of its own."""
    name = f"exercise_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ExerciseBroken(f"{path} cannot be imported: {error!r}") from error
    return module


def _common_dtype(inputs: Any) -> torch.dtype | None:
    """The one floating dtype of all inputs, unless they are float64 or mixed."""
    dtypes = {tensor.dtype for tensor in tensors(inputs) if tensor.is_floating_point()}
    return dtypes.pop() if len(dtypes) == 1 and torch.float64 not in dtypes else None


def _cast(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.to(dtype) if tensor.is_floating_point() else tensor
