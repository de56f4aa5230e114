"""One case's outcome against what was wanted: nothing, or a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exercises.authoring import CallLimit, Property
from exercises.spec import Exercise
from graders.cases import Prepared
from graders.compare import compare, compare_attributes
from graders.errors import ExerciseBroken
from graders.explain import brief, explain, facts
from graders.failures import (
    VERDICTS,
    explain_failure,
    failure_facts,
    known_error,
    last_line,
)
from graders.memory import answer_of, misuse
from graders.mismatch import Mismatch
from graders.naming import answer_names
from graders.operators import counted, forbidden_call, is_known
from graders.reference import Reaction
from graders.sandbox.session import Failure, Outcome, Trace
from graders.verdicts import Verdict
from graders.words import NBSP, listing, plural

SLOW = ("time",)  # the symptom of a right answer that came late
ANY_OPERATOR = "aten::*"
SHOWN_NAMES = 3  # of operators that were called too often


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a case is not passed."""

    verdict: Verdict
    message: str  # Russian; a sentence, or what follows the name of a part
    details: Mapping[str, Any] = field(default_factory=dict)  # documented in report.py
    line: int = 0  # of the source, as the runner says; 0: unknown
    mismatch: Mismatch | None = None  # where answers were compared
    brief: str = ""  # the message without the figures of the details
    # What a known mistake must show as well to be recognised, beside equal outputs.
    symptom: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """The part of the answer that it is about, if it names one."""
        return str(self.details.get("part", ""))


def judge(exercise: Exercise, prepared: Prepared, outcome: Outcome) -> Finding | None:
    """What is wrong with the outcome of one case, if anything."""
    if used := forbidden_call(exercise, outcome.trace or Trace()):
        return Finding(
            Verdict.FORBIDDEN_API,
            f"Вызвана операция {used.name}, которую в этом задании нужно написать "
            "самому.",
            {"difference": "forbidden", "operator": used.name},
            line=used.line,
        )
    raised = outcome.failure is Failure.RAISED and prepared.case.exceptions
    if outcome.failure is None or raised:
        return judge_reaction(exercise, prepared, reaction_of(outcome))
    return Finding(
        VERDICTS[outcome.failure],
        explain_failure(exercise, outcome, public=prepared.check.public),
        failure_facts(exercise, outcome),
        line=last_line(outcome.traceback),
    )


def reaction_of(outcome: Outcome) -> Reaction:
    """What a runner's answer, or its exception, amounts to."""
    return Reaction(
        outcome.value,
        raised=outcome.error_type.rpartition(".")[2],
        wall_ms=outcome.wall_ms,
        trace=outcome.trace or Trace(),
    )


