"""Is an exercise sound? Proved by grading everything its author knows to be right or
wrong, in the real sandbox, under a third of the limits.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from exercises.spec import Exercise, Limits, Mistake
from graders.contract import contract_error
from graders.errors import ExerciseBroken
from graders.impostors import SPOILERS, Impostor, noisy
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

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing graded; ``problem`` is None if it came out as it should."""

    subject: str
    problem: str | None


def check_exercise(exercise: Exercise, sandbox: Sandbox) -> Soundness:
    """Try everything; a list of what is wrong."""
    start = time.perf_counter()
    trials: list[Trial] = []
    try:
        trials.extend(_trials(exercise, sandbox))
    except ExerciseBroken as error:
        trials.append(Trial("the folder", str(error)))
    return Soundness(
        exercise=exercise.slug,
        problems=tuple(
            f"{trial.subject}: {trial.problem}" for trial in trials if trial.problem
        ),
        gradings=len(trials),
        seconds=round(time.perf_counter() - start, 2),
    )


def _trials(exercise: Exercise, sandbox: Sandbox) -> Iterator[Trial]:
    yield _starter(exercise, sandbox)
    yield from _good_solutions(exercise, sandbox)
    for mistake in exercise.mistakes:
        for _ in range(ROUNDS):
            yield _wrong_solution(exercise, mistake, sandbox)
    yield from _impostors(exercise)


def _starter(exercise: Exercise, sandbox: Sandbox) -> Trial:
    """It fits the contract, has the reference's docstrings, and is no solution."""
    subject = "starter.py"
    report = grade(exercise.starter, exercise, sandbox)
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


def _good_solutions(exercise: Exercise, sandbox: Sandbox) -> Iterator[Trial]:
    """Accepted with a third of the limits, whatever the random inputs."""
    limits = exercise.limits
    tight = Limits(limits.time_s / MARGIN, limits.memory_mb // MARGIN)
    hurried = replace(exercise, limits=tight)
    reference = exercise.folder / "reference.py"
    for path in (reference, *exercise.correct_solutions):
        for _ in range(ROUNDS):
            report = grade(path.read_text(), hurried, sandbox)
            yield _must_be_accepted(_name(exercise, path), report)


def _must_be_accepted(subject: str, report: Report) -> Trial:
    if report.verdict is Verdict.ACCEPTED:
        return Trial(subject, None)
    return Trial(subject, f"is {_summary(report)}, not accepted")


def _wrong_solution(exercise: Exercise, mistake: Mistake, sandbox: Sandbox) -> Trial:
    """Refused, and told its own hint: so no two mistakes are alike either."""
    path = exercise.wrong_solution(mistake.id)
    subject = _name(exercise, path)
    report = grade(path.read_text(), exercise, sandbox)
    if report.verdict is Verdict.ACCEPTED:
        return Trial(subject, "is accepted")
    told = report.mistake.id if report.mistake else "nothing"
    if told != mistake.id:
        return Trial(subject, f"is recognised as {told}: {_summary(report)}")
    return Trial(subject, None)


def _impostors(exercise: Exercise) -> Iterator[Trial]:
    code = trusted(exercise)
    source = (exercise.folder / "reference.py").read_text()
    for name, spoil in SPOILERS.items():
        report = grade(source, exercise, Impostor(code, spoil))
        passed = [check.name for check in report.checks if check.passed]
        bad = report.score >= IMPOSTOR_SCORE
        problem = f"scores {report.score:.2f}: {', '.join(passed)}" if bad else None
        yield Trial(f"an impostor that returns {name}", problem)
    report = grade(source, exercise, Impostor(code, noisy))
    yield _must_be_accepted("the reference with rounding noise", report)


def _summary(report: Report) -> str:
    """The verdict and what the first failing check said."""
    failing = (check for check in report.checks if not check.passed)
    first = next((f"{check.name}: {check.message}" for check in failing), "")
    said = report.staff_note or first or report.message
    return f"{report.verdict.value} ({said})"


def _name(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.folder).as_posix()
