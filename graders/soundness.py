"""Is an exercise sound? Proved by grading everything its author knows to be right or
wrong, in the real sandbox, under a third of the limits, and by straining tolerances.

All random inputs come from one seed. Unless another is given it is made from the
exercise's content: what was sound stays sound until somebody changes it.

What needs a GPU is proved where there is one: the reference must pass it. Elsewhere the
result says what was not tried.
"""

from __future__ import annotations

import ast
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from exercises.spec import Exercise, Mistake
from graders.contract import contract_error
from graders.errors import ExerciseBroken
from graders.impostors import SPOILERS, Impostor
from graders.pipeline import grade
from graders.reference import trusted
from graders.report import Report
from graders.sandbox.session import Sandbox
from graders.stress import Strain, sweep
from graders.verdicts import Verdict

MARGIN = 3  # good solutions do with a third of time, memory and every allowance
ROUNDS = 2  # other random inputs each time
SEEDS = 10  # that tolerances are strained with, unless more are asked for
IMPOSTOR_SCORE = 0.5  # an impostor must earn less
PATIENCE = 3  # times that one who comes late is asked: the machine may be busy

Fault = Callable[[Report], str | None]  # what is wrong with a report, if anything


@dataclass(frozen=True, slots=True)
class Soundness:
    """What checking one exercise came to."""

    exercise: str
    problems: tuple[str, ...]
    gradings: int
    seconds: float
    seed: str  # all that was random came from it
    strains: tuple[Strain, ...] = ()  # of each check the worst right answer
    untried: tuple[str, ...] = ()  # checks that need a GPU, where there is none

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing graded; ``problem`` is None if it came out as it should."""

    subject: str
    problem: str | None

    def __str__(self) -> str:
        return f"{self.subject}: {self.problem}"


def check_exercise(
    exercise: Exercise,
    sandbox: Sandbox,
    gpu: Sandbox | None = None,
    *,
    seed: str | None = None,
    seeds: int = SEEDS,
) -> Soundness:
    """Try everything; a list of what is wrong.

    Args:
        gpu: where checks that need a GPU are tried; without it they are not.
        seed: 32 hexadecimal digits instead of those made from the exercise's content.
        seeds: how many sets of inputs the tolerances are strained with.
    """
    start = time.perf_counter()
    examiner = Examiner(exercise, sandbox, seed or exercise.digest[:32], gpu)
    trials: list[Trial] = []
    strains: tuple[Strain, ...] = ()
    try:
        trials.extend(examiner.trials())
        strains = examiner.strains(seeds)
    except ExerciseBroken as error:
        trials.append(Trial("the folder", str(error)))
    strained = [problem for strain in strains if (problem := _too_near(strain))]
    return Soundness(
        exercise=exercise.slug,
        problems=(*(str(trial) for trial in trials if trial.problem), *strained),
        gradings=len(trials),
        seconds=round(time.perf_counter() - start, 2),
        seed=examiner.seed,
        strains=strains,
        untried=() if gpu else _names_on_gpu(exercise),
    )


def _names_on_gpu(exercise: Exercise) -> tuple[str, ...]:
    return tuple(check.name for check in exercise.checks if check.device == "gpu")


@dataclass(frozen=True, slots=True)
class Examiner:
    """Tries one exercise on inputs that are drawn from one seed."""

    exercise: Exercise
    sandbox: Sandbox
    seed: str
    gpu: Sandbox | None = None

    def trials(self) -> Iterator[Trial]:
        """Grade what is there: starter, solutions right and wrong, impostors."""
        if self.exercise.device != "gpu" or self.gpu:
            yield from self._solutions()
        yield from self._impostors()

    def _solutions(self) -> Iterator[Trial]:
        yield self._starter()
        yield from self.good_solutions()
        for mistake in self.exercise.mistakes:
            for number in range(ROUNDS):
                yield self._wrong_solution(mistake, number)

    def strains(self, seeds: int) -> tuple[Strain, ...]:
        """How near right answers come to being refused."""
        drawn = [self._drawn("strain", number) for number in range(seeds)]
        return tuple(sweep(self.exercise, drawn).strains.values())

    def _drawn(self, purpose: str, number: int) -> str:
        """A seed of its own for each use of the one seed."""
        label = f"{self.seed}/{purpose}/{number}"
        return hashlib.sha256(label.encode()).hexdigest()[:32]

    def _graded(
        self,
        subject: str,
        source: str,
        fault: Fault,
        *,
        number: int = 0,
        exercise: Exercise | None = None,
        impostor: Impostor | None = None,
    ) -> Trial:
        """Try it, or an impostor in its place.

        For an impostor no device is needed, but it takes long for what is large.
        """
        sandbox, gpu = self.sandbox, self.gpu
        if impostor:
            sandbox = impostor
            gpu = impostor if self.exercise.device == "gpu" else None
        seed = self._drawn("round", number)
        problem = None
        for _ in range(PATIENCE):
            report = grade(source, exercise or self.exercise, sandbox, gpu, seed=seed)
            problem = fault(report)
            if problem is None or not _late(report):
                break
        return Trial(subject, problem and f"{problem}; seed {seed}")

    def _starter(self) -> Trial:
        """It fits the contract, has the reference's docstrings, and is no solution."""
        subject, exercise = "starter.py", self.exercise
        reference = (exercise.folder / "reference.py").read_text()
        if _docstrings(reference) != _docstrings(exercise.starter):
            return Trial(subject, "its docstrings are not those of reference.py")
        if problem := contract_error(ast.parse(reference), exercise):
            return Trial(
                subject, f"reference.py does not fit its signatures: {problem}"
            )
        return self._graded(subject, exercise.starter, _does_something)

    def good_solutions(self) -> Iterator[Trial]:
        """Accepted with a third of the limits, whatever the random inputs."""
        limits = self.exercise.limits
        tight = replace(
            limits, time_s=limits.time_s / MARGIN, memory_mb=limits.memory_mb // MARGIN
        )
        hurried = replace(self.exercise, limits=tight)
        reference = self.exercise.folder / "reference.py"
        for path in (reference, *self.exercise.correct_solutions):
            for number in range(ROUNDS):
                yield self._graded(
                    self._name(path),
                    path.read_text(),
                    _not_all_passed if path == reference else _not_accepted,
                    number=number,
                    exercise=hurried,
                )

    def _wrong_solution(self, mistake: Mistake, number: int) -> Trial:
        """Refused, and told its own hint: so no two mistakes are alike either."""

        def fault(report: Report) -> str | None:
            if report.verdict is Verdict.ACCEPTED:
                return "is accepted"
            told = report.mistake.id if report.mistake else "nothing"
            known = told == mistake.id
            return None if known else f"is recognised as {told}: {_summary(report)}"

        path = self.exercise.wrong_solution(mistake.id)
        return self._graded(self._name(path), path.read_text(), fault, number=number)

    def _impostors(self) -> Iterator[Trial]:
        code = trusted(self.exercise)
        source = (self.exercise.folder / "reference.py").read_text()
        for name, spoil in SPOILERS.items():
            subject = f"an impostor that returns {name}"
            impostor = Impostor(code, spoil)
            yield self._graded(subject, source, _scores, impostor=impostor)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.exercise.folder).as_posix()


