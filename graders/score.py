"""Findings into points, a verdict and sentences: the report.

Points and verdict come of the checks that have points, which are those that every
worker that grades the exercise can judge. What a GPU shows beside is told, and changes
neither: nobody gains or loses by which worker came by, or by our having no GPU.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import reduce
from operator import getitem

from torch import Tensor

from exercises.spec import Check, Exercise
from graders.diagnose import CaseRun, Runs
from graders.failures import redacted_traceback
from graders.places import Listing, Place
from graders.report import CheckResult, RecognisedMistake, Report
from graders.show import shown_inputs
from graders.survey import Survey, survey
from graders.verdicts import Verdict
from graders.words import NBSP, capitalized, continued, plural, quoted

STDOUT_CHARACTERS = 2000
MESSAGE_CHARACTERS = 2000

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


Judged = Sequence[Runs | None]  # of each check; None: for want of its device, nothing


def counted(exercise: Exercise, checks: Judged) -> list[Runs]:
    """What came of the checks that have points."""
    pairs = zip(exercise.checks, checks, strict=True)
    return [runs or () for check, runs in pairs if check.points]


def scored(
    exercise: Exercise,
    checks: Judged,
    mistake: RecognisedMistake | None,
    listing: Listing,
    seed: str,
    timing_ms: Mapping[str, float],
) -> Report:
    """The report of a submission that was run."""
    pairs = zip(exercise.checks, checks, strict=True)
    results = tuple(_result(check, runs, listing) for check, runs in pairs)
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
        traceback=_traceback(checks, listing),
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


def _result(check: Check, runs: Runs | None, listing: Listing) -> CheckResult:
    if runs is None:
        message = "Не проверялось: нужна видеокарта."
        waived = CheckResult.unpassed(check, message, judged=False)
        return replace(waived, waived=True)
    if not runs:
        message = "Не проверялось: решение уже исчерпало время или число запусков."
        return CheckResult.unpassed(check, message, judged=False)
    failed = [run for run in runs if run.finding]
    if not failed:
        return _passed(check, runs)
    return _failed(check, runs, failed, listing)


def _passed(check: Check, runs: Runs) -> CheckResult:
    count = plural(len(runs), "случай", "случая", "случаев")
    return replace(
        CheckResult.unpassed(check, f"Верно: {count}."),
        passed=True,
        points=check.points,
        stdout=_stdout(check, runs[0]),
    )


def _failed(check: Check, runs: Runs, failed: Runs, listing: Listing) -> CheckResult:
    first = min(failed, key=_gravity)  # of equals the first
    finding = first.finding
    assert finding
    place, seen = listing.place(finding.line), _surveyed(first)
    pattern = seen.told() if seen else ""
    before = _counted(runs, failed), _where(first, runs, failed, place)
    message = _told(*before, finding.message, finding.part, pattern)
    brief = _told(*before, finding.brief, finding.part, pattern)
    return replace(
        CheckResult.unpassed(check, quoted(message, MESSAGE_CHARACTERS)),
        details={
            **finding.details,
            **(seen.facts() if seen else {}),
            **({"summary": brief} if finding.brief else {}),
            **(asdict(place) if place else {}),
            "case": first.prepared.number + 1,
            "cases": len(runs),
            "failed_cases": len(failed),
        },
        inputs=shown_inputs(first.prepared.inputs) if check.public else None,
        stdout=_stdout(check, first),
    )


def _counted(runs: Runs, failed: Runs) -> str:
    of = plural(len(runs), "случая", "случаев", "случаев")
    if len(failed) == 1:
        return ""
    if len(failed) == len(runs):
        return f"Не пройден ни один из {of}."
    return f"Не пройдено {len(failed)} из {of}."


def _where(run: CaseRun, runs: Runs, failed: Runs, place: Place | None) -> str:
    case = [f"случай{NBSP}{run.prepared.number + 1}"] if len(runs) > 1 else []
    if len(failed) == 1 and case:
        case = [f"{case[0]} из {len(runs)}"]
    return ", ".join([*case, *([str(place)] if place else [])])


def _told(count: str, where: str, message: str, part: str, pattern: str) -> str:
    """How many cases fail, which one is told of, where, what and in which pattern."""
    if where:  # the name of a part goes on: «Случай 1, out: не совпадают…»
        joint = "," if part and message.startswith(f"{part}:") else ":"
        message = f"{where}{joint} {continued(message)}"
    return " ".join(filter(None, [count, capitalized(message), pattern]))


def _surveyed(run: CaseRun) -> Survey | None:
    """A closer look at wrong numbers, taken of the one case that is shown."""
    mismatch = run.finding.mismatch if run.finding else None
    if mismatch is None or mismatch.worst is None or run.outcome.value is None:
        return None  # also where the answer was too large to be kept
    pair = run.outcome.value, run.prepared.expected.value
    came, wanted = (reduce(getitem, mismatch.path, tree) for tree in pair)
    if not isinstance(wanted, Tensor):
        return None
    return survey(came, wanted, run.prepared.case.tolerance, mismatch.worst.index)


def _gravity(run: CaseRun) -> int:
    assert run.finding
    known = run.finding.verdict in PRECEDENCE
    return PRECEDENCE.index(run.finding.verdict) if known else len(PRECEDENCE)


def _stdout(check: Check, run: CaseRun) -> str | None:
    if not check.public or not run.outcome.stdout:
        return None
    return quoted(run.outcome.stdout, STDOUT_CHARACTERS)


def _traceback(checks: Judged, listing: Listing) -> str | None:
    """The student's lines where the first failing case stopped."""
    failed = (run.outcome for runs in checks for run in runs or () if run.finding)
    first = next((outcome for outcome in failed if outcome.traceback), None)
    return redacted_traceback(first.traceback, listing) if first else None
