"""No, one and two leading axes; one to three last ones, of size one too; far from 0."""

import torch

from exercises.authoring import Case, Cases, Generator, call, check, normal, strided


def norm(g: Generator, lead: tuple[int, ...], *last: int, by: tuple = ()) -> Case:
    x, affine = 0.1 * normal(g, *lead, *last), (normal(g, *last), normal(g, *last))
    return call("layer_norm", x, *affine, 0.01, len(last), grad_of=by)


@check("values")
def values(g: Generator) -> Cases:
    yield from (norm(g, *s) for s in (((), 5), ((4,), 4), ((2, 3), 7), ((3,), 1)))


@check("axes")
def axes(g: Generator) -> Cases:
    yield from (norm(g, *s) for s in (((3,), 3, 3), ((2, 2), 2, 2), ((), 4, 1, 3)))


@check("offset")
def offset(g: Generator) -> Cases:
    x = strided(3 * normal(g, 4, 33) + 1e4)  # a sum of 33 of them is rounded to 0.03
    yield call("layer_norm", x, normal(g, 33), normal(g, 33)).within(rel=0.03)


@check("gradients")
def gradients(g: Generator) -> Cases:
    yield from (norm(g, *s, by=(0, 1, 2)) for s in (((3,), 5), ((2, 3), 3, 4), ((), 6)))


@check("gpu")
def gpu(g: Generator) -> Cases:
    for dtype in (torch.float16, torch.bfloat16):
        for rows, size in ((33, 1000), (5, 4097)):  # squares beyond float16
            x, affine = normal(g, rows, size) * 300, (normal(g, size), normal(g, size))
            yield call("layer_norm", *(part.to(dtype) for part in (x, *affine)))
    x, affine = normal(g, 4096, 1000), (normal(g, 1000), normal(g, 1000))
    yield call("layer_norm", x, *affine).no_slower_than(5)
