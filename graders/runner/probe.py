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
``seed``
    of torch's global generator, set before anything is called;
``grad_of``
    positions in ``args`` or names in ``kwargs`` to differentiate by;
``cotangents``
    one tensor per differentiable output, in order: the weights of the outputs in
    the scalar that is differentiated.

The value is ``{"output": ..., "grads": {...}}``. A gradient is None where the output
does not depend on the input, or where the outputs do not fit the cotangents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

DEPTH = 12  # answers are not nested more deeply; this one may be a cycle


def run(solution: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Call ``solution`` as ``inputs`` says."""
    args = list(inputs.get("args", ()))
    kwargs = dict(inputs.get("kwargs", {}))
    wanted = {
        key: args[key] if isinstance(key, int) else kwargs[key]
        for key in inputs.get("grad_of", ())
    }
    for tensor in wanted.values():
        tensor.requires_grad_()
    if "seed" in inputs:
        torch.manual_seed(inputs["seed"])
    output = _callee(solution, inputs)(*args, **kwargs)
    grads = _gradients(output, wanted, inputs.get("cotangents", ()))
    return {"output": _detached(output), "grads": grads}


def _callee(solution: Any, inputs: Mapping[str, Any]) -> Any:
    """The named function, or an object of the named class."""
    named = getattr(solution, inputs["call"])
    if "build" not in inputs:
        return named
    built = named(*inputs["build"]["args"], **inputs["build"]["kwargs"])
    return built.train(inputs["training"]) if "training" in inputs else built


def _gradients(
    output: Any,
    wanted: Mapping[int | str, torch.Tensor],
    cotangents: Sequence[torch.Tensor],
) -> dict[int | str, torch.Tensor | None]:
    """Gradients by each wanted input, of outputs weighted by cotangents."""
    pairs = [
        (tensor, cotangent.to(tensor.dtype))
        for tensor, cotangent in zip(_tensors(output), cotangents, strict=False)
        if tensor.requires_grad and tensor.shape == cotangent.shape
    ]
    if not wanted or not pairs:
        return dict.fromkeys(wanted)
    outputs, weights = zip(*pairs, strict=True)
    grads = torch.autograd.grad(
        outputs, list(wanted.values()), grad_outputs=weights, allow_unused=True
    )
    return dict(zip(wanted, grads, strict=True))


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


def _detached(value: Any, depth: int = 0) -> Any:
    """The same tree without the graph; foreign types stay what they are."""
    if depth > DEPTH:
        return value
    if type(value) in (torch.Tensor, torch.nn.Parameter):
        return value.detach()
    if type(value) in (list, tuple):
        return type(value)(_detached(item, depth + 1) for item in value)
    if type(value) is dict:
        return {key: _detached(item, depth + 1) for key, item in value.items()}
    return value
