"""Trajectories in float64 under given gradients, so that errors do not feed back."""

from __future__ import annotations

from typing import Any

import torch

from exercises.authoring import Case, Cases, Generator, check, normal, probe

TINY = 1e-14  # an eps whose place in the formula cannot be seen


def drive(
    g: Generator,
    *shapes: tuple[int, ...],
    steps: int = 20,
    size: float = 1.0,
    frozen: int | None = None,
    **options: Any,
) -> Case:
    """Parameters of these shapes under random gradients of this size."""
    params, gradients = [], []
    for index, shape in enumerate(shapes):
        params.append(normal(g, *shape, dtype=torch.float64))
        noise = normal(g, steps, *shape, dtype=torch.float64)
        gradients.append(None if index == frozen else size * (noise + 0.5))
    return probe(params=params, gradients=gradients, steps=steps, options=options)


@check("first_steps")
def first_steps(g: Generator) -> Cases:
    for shape in ((3,), (2, 1), ()):
        yield drive(g, shape, steps=3, lr=0.1).within(rel=1e-6)


@check("trajectory")
def trajectory(g: Generator) -> Cases:
    yield drive(g, (5,), steps=50, lr=0.01, eps=TINY)
    yield drive(g, (3, 2), steps=50, lr=0.3, betas=(0.5, 0.9), eps=TINY)
    yield drive(g, (1, 4, 3), steps=50, lr=0.05, betas=(0.95, 0.8), eps=TINY)


@check("epsilon")
def epsilon(g: Generator) -> Cases:
    yield drive(g, (7,), lr=0.1, eps=1e-2, size=0.1)
    yield drive(g, (3, 3), lr=0.1, size=1e-9)  # the default eps


@check("l2")
def l2(g: Generator) -> Cases:
    for decay in (0.01, 0.5):
        yield drive(g, (4, 3), lr=0.02, eps=TINY, weight_decay=decay)


@check("decoupled")
def decoupled(g: Generator) -> Cases:
    for decay in (0.01, 0.5):
        yield drive(g, (4, 3), lr=0.02, eps=TINY, weight_decay=decay, decoupled=True)


@check("state")
def state(g: Generator) -> Cases:
    yield drive(g, (3,), (3,), (3,), lr=0.1, eps=TINY)
    yield drive(g, (2, 3), (1,), (4,), frozen=1, lr=0.1, eps=TINY, weight_decay=0.1)
