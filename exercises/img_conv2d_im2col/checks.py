"""Kernels that are not square, other steps along each axis, uneven divisions."""

from __future__ import annotations

from exercises.authoring import Cases, Generator, Tensor, call, check, normal, strided

# x, kernel, stride, padding, dilation
GEOMETRY = [
    ((2, 3, 6, 9), (3, 5), (1, 1), (0, 0), (1, 1)),
    ((1, 2, 7, 8), (2, 3), (2, 3), (0, 0), (1, 1)),
    ((2, 1, 5, 4), (3, 2), (1, 2), (2, 1), (1, 1)),
    ((1, 3, 9, 11), (2, 3), (1, 1), (1, 0), (3, 2)),
    ((3, 2, 1, 6), (1, 4), (1, 1), (0, 2), (1, 1)),
    ((2, 4, 5, 5), (1, 1), (2, 2), (0, 0), (1, 1)),
]


def parameters(
    g: Generator, channels: int, out: int, kernel: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    return normal(g, out, channels, *kernel), normal(g, out)


@check("columns")
def columns(g: Generator) -> Cases:
    for shape, kernel, *geometry in GEOMETRY:
        yield call("im2col", normal(g, *shape), *kernel, *geometry)
    yield call("im2col", strided(normal(g, 2, 3, 6, 4)), 3, 2)


@check("convolution")
def convolution(g: Generator) -> Cases:
    for shape, kernel, *geometry in GEOMETRY:
        w, b = parameters(g, shape[1], 4, kernel)
        yield call("conv2d", strided(normal(g, *shape)), w, b, *geometry)
    yield call("conv2d", normal(g, 2, 3, 4, 7), normal(g, 5, 3, 3, 3))  # no bias


@check("groups")
def groups(g: Generator) -> Cases:
    for channels, out, count in ((4, 6, 2), (3, 3, 3), (6, 3, 3)):
        w, b = parameters(g, channels // count, out, (3, 2))
        x = normal(g, 2, channels, 5, 6)
        yield call("conv2d", x, w, b, padding=(1, 1), groups=count)


@check("one_product")
def one_product(g: Generator) -> Cases:
    for shape, kernel, *geometry in GEOMETRY[:2]:
        w, b = parameters(g, shape[1], 4, kernel)
        case = call("conv2d", normal(g, *shape), w, b, *geometry)
        yield case.calls("aten::*mm", at_most=1)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for shape, kernel, *geometry in GEOMETRY[:4]:
        w, b = parameters(g, shape[1], 3, kernel)
        x = normal(g, *shape)
        yield call("conv2d", x, w, b, *geometry, grad_of=(0, 1, 2))


@check("speed")
def speed(g: Generator) -> Cases:
    w, b = parameters(g, 16, 8, (3, 3))
    x = normal(g, 8, 16, 32, 32)
    yield call("conv2d", x, w, b, padding=(1, 1)).no_slower_than(10)


@check("gpu")
def gpu(g: Generator) -> Cases:
    for shape, kernel, *geometry in GEOMETRY[:2]:
        w, b = parameters(g, shape[1], 3, kernel)
        x = normal(g, *shape)
        yield call("conv2d", x, w, b, *geometry, grad_of=(0, 1, 2))
    w, b = parameters(g, 32, 64, (3, 3))
    x = normal(g, 16, 32, 32, 32)
    yield call("conv2d", x, w, b, padding=(1, 1)).no_slower_than(5)
