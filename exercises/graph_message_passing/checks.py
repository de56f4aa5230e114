"""Graphs with repeated edges, vertices that nothing enters, and no edges at all."""

from __future__ import annotations

import torch

from exercises.authoring import (
    Case,
    Cases,
    Generator,
    Tensor,
    call,
    check,
    integers,
    normal,
    strided,
    uniform,
)

SIZES = [(7, 5, 3), (30, 8, 1), (1, 4, 2), (12, 1, 5)]  # edges, vertices, features
REDUCTIONS = ("sum", "mean", "max")


def targets(g: Generator, edges: int, n: int) -> Tensor:
    """Never the last vertex, unless it is the only one; always a repeat, if it can."""
    dst = integers(g, 0, max(1, n - 1), edges)
    dst[-1] = dst[0]
    return dst


def messages(g: Generator, reduce: str) -> Cases:
    for edges, n, d in SIZES:
        msg = normal(g, edges, d)
        yield call("aggregate", msg, targets(g, edges, n), n, reduce)
    yield call("aggregate", strided(normal(g, 9, 4)), targets(g, 9, 6), 6, reduce)
    yield call("aggregate", normal(g, 0, 3), integers(g, 0, 1, 0), 4, reduce)


@check("sum")
def total(g: Generator) -> Cases:
    yield from messages(g, "sum")


@check("loops")
def loops(g: Generator) -> Cases:
    """Few vertices, so many more edges that one operator an edge stands out."""
    edges, n = 400, 4
    for reduce in REDUCTIONS:
        case = call("aggregate", normal(g, edges, 2), targets(g, edges, n), n, reduce)
        yield case.calls("aten::*", at_most=edges // 2)


@check("mean")
def mean(g: Generator) -> Cases:
    yield from messages(g, "mean")


@check("max")
def largest(g: Generator) -> Cases:
    yield from messages(g, "max")
    negative = -1 - normal(g, 14, 3).abs()
    yield call("aggregate", negative, targets(g, 14, 6), 6, "max")


def layer(g: Generator, n: int, edges: int, d: int, m: int, reduce: str) -> Case:
    """No edge comes twice: how a maximum's gradient is shared must not matter.

    (That of torch.segment_reduce counts equal messages more than once.)
    """
    pairs = uniform(g, n * (n - 1)).argsort()[:edges]
    graph = torch.stack([pairs // (n - 1), pairs % (n - 1)])  # none enters the last
    weights = normal(g, d, m), normal(g, d, m)
    return call("sage", normal(g, n, d), graph, *weights, reduce, grad_of=(0, 2, 3))


@check("sage")
def sage(g: Generator) -> Cases:
    for reduce in REDUCTIONS:
        for n, edges, d, m in ((6, 10, 3, 2), (9, 25, 1, 4)):
            x, graph, *rest = layer(g, n, edges, d, m, reduce).inputs["args"]
            graph[:, -1] = graph[:, 0]
            yield call("sage", x, graph, *rest)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for reduce in REDUCTIONS:
        dst = targets(g, 11, 5)
        yield call("aggregate", normal(g, 11, 3), dst, 5, reduce, grad_of=(0,))
        yield layer(g, 7, 15, 3, 4, reduce)


@check("speed")
def speed(g: Generator) -> Cases:
    edges, n = 200_000, 10_000
    for reduce in ("mean", "max"):
        msg, dst = normal(g, edges, 4), targets(g, edges, n)
        yield call("aggregate", msg, dst, n, reduce).no_slower_than(20)


@check("gpu")
def gpu(g: Generator) -> Cases:
    for reduce in REDUCTIONS:
        yield layer(g, 7, 15, 3, 4, reduce)
    edges, n = 2_000_000, 50_000
    for reduce in ("mean", "max"):
        msg, dst = normal(g, edges, 1), targets(g, edges, n)
        yield call("aggregate", msg, dst, n, reduce).no_slower_than(10)
