"""Words repeat within a batch; some of the vocabulary is in none."""

from __future__ import annotations

from exercises.authoring import (
    Case,
    Cases,
    Generator,
    call,
    check,
    integers,
    normal,
    strided,
)


def case(
    g: Generator, v: int, d: int, b: int, k: int, scale: float = 1.0, grad: bool = False
) -> Case:
    tables = scale * normal(g, v, d), strided(normal(g, v, d))
    words = integers(g, 0, v, b), integers(g, 0, v, b), integers(g, 0, v, b, k)
    return call("sgns_loss", *tables, *words, grad_of=(0, 1) if grad else ())


@check("noise")
def noise(g: Generator) -> Cases:
    for size in (3, 10):
        counts = integers(g, 1, 1000, size)
        counts[1] = 0
        yield call("noise_dist", counts)
        yield call("noise_dist", counts + 1, 0.4)


@check("loss")
def loss(g: Generator) -> Cases:
    for sizes in ((7, 4, 5, 3), (30, 8, 6, 1), (4, 1, 1, 5)):
        yield case(g, *sizes)


@check("extreme")
def extreme(g: Generator) -> Cases:
    yield case(g, 9, 6, 12, 4, scale=20.0)


@check("gradients")
def gradients(g: Generator) -> Cases:
    yield case(g, 12, 5, 4, 3, grad=True)
    yield case(g, 5, 3, 9, 2, scale=10.0, grad=True)
