"""A runner that gave no answer: which verdict that is, and what the student reads."""

from __future__ import annotations

import builtins
import re

from exercises.spec import Exercise
from graders.attendant import BUDGET_S
from graders.sandbox.session import Failure, Outcome
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
        return f"Исключение {name}: {quoted(outcome.error_message, 300)}"
    return f"Возникло исключение {name}."


def known_error(error_type: str) -> str:
    """The exception's class, unless its name is of the student's making."""
    name = error_type.rpartition(".")[2]
    return name if name in ERROR_NAMES else "собственного класса"


LINE_CHARACTERS = 200
LINE = re.compile(r"^\s*File \"[^\"]{0,200}\", line (\d{1,6})", re.MULTILINE)


def redacted_traceback(traceback: str, source: str) -> str | None:
    """The lines of ``source`` that a traceback names, and nothing else from it."""
    lines = source.splitlines()
    numbers = [int(number) for number in LINE.findall(traceback)]
    shown = [
        f"строка {number}: {quoted(lines[number - 1].strip(), LINE_CHARACTERS)}"
        for number in numbers[-10:]
        if 0 < number <= len(lines)
    ]
    return "\n".join(shown) or None
