"""Odd sizes, one object, several ignored labels, logits up to ten thousand."""

from __future__ import annotations

from exercises.authoring import (
    Cases,
    Generator,
    Tensor,
    call,
    check,
    integers,
    normal,
    strided,
)

SIZES = [(1, 3), (5, 2), (7, 11)]  # B, C


def batch(g: Generator, b: int, c: int, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    """Logits and classes; the first object's class is its least likely one.

    So the loss is at least ln(C) / B: never small beside the logits that it is a
    difference of, whose rounding would else exceed any tolerance relative to it.
    """
    logits, target = scale * normal(g, b, c), integers(g, 0, c, b)
    logits[0], target[0] = logits[0].sort().values, 0
    return logits, target


@check("values")
def values(g: Generator) -> Cases:
    for size in SIZES:
        yield call("cross_entropy", *batch(g, *size))
    logits, target = batch(g, 6, 4)
    yield call("cross_entropy", strided(logits), target)


@check("ignored")
def ignored(g: Generator) -> Cases:
    for label in (-100, 2):
        logits, target = batch(g, 9, 4)
        target[1::2] = label
        yield call("cross_entropy", logits, target, ignore_index=label)


@check("smoothing")
def smoothing(g: Generator) -> Cases:
    for share, size in zip((0.1, 0.3), SIZES[1:], strict=True):
        logits, target = batch(g, *size)
        target[-1] = -100
        yield call("cross_entropy", logits, target, label_smoothing=share)


@check("extreme")
def extreme(g: Generator) -> Cases:
    for scale in (50.0, 1e4):
        yield call("cross_entropy", *batch(g, 6, 5, scale))
    logits, target = batch(g, 4, 3)
    yield call("cross_entropy", logits + 1e4, target).within(rel=2e-3)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for size in SIZES:
        yield call("cross_entropy", *batch(g, *size), grad_of=(0,))
    logits, target = batch(g, 6, 4, 50.0)
    target[2] = -100
    yield call("cross_entropy", logits, target, 0.2, grad_of=(0,))
