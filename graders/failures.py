"""A runner that gave no answer: which verdict that is, and what the student reads."""

from __future__ import annotations

import builtins
import re
from itertools import groupby
from typing import Any

from exercises.spec import Exercise
from graders.attendant import BUDGET_S
from graders.places import Listing, Place
from graders.sandbox.session import Failure, Outcome
from graders.syntax import in_russian
from graders.verdicts import Verdict
from graders.words import NBSP, number, quoted

VERDICTS = {
    Failure.SYNTAX: Verdict.CONTRACT_ERROR,
    Failure.MISSING: Verdict.CONTRACT_ERROR,
    Failure.RAISED: Verdict.RUNTIME_ERROR,
    Failure.EXITED: Verdict.RUNTIME_ERROR,
    Failure.TIME: Verdict.TIME_LIMIT,
    Failure.BUDGET: Verdict.TIME_LIMIT,
    Failure.MEMORY: Verdict.MEMORY_LIMIT,
    Failure.OUTPUT: Verdict.OUTPUT_LIMIT,
    Failure.VIOLATION: Verdict.SANDBOX_VIOLATION,
    # Only code that writes into the runner's own channel garbles an answer.
    Failure.GARBLED: Verdict.SANDBOX_VIOLATION,
}

# How the failure is called among a report's facts.
DIFFERENCES = {
    Failure.SYNTAX: "syntax",
    Failure.MISSING: "missing",
    Failure.RAISED: "raised",
    Failure.EXITED: "exited",
    Failure.TIME: "time_limit",
    Failure.BUDGET: "time_limit",
    Failure.MEMORY: "memory_limit",
    Failure.OUTPUT: "output_limit",
    Failure.VIOLATION: "violation",
    Failure.GARBLED: "violation",
}

ERROR_NAMES = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)


def explain_failure(exercise: Exercise, outcome: Outcome, *, public: bool) -> str:
    """What happened, in Russian.

    On a hidden check the text of the student's exception is left out: it could
    carry the hidden inputs. Only names known beforehand are repeated.
    """
    match outcome.failure:
        case Failure.RAISED:
            return _raised(outcome, public=public)
        case Failure.TIME:
            seconds = number(exercise.limits.time_s)
            return f"Решение не уложилось в{NBSP}{seconds}{NBSP}с и остановлено."
        case Failure.BUDGET:
            seconds = number(BUDGET_S)
            return (
                f"Решение слишком медленное: все случаи вместе заняли больше "
                f"{seconds}{NBSP}с, и остальные не запускались."
            )
        case Failure.MEMORY:
            return f"Решению не хватило памяти: доступно {_memory(exercise)}."
        case Failure.SYNTAX if outcome.error_message:
            # The compiler's words, before any of the student's code ran.
            said = re.sub(r" \(solution\.py, line \d+\)$", "", outcome.error_message)
            return f"Синтаксическая ошибка: {quoted(in_russian(said), 300)}."
        case Failure.MISSING:
            names = ", ".join(exercise.requires)
            return f"В решении должны быть определены и вызываться: {names}."
        case None:
            return ""
        case failure:
            return PLAIN[failure]


def _memory(exercise: Exercise) -> str:
    limits = exercise.limits
    text = f"{limits.memory_mb}{NBSP}МБ"
    if exercise.wants_gpu:
        text += f", на видеокарте — {limits.device_memory_mb}{NBSP}МБ"
    return text


PLAIN = {
    Failure.SYNTAX: "Это не разбирается как программа на Python.",
    Failure.EXITED: (
        "Процесс решения завершился сам, не дав ответа: sys.exit, os._exit или "
        "аварийная остановка. Решение должно возвращать значение."
    ),
    Failure.OUTPUT: "Решение напечатало или вернуло слишком много данных.",
    Failure.VIOLATION: (
        "Решение остановлено: оно обратилось к системному вызову, запрещённому в "
        "песочнице (сеть, запуск процессов и тому подобное)."
    ),
    Failure.GARBLED: (
        "Ответ решения не удалось прочитать: код пишет в служебный канал песочницы."
    ),
}


def _raised(outcome: Outcome, *, public: bool) -> str:
    name = known_error(outcome.error_type)
    if name == "NotImplementedError":
        return "Решение ещё не написано: возникло NotImplementedError."
    if name == "SystemExit":
        return "Решение вызвало sys.exit: оно должно возвращать значение."
    if public and outcome.error_message:
        said = quoted(outcome.error_message, 300).rstrip()
        return f"Исключение {name}: {said}" + ("" if said[-1:] in ".!?" else ".")
    return f"Возникло исключение {name}."


def known_error(error_type: str) -> str:
    """The exception's class, unless its name is of the student's making."""
    name = error_type.rpartition(".")[2]
    return name if name in ERROR_NAMES else "собственного класса"


def failure_facts(exercise: Exercise, outcome: Outcome) -> dict[str, Any]:
    """The same as JSON-able data; no text of the student's is among it."""
    assert outcome.failure
    found: dict[str, Any] = {"difference": DIFFERENCES[outcome.failure]}
    match outcome.failure:
        case Failure.RAISED:
            found["exception"] = known_error(outcome.error_type)
        case Failure.TIME:
            found["allowed_s"] = exercise.limits.time_s
        case Failure.BUDGET:
            found["allowed_s"] = BUDGET_S
        case Failure.MEMORY:
            found["allowed_mb"] = exercise.limits.memory_mb
    return found


LINE_CHARACTERS = 200
SHOWN_LINES = 10
LINE = re.compile(r"^\s*File \"[^\"]{0,200}\", line (\d{1,6})\b", re.MULTILINE)


def last_line(traceback: str) -> int:
    """The line of the source that a traceback ends at; 0 if it names none."""
    return max(map(int, LINE.findall(traceback)[-1:]), default=0)


def redacted_traceback(traceback: str, listing: Listing) -> str | None:
    """The student's lines that a traceback names, and nothing else from it."""
    numbers = map(int, LINE.findall(traceback))
    places = [(place, n) for n in numbers if (place := listing.place(n))]
    shown = [
        _shown_line(place, listing.text(line), len(list(repeats)))
        for (place, line), repeats in groupby(places)
    ]
    return "\n".join(shown[-SHOWN_LINES:]) or None


def _shown_line(place: Place, text: str, times: int) -> str:
    again = f" (×{NBSP}{times})" if times > 1 else ""
    return f"{place}: {quoted(text.strip(), LINE_CHARACTERS)}{again}"
