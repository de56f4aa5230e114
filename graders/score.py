"""Findings into points, a verdict and sentences: the report.

Points and verdict come of the checks that have points, which are those that every
worker that grades the exercise can judge. What a GPU shows beside is told, and changes
neither: nobody gains or loses by which worker came by, or by our having no GPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from exercises.spec import Check, Exercise
from graders.diagnose import CaseRun, Runs
from graders.failures import VERDICTS, explain_failure, redacted_traceback
from graders.report import CheckResult, RecognisedMistake, Report
from graders.sandbox.session import Outcome
from graders.show import shown_inputs
from graders.verdicts import Verdict
from graders.words import plural, quoted

STDOUT_CHARACTERS = 2000
MESSAGE_CHARACTERS = 2000  # it may name what the student has named

# The gravest finding names the verdict; points are given for what passed anyway.
PRECEDENCE = (
    Verdict.SANDBOX_VIOLATION,
    Verdict.FORBIDDEN_API,
    Verdict.OUTPUT_LIMIT,
    Verdict.MEMORY_LIMIT,
    Verdict.TIME_LIMIT,
    Verdict.RUNTIME_ERROR,
)

SENTENCES = {
    Verdict.ACCEPTED: "Все проверки пройдены.",
    Verdict.PARTIAL: "Пройдена часть проверок.",
    Verdict.WRONG_ANSWER: "Ответы решения не совпали с ожидаемыми.",
    Verdict.SANDBOX_VIOLATION: "Решение нарушило правила песочницы.",
    Verdict.FORBIDDEN_API: "Использовано то, что в этом задании запрещено.",
    Verdict.OUTPUT_LIMIT: "Решение вывело слишком много данных.",
    Verdict.MEMORY_LIMIT: "Решению не хватило памяти.",
    Verdict.TIME_LIMIT: "Решение не уложилось в отведённое время.",
    Verdict.RUNTIME_ERROR: "Решение завершилось ошибкой.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no check could be judged at all."""

    verdict: Verdict
    message: str
    traceback: str | None = None
    staff_note: str = ""  # what exactly broke; for the exercise's author

    @classmethod
    def of(cls, exercise: Exercise, loaded: Outcome, source: str) -> Self:
        """The source could not even be loaded. No input was sent yet: all is public."""
        assert loaded.failure
        return cls(
            VERDICTS[loaded.failure],
            explain_failure(exercise, loaded, public=True),
            redacted_traceback(loaded.traceback, source),
        )


def refused(
    exercise: Exercise, refusal: Refusal, seed: str, timing_ms: Mapping[str, float]
) -> Report:
    """A report in which no check was judged."""
    return Report(
        exercise=exercise.slug,
        verdict=refusal.verdict,
        score=0.0,
        checks=tuple(_unjudged(check, "Не проверялось.") for check in exercise.checks),
        seed=seed,
        message=quoted(refusal.message, MESSAGE_CHARACTERS),
        staff_note=refusal.staff_note,
        traceback=refusal.traceback,
        timing_ms=timing_ms,
    )


Judged = Sequence[Runs | None]  # of each check; None: for want of its device, nothing


def counted(exercise: Exercise, checks: Judged) -> list[Runs]:
    """What came of the checks that have points."""
    pairs = zip(exercise.checks, checks, strict=True)
    return [runs or () for check, runs in pairs if check.points]


def scored(
    exercise: Exercise,
    checks: Judged,
    mistake: RecognisedMistake | None,
    source: str,
    seed: str,
    timing_ms: Mapping[str, float],
) -> Report:
    """The report of a submission that was run."""
    results = tuple(map(_result, exercise.checks, checks))
    score = sum(result.points for result in results) / exercise.points
    verdict = _verdict(counted(exercise, checks), score)
    return Report(
        exercise=exercise.slug,
        verdict=verdict,
        score=round(score, 6),
        checks=results,
        seed=seed,
        message=_sentence(verdict, results),
        mistake=mistake,
        traceback=_traceback(checks, source),
        timing_ms=timing_ms,
    )


def _verdict(checks: Sequence[Runs], score: float) -> Verdict:
    met = {run.finding.verdict for runs in checks for run in runs if run.finding}
    for verdict in PRECEDENCE:
        if verdict in met:
            return verdict
    if score == 1:
        return Verdict.ACCEPTED
    return Verdict.PARTIAL if score else Verdict.WRONG_ANSWER


def _sentence(verdict: Verdict, results: Sequence[CheckResult]) -> str:
    """The verdict, and what a GPU has to say to it."""
    beside = [result for result in results if not result.max_points]
    if any(result.waived for result in beside):
        return f"{_of_counted(verdict)} {NO_DEVICE}"
    if all(result.passed for result in beside):
        return SENTENCES[verdict]
    return f"{_of_counted(verdict)} {NOT_ON_THE_DEVICE}"


def _of_counted(verdict: Verdict) -> str:
    accepted = verdict is Verdict.ACCEPTED
    return "Все проверки на баллы пройдены." if accepted else SENTENCES[verdict]


NO_DEVICE = "Проверки на видеокарте не проводились: её сейчас нет. Баллов это не стоит."
NOT_ON_THE_DEVICE = "На видеокарте пройдено не всё. Баллов это не стоит."


def _result(check: Check, runs: Runs | None) -> CheckResult:
    if runs is None:
        waived = _unjudged(check, "Не проверялось: нужна видеокарта.")
        return replace(waived, waived=True)
    if not runs:
        return _unjudged(
            check, "Не проверялось: решение уже исчерпало время или число запусков."
        )
    failed = [run for run in runs if run.finding]
    if not failed:
        return _passed(check, runs)
    return _failed(check, runs, failed)


def _unjudged(check: Check, message: str) -> CheckResult:
    return CheckResult(
        name=check.name,
        title=check.title,
        public=check.public,
        passed=False,
        points=0.0,
        max_points=check.points,
        message=message,
        device=check.device,
    )


def _passed(check: Check, runs: Runs) -> CheckResult:
    count = plural(len(runs), "случай", "случая", "случаев")
    return replace(
        _unjudged(check, f"Верно: {count}."),
        passed=True,
        points=check.points,
        stdout=_stdout(check, runs[0]),
    )


def _failed(check: Check, runs: Runs, failed: Runs) -> CheckResult:
    first = min(failed, key=_gravity)  # of equals the first
    assert first.finding
    return replace(
        _unjudged(check, _which(first, runs, failed) + first.finding.message),
        details=first.finding.details,
        inputs=shown_inputs(first.prepared.inputs) if check.public else None,
        stdout=_stdout(check, first),
    )


def _gravity(run: CaseRun) -> int:
    assert run.finding
    known = run.finding.verdict in PRECEDENCE
    return PRECEDENCE.index(run.finding.verdict) if known else len(PRECEDENCE)


def _which(first: CaseRun, runs: Runs, failed: Runs) -> str:
    if len(runs) == 1:
        return ""
    number = first.prepared.number + 1
    if len(failed) == 1:
        return f"Случай {number} из {len(runs)}: "
    return f"Не пройдено {len(failed)} из {len(runs)} случаев. Случай {number}: "


def _stdout(check: Check, run: CaseRun) -> str | None:
    if not check.public or not run.outcome.stdout:
        return None
    return quoted(run.outcome.stdout, STDOUT_CHARACTERS)


def _traceback(checks: Judged, source: str) -> str | None:
    """The student's lines where the first failing case stopped."""
    failed = (run.outcome for runs in checks for run in runs or () if run.finding)
    first = next((outcome for outcome in failed if outcome.traceback), None)
    return redacted_traceback(first.traceback, source) if first else None
