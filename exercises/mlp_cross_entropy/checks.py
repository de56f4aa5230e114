"""Odd sizes, one object, several ignored labels, logits up to ten thousand."""

from __future__ import annotations

from exercises.authoring import Cases, Generator, Tensor, call, check, integers, normal

SIZES = [(1, 3), (5, 2), (7, 11)]  # B, C


def batch(g: Generator, b: int, c: int, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    return scale * normal(g, b, c), integers(g, 0, c, b)


@check("values")
def values(g: Generator) -> Cases:
    for size in SIZES:
        yield call("cross_entropy", *batch(g, *size))


@check("ignored")
def ignored(g: Generator) -> Cases:
    for label in (-100, 2):
        logits, target = batch(g, 9, 4)
        target[::2], target[1] = label, 0
        yield call("cross_entropy", logits, target, ignore_index=label)


@check("smoothing")
def smoothing(g: Generator) -> Cases:
    for share, size in zip((0.1, 0.3), SIZES[1:], strict=True):
        logits, target = batch(g, *size)
        target[0] = -100
        yield call("cross_entropy", logits, target, label_smoothing=share)


@check("extreme")
def extreme(g: Generator) -> Cases:
    for scale in (50.0, 1e4):
        yield call("cross_entropy", *batch(g, 6, 5, scale))
    logits, target = batch(g, 4, 3)
    yield call("cross_entropy", logits + 1e4, target).within(rel=1e-2)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for size in SIZES:
        yield call("cross_entropy", *batch(g, *size), grad_of=(0,))
    logits, target = batch(g, 6, 4, 50.0)
    target[2] = -100
    yield call("cross_entropy", logits, target, 0.2, grad_of=(0,))
