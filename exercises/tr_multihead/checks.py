"""One and several heads, Lq != Lk, one position; given weights, with biases and not."""

from __future__ import annotations

from typing import Any

import torch

from exercises.authoring import (
    Case,
    Cases,
    Generator,
    Tensor,
    check,
    integers,
    normal,
    probe,
    strided,
)


def weights(g: Generator, d: int, bias: bool) -> dict[str, Tensor]:
    """Of such a size that no head's weights are nearly uniform or nearly one-hot."""
    named = {"in_proj_weight": normal(g, 3 * d, d), "out_proj.weight": normal(g, d, d)}
    if bias:
        named |= {"in_proj_bias": normal(g, 3 * d), "out_proj.bias": normal(g, d)}
    return {name: value / d**0.5 for name, value in named.items()}


def attend(
    g: Generator,
    b: int,
    lq: int,
    lk: int | None = None,
    d: int = 12,
    heads: int = 3,
    bias: bool = True,
    grad: bool = False,
    **options: Any,
) -> Case:
    """Cross-attention, unless ``lk`` is left out: then q, k and v are one tensor."""
    q = strided(normal(g, b, lq, d))
    k, v = (q, q) if lk is None else (normal(g, b, lk, d), normal(g, b, lk, d))
    outputs = (b, lq, d), (b, heads, lq, lk or lq)
    return probe(
        d=d,
        heads=heads,
        bias=bias,
        state=weights(g, d, bias),
        q=q,
        k=k,
        v=v,
        options=options,
        cotangents=[normal(g, *shape) for shape in outputs] if grad else [],
    )


def padding(g: Generator, b: int, length: int) -> Tensor:
    """Of each object one to ``length`` keys are real, those before the padding."""
    real = integers(g, 1, length, b, 1)
    real[0] = length
    return torch.arange(length) >= real


@check("self_attention")
def self_attention(g: Generator) -> Cases:
    for b, length, d, heads in ((2, 5, 12, 3), (1, 4, 10, 5), (3, 1, 4, 2)):
        yield attend(g, b, length, d=d, heads=heads)
    yield attend(g, 2, 3, d=7, heads=1, bias=False)
    yield attend(g, 1, 6, bias=False)


@check("cross")
def cross(g: Generator) -> Cases:
    for b, lq, lk in ((2, 3, 5), (1, 6, 2), (3, 1, 4)):
        yield attend(g, b, lq, lk)


@check("padding")
def padded(g: Generator) -> Cases:
    for b, lq, lk in ((3, 4, 4), (2, 2, 7)):
        yield attend(g, b, lq, lk, key_padding_mask=padding(g, b, lk))


@check("causal")
def causal(g: Generator) -> Cases:
    for b, lq, lk in ((2, 5, 5), (1, 2, 6)):
        yield attend(g, b, lq, lk, causal=True)
    yield attend(g, 3, 5, key_padding_mask=padding(g, 3, 5), causal=True)


@check("gradients")
def gradients(g: Generator) -> Cases:
    yield attend(g, 2, 3, 5, grad=True)
    yield attend(g, 2, 4, grad=True, bias=False, causal=True)
    yield attend(g, 3, 4, 6, grad=True, key_padding_mask=padding(g, 3, 6))
