"""Calling a solution: the same code for the student's module and the reference.

The runner calls ``run`` on the student's module, the trusted grader calls it on the
reference, so the two cannot differ in how they were asked. An exercise whose
solution cannot be called like this has its own ``probe.py`` with the same function.

``inputs`` is a mapping:

``call``
    name to call in the solution;
``args``, ``kwargs``
    what to call it with;
``build``
    arguments ``{"args": ..., "kwargs": ...}`` for the class named by ``call``; then
    the object is called with ``args`` and ``kwargs``, in the mode ``training`` says;
``state``
    what to load into that object, by name, in the dtype of these tensors;
``seed``
    of torch's global generator, set before anything is called;
``grad_of``
    positions in ``args``, or names in ``kwargs`` or of parameters, to differentiate by;
``cotangents``
    one tensor per differentiable output, in order: the weights of the outputs in
    the scalar that is differentiated;
``calls``
    instead of all these but the seed: several such mappings, one after the other. One
    with ``object`` goes to the object of the call with that number, an argument
    ``{"earlier": [number, *path]}`` is what that call returned, or a part of it;
``after``, ``later``
    what else to return: see :mod:`.witness`.

The value is ``{"output": ..., "grads": {...}}``, or ``{"answers": [...]}`` of several.
A gradient is None where the output does not depend on the input, or where the outputs
do not fit the cotangents. With a state to load there is ``state`` before these: the
object's own after the call. If its names or shapes are others, it is not called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from .witness import copied, detached, witnessed

DEPTH = 12  # answers are not nested more deeply; this one may be a cycle

Answer = dict[str, Any]


def run(solution: Any, inputs: Mapping[str, Any]) -> Answer:
    """Call ``solution`` as ``inputs`` says."""
    if "seed" in inputs:
        _seed(inputs["seed"])
    if "calls" in inputs:
        answers, outputs = _in_turn(solution, inputs["calls"])
        return {"answers": answers, **witnessed(inputs, outputs)}
    keep = copied if inputs.get("later") else detached
    answer, output = _answer(_callee(solution, inputs), inputs, keep)
    return {**answer, **witnessed(inputs, output)}


def _seed(seed: int) -> None:
    """As ``torch.manual_seed``, which costs more than a small case does.

    For each kind of device that is not in use it writes the whole stack down.
    """
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(seed)


def _in_turn(
    solution: Any, calls: Sequence[Mapping[str, Any]]
) -> tuple[list[Answer | None], list[Any]]:
    """Answers as they were when they were given, and the outputs as they are now."""
    answers: list[Answer | None] = []
    outputs: list[Any] = []
    callees: list[Any] = []
    for call in calls:
        made = call.get("object")
        callee = _callee(solution, call) if made is None else callees[made]
        try:
            filled = {**call, **_filled(call, outputs)}
        except (TypeError, LookupError):  # the earlier answer is not what it should be
            answer, output = None, None
        else:
            answer, output = _answer(callee, filled, copied)
        answers.append(answer)
        outputs.append(output)
        callees.append(callee)
    return answers, outputs


def _filled(call: Mapping[str, Any], outputs: Sequence[Any]) -> Mapping[str, Any]:
    """The arguments, with what was returned earlier where it is asked for."""

    def fill(argument: Any) -> Any:
        if isinstance(argument, list | tuple):
            return type(argument)(map(fill, argument))
        if not isinstance(argument, dict) or set(argument) != {"earlier"}:
            return argument
        number, *path = argument["earlier"]
        value = outputs[number]
        for key in path:
            value = value[key]
        return value

    kwargs = {key: fill(value) for key, value in call["kwargs"].items()}
    return {"args": fill(call["args"]), "kwargs": kwargs}


def _callee(solution: Any, inputs: Mapping[str, Any]) -> Any:
    """The named function, or an object of the named class."""
    named = getattr(solution, inputs["call"])
    if "build" not in inputs:
        return named
    built = named(*inputs["build"]["args"], **inputs["build"]["kwargs"])
    return built.train(inputs["training"]) if "training" in inputs else built


def _answer(
    callee: Any, inputs: Mapping[str, Any], keep: Callable[[Any], Any]
) -> tuple[Answer, Any]:
    """What a call comes to, and what it returned, as it is."""
    if "state" in inputs and not _loaded(callee, inputs["state"]):
        return {"state": _state(callee), "output": None, "grads": {}}, None
    args = list(inputs.get("args", ()))
    kwargs = dict(inputs.get("kwargs", {}))
    wanted = {
        key: _variable(callee, args, kwargs, key) for key in inputs.get("grad_of", ())
    }
    output = callee(*args, **kwargs)
    grads = _gradients(output, wanted, inputs.get("cotangents", ()))
    answer = {"output": keep(output), "grads": grads}
    if "state" in inputs:
        answer = {"state": keep(_state(callee)), **answer}
    return answer, output


def _loaded(module: Any, state: Mapping[str, torch.Tensor] | None) -> bool:
    """Load a state, if there is one; False if the module's own is made otherwise."""
    if state is None:
        return True
    own = _state(module)
    if own is None or _shapes(own) != _shapes(state):
        return False
    for dtype in {t.dtype for t in state.values() if t.is_floating_point()}:
        module.to(dtype)  # the reference works in float64
    module.load_state_dict(state)
    return True


def _state(module: Any) -> dict[str, Any] | None:
    if not isinstance(module, torch.nn.Module):
        return None
    return dict(module.state_dict())


def _shapes(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "shape", None) for name, value in state.items()}


def _variable(
    callee: Any, args: Sequence[Any], kwargs: Mapping[str, Any], key: int | str
) -> torch.Tensor | None:
    """The argument or parameter to differentiate by; None if it is no parameter."""
    if isinstance(key, int):
        argument = args[key]
    elif key in kwargs:
        argument = kwargs[key]
    else:
        return dict(callee.named_parameters()).get(key)
    assert isinstance(argument, torch.Tensor)
    return argument.requires_grad_()


def _gradients(
    output: Any,
    wanted: Mapping[int | str, torch.Tensor | None],
    cotangents: Sequence[torch.Tensor],
) -> dict[int | str, torch.Tensor | None]:
    """Gradients by each wanted input, of outputs weighted by cotangents."""
    grads: dict[int | str, torch.Tensor | None] = dict.fromkeys(wanted)
    known = {
        key: tensor
        for key, tensor in wanted.items()
        if tensor is not None and tensor.requires_grad
    }
    pairs = [
        (tensor, cotangent.to(tensor.dtype))
        for tensor, cotangent in zip(_tensors(output), cotangents, strict=False)
        if tensor.requires_grad and tensor.shape == cotangent.shape
    ]
    if not known or not pairs:
        return grads
    outputs, weights = zip(*pairs, strict=True)
    found = torch.autograd.grad(
        outputs, list(known.values()), grad_outputs=weights, allow_unused=True
    )
    return {**grads, **dict(zip(known, found, strict=True))}


def _tensors(value: Any, depth: int = 0) -> Iterator[torch.Tensor]:
    """Floating-point tensors of a tree, in order."""
    if depth > DEPTH:
        return
    if isinstance(value, torch.Tensor):
        if value.is_floating_point() or value.is_complex():
            yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item, depth + 1)