def _late(report: Report) -> bool:
    """Whether time decided anything."""
    differences = [check.details.get("difference") for check in report.checks]
    return report.verdict is Verdict.TIME_LIMIT or "time" in differences


def _docstrings(source: str) -> dict[str, str | None]:
    """Docstrings by the name of the function or class; helpers have none in common."""
    nodes = (ast.FunctionDef, ast.ClassDef)
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, nodes))
    texts = {node.name: ast.get_docstring(node) for node in found}
    return {name: text for name, text in texts.items() if text and not text.isascii()}


def _does_something(report: Report) -> str | None:
    if report.verdict is Verdict.RUNTIME_ERROR and not report.mistake:
        return None
    return f"is {_summary(report)}, not runtime_error"


def _not_accepted(report: Report) -> str | None:
    accepted = report.verdict is Verdict.ACCEPTED
    return None if accepted else f"is {_summary(report)}, not accepted"


def _not_all_passed(report: Report) -> str | None:
    """What has no points must pass too, as far as there is a device for it."""
    failing = [check for check in report.checks if not (check.passed or check.waived)]
    said = "; ".join(f"{check.name}: {check.message}" for check in failing)
    return _not_accepted(report) or (f"fails {said}" if failing else None)


def _scores(report: Report) -> str | None:
    passed = [check.name for check in report.checks if check.passed]
    if report.score < IMPOSTOR_SCORE:
        return None
    return f"scores {report.score:.2f}: {', '.join(passed)}"


def _summary(report: Report) -> str:
    """The verdict and what the first failing check said."""
    failing = (check for check in report.checks if not check.passed)
    first = next((f"{check.name}: {check.message}" for check in failing), "")
    said = report.staff_note or first or report.message
    return f"{report.verdict.value} ({said})"


def _too_near(strain: Strain) -> str | None:
    if strain.refusal:
        return f"{strain.check}: a right answer is refused ({strain}): {strain.refusal}"
    if strain.share * MARGIN <= 1:
        return None
    return (
        f"{strain.check}: a right answer uses {strain.share:.0%} of its allowance "
        f"({strain}); draw inputs that cancel less, or widen the tolerance"
    )
