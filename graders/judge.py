"""One case's outcome against what was wanted: nothing, or a finding."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from exercises.authoring import Property
from exercises.spec import Exercise
from graders.cases import Prepared
from graders.compare import compare, compare_attributes
from graders.errors import ExerciseBroken
from graders.explain import explain, facts
from graders.failures import VERDICTS, explain_failure
from graders.mismatch import Path
from graders.reference import Reaction
from graders.sandbox.session import Failure, Outcome
from graders.verdicts import Verdict
from graders.words import NBSP, plural

SLOW = ("time",)  # the symptom of a right answer that came late
PACE_RETRIES = 2  # of such an answer: the machine may have been busy


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a case is not passed."""

    verdict: Verdict
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    # What a known mistake must show as well to be recognised, beside equal outputs.
    symptom: tuple[str, ...] = ()


def judge(exercise: Exercise, prepared: Prepared, outcome: Outcome) -> Finding | None:
    """What is wrong with the outcome of one case, if anything."""
    if used := _forbidden_operator(exercise, outcome):
        return Finding(
            Verdict.FORBIDDEN_API,
            f"Вызвана операция {used}, которую в этом задании нужно написать самому.",
        )
    raised = outcome.failure is Failure.RAISED and prepared.case.exceptions
    if outcome.failure is None or raised:
        return judge_reaction(exercise, prepared, reaction_of(outcome))
    assert outcome.failure
    message = explain_failure(exercise, outcome, public=prepared.check.public)
    return Finding(VERDICTS[outcome.failure], message)


def reaction_of(outcome: Outcome) -> Reaction:
    """What a runner's answer, or its exception, amounts to."""
    return Reaction(
        outcome.value,
        raised=outcome.error_type.rpartition(".")[2],
        wall_ms=outcome.wall_ms,
        largest_tensor=outcome.trace.largest_tensor if outcome.trace else 0,
    )


def judge_reaction(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    """The same for a reaction, no matter where it was had."""
    return (
        _judge_answer(exercise, prepared, reaction)
        or _judge_size(prepared, reaction)
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
    wanted = prepared.expected.value
    mismatch = compare(reaction.value, wanted, case.tolerance).mismatch
    if mismatch is None:
        return None
    message = explain(mismatch, answer_names(exercise, prepared.inputs))
    return Finding(Verdict.WRONG_ANSWER, message, facts(mismatch))


def _judge_size(prepared: Prepared, reaction: Reaction) -> Finding | None:
    limit, largest = prepared.case.elements, reaction.largest_tensor
    if limit is None or largest <= limit:
        return None
    elements = plural(largest, "элемента", "элементов", "элементов")  # из 1 элемента
    message = (
        f"Ответ верный, но по дороге создан тензор из {elements}, а разрешено "
        f"не больше {limit}."
    )
    details = {"difference": "size", "largest_tensor": largest, "allowed": limit}
    return Finding(Verdict.WRONG_ANSWER, message, details, symptom=("size",))


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
    message = f"Ожидалось исключение {names}, а {did}."
    return Finding(Verdict.WRONG_ANSWER, message, symptom=(reaction.raised,))


def _judge_properties(
    exercise: Exercise, prepared: Prepared, reaction: Reaction
) -> Finding | None:
    """Attributes first, so that a property may rely on shapes and dtypes."""
    mismatch = compare_attributes(reaction.value, prepared.expected.value).mismatch
    if mismatch:
        message = explain(mismatch, answer_names(exercise, prepared.inputs))
        kind = mismatch.difference.value
        return Finding(Verdict.WRONG_ANSWER, message, facts(mismatch), (kind,))
    for rule in prepared.case.properties:
        if violation := _violation(rule, prepared, reaction):
            return Finding(Verdict.WRONG_ANSWER, violation, symptom=(_name(rule),))
    return None


def _violation(rule: Property, prepared: Prepared, reaction: Reaction) -> str | None:
    try:
        return rule(reaction.value, prepared.inputs)
    except Exception as error:
        where = f"check {prepared.check.name}, case {prepared.number}"
        raise ExerciseBroken(f"{where}, property {_name(rule)}: {error!r}") from error


def _name(rule: Property) -> str:
    return str(getattr(rule, "__name__", type(rule).__name__))


def _forbidden_operator(exercise: Exercise, outcome: Outcome) -> str | None:
    """The first forbidden operator that the runner saw; advisory, see design."""
    for operator in outcome.trace.operators if outcome.trace else ():
        if any(fnmatchcase(operator, p) for p in exercise.forbidden_operators):
            return operator
    return None


def answer_names(exercise: Exercise, inputs: Mapping[str, Any]) -> dict[Path, str]:
    """How the parts of an answer are called in messages."""
    function = inputs.get("call")
    if exercise.probe is not None or not isinstance(function, str):
        return {(part,): words[0] for part, words in exercise.returns.items()}
    names: dict[Path, str] = {("output",): "результат"}
    for i, part in enumerate(exercise.returns.get(function, ())):
        names["output", i] = part
    arguments = _arguments(exercise.starter, function)
    for key in inputs.get("grad_of", ()):
        known = isinstance(key, int) and key < len(arguments)
        argument = arguments[key] if known else key
        names["grads", key] = f"градиент по {argument}"
    return names


def _arguments(starter: str, name: str) -> list[str]:
    """Arguments of a function of the starter, or of a class's forward."""
    for node in ast.parse(starter).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return [argument.arg for argument in node.args.args]
        if isinstance(node, ast.ClassDef) and node.name == name:
            body = ast.unparse(ast.Module(body=node.body, type_ignores=[]))
            return _arguments(body, "forward")[1:]
    return []
