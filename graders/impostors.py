"""Answers that must not pass, and one that must, made from the reference's own.

An impostor answers like the reference and then spoils the tensors. If checks accept
zeros, the mean, a copy of the input or a shuffled answer, they do not check much; if
they reject rounding noise, they reject correct solutions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from graders.memory import map_answer
from graders.reference import Trusted, react
from graders.sandbox.session import Failure, Job, Outcome
from graders.trees import tensors

Spoil = Callable[[Tensor, Mapping[str, Any]], Tensor]


def zeros(answer: Tensor, inputs: Mapping[str, Any]) -> Tensor:
    return torch.zeros_like(answer)


def mean(answer: Tensor, inputs: Mapping[str, Any]) -> Tensor:
    if answer.numel() < 2:  # a single number is its own mean: no disguise
        return torch.zeros_like(answer)
    return torch.full_like(answer, answer.double().mean().item())


def copied_input(answer: Tensor, inputs: Mapping[str, Any]) -> Tensor:
    """The first input with numbers in it, repeated or cut to the answer's size."""
    for tensor in tensors(inputs):
        if tensor.numel():
            times = -(-answer.numel() // tensor.numel())
            flat = tensor.detach().reshape(-1).repeat(times)[: answer.numel()]
            return flat.reshape(answer.shape).to(answer.dtype)
    return answer


def shuffled(answer: Tensor, inputs: Mapping[str, Any]) -> Tensor:
    if answer.numel() < 2:
        return torch.zeros_like(answer)
    return answer.reshape(-1).roll(1).reshape(answer.shape)


def noisy(answer: Tensor, inputs: Mapping[str, Any]) -> Tensor:
    """Off by some roundings, as another order of the same sum would be."""
    if not answer.is_floating_point():
        return answer
    noise = torch.randn(answer.shape, dtype=torch.float64)
    epsilon = 8 * torch.finfo(answer.dtype).eps
    return (answer.double() * (1 + epsilon * noise)).to(answer.dtype)


SPOILERS: Mapping[str, Spoil] = {
    "zeros": zeros,
    "the mean": mean,
    "a copy of the input": copied_input,
    "a shuffled answer": shuffled,
}


class Impostor:
    """A sandbox whose only runner answers with spoiled reference answers."""

    alive = True

    def __init__(self, trusted: Trusted, spoil: Spoil) -> None:
        self._trusted, self._spoil = trusted, spoil

    @contextmanager
    def runner(self, job: Job) -> Iterator[Impostor]:
        yield self

    def load(self) -> Outcome:
        return Outcome()

    def run(self, inputs: Mapping[str, Any], **_: Any) -> Outcome:
        """What the reference answers, spoiled."""
        reaction = react(self._trusted.probe, self._trusted.reference, inputs)
        if reaction.raised:
            return Outcome(failure=Failure.RAISED, error_type=reaction.raised)
        spoiled = map_answer(lambda x: self._spoil(x, inputs), reaction.value)
        return Outcome(value=spoiled)

    def close(self) -> None:
        """Nothing was opened."""
