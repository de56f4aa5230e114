"""Is an exercise sound? Proved by grading everything its author knows to be right or
wrong, in the real sandbox, under a third of the limits.

What needs a GPU is proved where there is one: the reference must pass it. Elsewhere the
result says what was not tried.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from exercises.spec import Exercise, Mistake
from graders.contract import contract_error
from graders.errors import ExerciseBroken
from graders.impostors import SPOILERS, Impostor, Spoil, noisy
from graders.pipeline import grade
from graders.reference import trusted
from graders.report import Report
from graders.sandbox.session import Sandbox
from graders.verdicts import Verdict

MARGIN = 3  # good solutions must do with a third of the time and of the memory
ROUNDS = 2  # other random inputs each time
IMPOSTOR_SCORE = 0.5  # an impostor must earn less


@dataclass(frozen=True, slots=True)
class Soundness:
    """What checking one exercise came to."""

    exercise: str
    problems: tuple[str, ...]
    gradings: int
    seconds: float
    untried: tuple[str, ...] = ()  # checks that need a GPU, where there is none

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing graded; ``problem`` is None if it came out as it should."""

    subject: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Bench:
    """Where solutions are tried."""

    sandbox: Sandbox
    gpu: Sandbox | None

    def grade(self, source: str, exercise: Exercise) -> Report:
        return grade(source, exercise, self.sandbox, self.gpu)


def check_exercise(
    exercise: Exercise, sandbox: Sandbox, gpu: Sandbox | None = None
) -> Soundness:
    """Try everything; a list of what is wrong."""
    start = time.perf_counter()
    trials: list[Trial] = []
    try:
        trials.extend(_trials(exercise, Bench(sandbox, gpu)))
    except ExerciseBroken as error:
        trials.append(Trial("the folder", str(error)))
    return Soundness(
        exercise=exercise.slug,
        problems=tuple(
            f"{trial.subject}: {trial.problem}" for trial in trials if trial.problem
        ),
        gradings=len(trials),
        seconds=round(time.perf_counter() - start, 2),
        untried=() if gpu else _names_on_gpu(exercise),
    )


def _names_on_gpu(exercise: Exercise) -> tuple[str, ...]:
    return tuple(check.name for check in exercise.checks if check.device == "gpu")


def _trials(exercise: Exercise, bench: Bench) -> Iterator[Trial]:
    if exercise.device != "gpu" or bench.gpu:
        yield from _solutions(exercise, bench)
    yield from _impostors(exercise)


def _solutions(exercise: Exercise, bench: Bench) -> Iterator[Trial]:
    yield _starter(exercise, bench)
    yield from _good_solutions(exercise, bench)
    for mistake in exercise.mistakes:
        for _ in range(ROUNDS):
            yield _wrong_solution(exercise, mistake, bench)


def _starter(exercise: Exercise, bench: Bench) -> Trial:
    """It fits the contract, has the reference's docstrings, and is no solution."""
    subject = "starter.py"
    report = bench.grade(exercise.starter, exercise)
    reference = (exercise.folder / "reference.py").read_text()
    if _docstrings(reference) != _docstrings(exercise.starter):
        return Trial(subject, "its docstrings are not those of reference.py")
    if problem := contract_error(ast.parse(reference), exercise):
        return Trial(subject, f"reference.py does not fit its signatures: {problem}")
    if report.verdict is Verdict.RUNTIME_ERROR and not report.mistake:
        return Trial(subject, None)
    return Trial(subject, f"is {_summary(report)}, not runtime_error")


def _docstrings(source: str) -> dict[str, str | None]:
    """Docstrings by the name of the function or class; helpers have none in common."""
    nodes = (ast.FunctionDef, ast.ClassDef)
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, nodes))
    texts = {node.name: ast.get_docstring(node) for node in found}
    return {name: text for name, text in texts.items() if text and not text.isascii()}


def _good_solutions(exercise: Exercise, bench: Bench) -> Iterator[Trial]:
    """Accepted with a third of the limits, whatever the random inputs."""
    limits = exercise.limits
    tight = replace(
        limits, time_s=limits.time_s / MARGIN, memory_mb=limits.memory_mb // MARGIN
    )
    hurried = replace(exercise, limits=tight)
    reference = exercise.folder / "reference.py"
    for path in (reference, *exercise.correct_solutions):
        for _ in range(ROUNDS):
            report = bench.grade(path.read_text(), hurried)
            yield _must_be_accepted(_name(exercise, path), report)
            if path == reference:
                yield _must_pass_everything(report)


def _must_pass_everything(report: Report) -> Trial:
    """What has no points too, as far as there is a device for it."""
    failing = [check for check in report.checks if not (check.passed or check.waived)]
    said = "; ".join(f"{check.name}: {check.message}" for check in failing)
    return Trial("reference.py", f"fails {said}" if failing else None)


def _must_be_accepted(subject: str, report: Report) -> Trial:
    if report.verdict is Verdict.ACCEPTED:
        return Trial(subject, None)
    return Trial(subject, f"is {_summary(report)}, not accepted")


def _wrong_solution(exercise: Exercise, mistake: Mistake, bench: Bench) -> Trial:
    """Refused, and told its own hint: so no two mistakes are alike either."""
    path = exercise.wrong_solution(mistake.id)
    subject = _name(exercise, path)
    report = bench.grade(path.read_text(), exercise)
    if report.verdict is Verdict.ACCEPTED:
        return Trial(subject, "is accepted")
    told = report.mistake.id if report.mistake else "nothing"
    if told != mistake.id:
        return Trial(subject, f"is recognised as {told}: {_summary(report)}")
    return Trial(subject, None)


def _impostors(exercise: Exercise) -> Iterator[Trial]:
    for name, spoil in SPOILERS.items():
        report = _pretended(exercise, spoil)
        passed = [check.name for check in report.checks if check.passed]
        bad = report.score >= IMPOSTOR_SCORE
        problem = f"scores {report.score:.2f}: {', '.join(passed)}" if bad else None
        yield Trial(f"an impostor that returns {name}", problem)
    report = _pretended(exercise, noisy)
    yield _must_be_accepted("the reference with rounding noise", report)


def _pretended(exercise: Exercise, spoil: Spoil) -> Report:
    """No device is needed for that, but it takes long for what is large."""
    source = (exercise.folder / "reference.py").read_text()
    impostor = Impostor(trusted(exercise), spoil)
    gpu = impostor if exercise.device == "gpu" else None
    return grade(source, exercise, impostor, gpu)


def _summary(report: Report) -> str:
    """The verdict and what the first failing check said."""
    failing = (check for check in report.checks if not check.passed)
    first = next((f"{check.name}: {check.message}" for check in failing), "")
    said = report.staff_note or first or report.message
    return f"{report.verdict.value} ({said})"


def _name(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.folder).as_posix()
