"""Odd and size-1 shapes, Lq != Lk, dv != d, no, one and two leading axes."""

from __future__ import annotations

import torch

from exercises.authoring import (
    Cases,
    Generator,
    Tensor,
    call,
    check,
    normal,
    strided,
    uniform,
)

SHAPES = [  # leading axes, Lq, Lk, d, dv
    ((), 3, 5, 4, 2),
    ((2,), 4, 4, 8, 3),
    ((2, 3), 5, 7, 16, 1),
    ((1,), 1, 6, 1, 5),
]


def qkv(
    g: Generator, lead: tuple[int, ...], lq: int, lk: int, d: int, dv: int
) -> list[Tensor]:
    return [normal(g, *lead, *size) for size in ((lq, d), (lk, d), (lk, dv))]


def some_allowed(g: Generator, *shape: int) -> Tensor:
    """In every row at least one position is open and, if it can be, one closed."""
    ranks = uniform(g, *shape).argsort(-1)
    return (ranks != 0) & ((uniform(g, *shape) < 0.5) | (ranks == shape[-1] - 1))


@check("values")
def values(g: Generator) -> Cases:
    for shape in SHAPES:
        yield call("attention", *qkv(g, *shape))
    yield call("attention", *map(strided, qkv(g, (2,), 4, 5, 6, 3)))


@check("mask")
def mask(g: Generator) -> Cases:
    for lead, lq, lk, d, dv in SHAPES:
        allowed = some_allowed(g, *lead, lq, lk)
        yield call("attention", *qkv(g, lead, lq, lk, d, dv), mask=allowed)
    padding = some_allowed(g, 2, 1, 1, 7)  # broadcast over heads and queries
    yield call("attention", *qkv(g, (2, 3), 5, 7, 4, 4), mask=padding)


@check("causal")
def causal(g: Generator) -> Cases:
    for lead, length in (((), 3), ((2,), 5), ((1, 2), 7)):
        yield call("attention", *qkv(g, lead, length, length, 4, 3), causal=True)


@check("causal_aligned")
def causal_aligned(g: Generator) -> Cases:
    for lead, lq, lk in (((), 2, 3), ((2,), 3, 7), ((2, 1), 1, 4)):
        yield call("attention", *qkv(g, lead, lq, lk, 4, 3), causal=True)
    allowed = torch.ones(3, 5, dtype=torch.bool)
    allowed[:, 1] = False
    yield call("attention", *qkv(g, (), 3, 5, 4, 2), mask=allowed, causal=True)


@check("closed_rows")
def closed_rows(g: Generator) -> Cases:
    allowed = some_allowed(g, 2, 4, 5)
    allowed[0, 1] = allowed[1, 3] = False
    inputs = qkv(g, (2,), 4, 5, 3, 2)
    yield call("attention", *inputs, mask=allowed)
    yield call("attention", *inputs, mask=allowed, grad_of=(0, 1, 2))
    yield call("attention", *qkv(g, (), 5, 3, 4, 2), causal=True)  # Lq > Lk


@check("large_scores")
def large_scores(g: Generator) -> Cases:
    # Rounding of scores near 1000 is 1e-4: exp() turns it into a relative error.
    q, k, v = qkv(g, (2,), 5, 6, 4, 3)
    yield call("attention", q * 40, k * 40, v).within(rel=1e-2)
    q[..., 0], k[..., 0] = 100, 20  # the same 1000 in all scores of a query
    yield call("attention", q, k, v).within(rel=1e-2)


@check("gradients")
def gradients(g: Generator) -> Cases:
    # Not of a query of one coordinate: its gradient is one sum, which may vanish.
    for shape in (*SHAPES[:3], ((1,), 1, 6, 4, 5)):
        yield call("attention", *qkv(g, *shape), grad_of=(0, 1, 2))
    allowed = some_allowed(g, 3, 5)
    q, k, v = qkv(g, (), 3, 5, 4, 2)
    yield call("attention", q, k, v, mask=allowed, grad_of=(0, 1, 2))