def judge_reaction(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    """The same for a reaction, no matter where it was had."""
    return (
        _judge_answer(exercise, prepared, reaction)
        or _judge_memory(exercise, prepared, reaction)
        or _judge_size(prepared, reaction)
        or _judge_calls(prepared, reaction)
        or _judge_pace(prepared, reaction)
    )


def _judge_answer(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    case = prepared.case
    if case.exceptions:
        return _judge_exception(case.exceptions, reaction)
    if reaction.raised:
        return Finding(Verdict.RUNTIME_ERROR, "", symptom=(reaction.raised,))
    if case.properties:
        return _judge_properties(exercise, prepared, reaction)
    came, wanted = answer_of(reaction.value), answer_of(prepared.expected.value)
    mismatch = compare(came, wanted, case.tolerance).mismatch
    if mismatch is None:
        return None
    return _mismatched(exercise, prepared, mismatch)


def _mismatched(
    exercise: Exercise, prepared: Prepared, mismatch: Mismatch, *symptom: str
) -> Finding:
    names = answer_names(exercise, prepared.inputs)
    return Finding(
        Verdict.WRONG_ANSWER,
        explain(mismatch, names),
        facts(mismatch, names),
        mismatch=mismatch,
        brief=brief(mismatch, names),
        symptom=symptom,
    )


def _judge_memory(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    found = misuse(prepared.case, prepared.inputs, reaction.value)
    if found is None:
        return None
    message = found.told(exercise, prepared.inputs)
    return Finding(Verdict.WRONG_ANSWER, message, found.details, symptom=found.symptom)


def _judge_size(prepared: Prepared, reaction: Reaction) -> Finding | None:
    limit, largest = prepared.case.elements, reaction.trace.largest_tensor
    if limit is None or largest <= limit:
        return None
    elements = plural(largest, "элемента", "элементов", "элементов")  # из 1 элемента
    message = (
        f"Ответ верный, но по дороге создан тензор из {elements}, а разрешено "
        f"не больше {limit}."
    )
    details = {"difference": "size", "largest_tensor": largest, "allowed": limit}
    line = reaction.trace.largest_line
    return Finding(Verdict.WRONG_ANSWER, message, details, line, symptom=("size",))


def _judge_calls(prepared: Prepared, reaction: Reaction) -> Finding | None:
    for limit in prepared.case.call_limits:
        calls = counted(reaction.trace, limit.pattern)
        if sum(calls.values()) > limit.at_most:
            return _too_many(limit, calls, reaction.trace)
    return None


def _too_many(limit: CallLimit, calls: Mapping[str, int], trace: Trace) -> Finding:
    total, allowed = sum(calls.values()), limit.at_most
    message = (
        f"Ответ верный, но {_called(limit, list(calls))} "
        f"{plural(total, 'раз', 'раза', 'раз')}, а разрешено не больше{NBSP}{allowed}."
    )
    return Finding(
        Verdict.WRONG_ANSWER,
        message,
        {
            "difference": "calls",
            "pattern": limit.pattern,
            "calls": total,
            "allowed": allowed,
        },
        line=trace.lines.get(next(iter(calls)), 0),
        symptom=("calls", limit.pattern),
    )


def _called(limit: CallLimit, names: list[str]) -> str:
    """Their names, if they are few and no invention of the runner's."""
    if limit.pattern == ANY_OPERATOR:
        return "операции PyTorch вызваны"
    if len(names) > SHOWN_NAMES or not all(map(is_known, names)):
        return f"операции {limit.pattern} вызваны"
    if len(names) > 1:
        return f"операции {listing(names)} вызваны"
    return f"операция {names[0]} вызвана"


def _judge_pace(prepared: Prepared, reaction: Reaction) -> Finding | None:
    limit, times = prepared.allowed_ms, prepared.case.times
    if limit is None or times is None or reaction.wall_ms <= limit:
        return None
    message = (
        f"Ответ верный, но получен за {reaction.wall_ms:.0f}{NBSP}мс, а разрешено "
        f"{limit:.0f}{NBSP}мс: это время эталона на тех же данных, "
        f"умноженное на {times:g}, с запасом."
    )
    details = {"difference": "time", "wall_ms": reaction.wall_ms, "allowed_ms": limit}
    return Finding(Verdict.TIME_LIMIT, message, details, symptom=SLOW)


def _judge_exception(wanted: tuple[str, ...], reaction: Reaction) -> Finding | None:
    if reaction.raised in wanted:
        return None
    names = " или ".join(wanted)
    did = "возникло другое" if reaction.raised else "функция вернула значение"
    return Finding(
        Verdict.WRONG_ANSWER,
        f"Ожидалось исключение {names}, а {did}.",
        {
            "difference": "exception",
            "expected": names,
            "actual": known_error(reaction.raised) if reaction.raised else "значение",
        },
        symptom=(reaction.raised,),
    )


def _judge_properties(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    """Attributes first, so that a property may rely on shapes and dtypes."""
    came, wanted = answer_of(reaction.value), answer_of(prepared.expected.value)
    mismatch = compare_attributes(came, wanted).mismatch
    if mismatch:
        return _mismatched(exercise, prepared, mismatch, mismatch.difference.value)
    for rule in prepared.case.properties:
        if violation := _violation(rule, prepared, reaction):
            details = {"difference": "property", "property": violation}
            symptom = (_name(rule),)
            return Finding(Verdict.WRONG_ANSWER, violation, details, symptom=symptom)
    return None


def _violation(rule: Property, prepared: Prepared, reaction: Reaction) -> str | None:
    try:
        return rule(reaction.value, prepared.inputs)
    except Exception as error:
        where = f"check {prepared.check.name}, case {prepared.number}"
        raise ExerciseBroken(f"{where}, property {_name(rule)}: {error!r}") from error


def _name(rule: Property) -> str:
    return str(getattr(rule, "__name__", type(rule).__name__))
