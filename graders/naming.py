"""How the parts of an answer and of the arguments are called in messages."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from exercises.spec import Exercise
from graders.mismatch import Path

Names = dict[Path, str]


def answer_names(exercise: Exercise, inputs: Mapping[str, Any]) -> Names:
    """Names for the beginnings of paths into an answer."""
    if "calls" in inputs and exercise.probe is None:
        return dict(_of_calls(exercise, inputs["calls"]))
    function = inputs.get("call")
    if exercise.probe is not None or not isinstance(function, str):
        return {(part,): words[0] for part, words in exercise.returns.items()}
    names: Names = {("output",): "результат", ("state",): "state_dict"}
    for i, part in enumerate(exercise.returns.get(function, ())):
        names["output", i] = part
    arguments = _arguments(exercise.starter, function)
    for key in inputs.get("grad_of", ()):
        known = isinstance(key, int) and key < len(arguments)
        argument = arguments[key] if known else key
        names["grads", key] = f"градиент по {argument}"
    return names


def argument_names(exercise: Exercise, inputs: Mapping[str, Any]) -> Names:
    """Names for the beginnings of paths into what came back of the arguments."""
    if exercise.probe is not None:
        return {(key,): exercise.returns.get(key, (key,))[0] for key in inputs}
    names: Names = {(): "функции"}
    for number, call in enumerate(inputs.get("calls", [inputs])):
        start: Path = ("calls", number) if "calls" in inputs else ()
        known = _arguments(exercise.starter, str(call.get("call")))
        names |= {(*start, "args", i): name for i, name in enumerate(known)}
        names |= {(*start, "kwargs", key): key for key in call.get("kwargs", ())}
    return names


def _of_calls(
    exercise: Exercise, calls: list[Mapping[str, Any]]
) -> Iterator[tuple[Path, str]]:
    for number, call in enumerate(calls):
        for path, name in answer_names(exercise, call).items():
            yield ("answers", number, *path), f"вызов {number + 1}, {name}"


def _arguments(starter: str, name: str) -> list[str]:
    """Arguments of a function of the starter, or of a class's forward."""
    for node in ast.parse(starter).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return [argument.arg for argument in node.args.args]
        if isinstance(node, ast.ClassDef) and node.name == name:
            body = ast.unparse(ast.Module(body=node.body, type_ignores=[]))
            return _arguments(body, "forward")[1:]
    return []
