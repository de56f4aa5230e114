"""No, one and two leading axes; one to three last ones, of size one too; far from 0."""

import torch

from exercises.authoring import Case, Cases, Generator, call, check, normal, strided


def case(g: Generator, lead: tuple[int, ...], *last: int, shift: float = 0.0) -> Case:
    x = normal(g, *lead, *last) * 2 + shift
    affine = normal(g, *last), normal(g, *last)
    return call("layer_norm", x, *affine, 1e-3, len(last), grad_of=(0, 1, 2))


@check("values")
def values(g: Generator) -> Cases:
    for lead, size in (((), 5), ((4,), 4), ((2, 3), 7), ((3,), 1)):
        x = normal(g, *lead, size) * 0.1
        yield call("layer_norm", x, normal(g, size), normal(g, size), 0.01)
    yield call("layer_norm", strided(normal(g, 3, 3)), normal(g, 3), normal(g, 3))


@check("axes")
def axes(g: Generator) -> Cases:
    for lead, last in (((3,), (3, 3)), ((2, 2), (2, 2)), ((), (4, 1, 3))):
        x, affine = normal(g, *lead, *last), (normal(g, *last), normal(g, *last))
        yield call("layer_norm", x, *affine, 1e-5, len(last))


@check("offset")
def offset(g: Generator) -> Cases:
    for size in (6, 33):  # rounding of the data itself is a thousandth
        x = normal(g, 4, size) + 1e4
        one, zero = normal(g, size), normal(g, size)
        yield call("layer_norm", x, one, zero).within(rel=5e-3)


@check("gradients")
def gradients(g: Generator) -> Cases:
    yield case(g, (3,), 5)
    yield case(g, (2, 3), 3, 4)
    yield case(g, (), 6, shift=3.0)


@check("gpu")
def gpu(g: Generator) -> Cases:
    for dtype in (torch.float16, torch.bfloat16):
        for rows, size in ((33, 1000), (5, 4097)):  # squares beyond float16
            x, affine = normal(g, rows, size) * 300, (normal(g, size), normal(g, size))
            yield call("layer_norm", *(part.to(dtype) for part in (x, *affine)))
    x, affine = normal(g, 4096, 1000), (normal(g, 1000), normal(g, 1000))
    yield call("layer_norm", x, *affine).no_slower_than(5)
