"""Blocks that divide L and that do not, of one position, and larger than L."""

from __future__ import annotations

import torch

from exercises.authoring import Case, Cases, Generator, call, check, normal, strided


def attend(
    g: Generator,
    size: tuple[int, int, int, int],
    *blocks: int,
    causal: bool = False,
    scale: float = 1.0,
    grad: bool = False,
    dtype: torch.dtype = torch.float32,
) -> Case:
    """Of B, h, L, d; block_q and block_k, unless they are left out."""
    q, k, v = (normal(g, *size).to(dtype) for _ in range(3))
    qkv = strided(scale * q), strided(scale * k), v
    by = (0, 1, 2) if grad else ()
    return call("flash_attention", *qkv, *blocks, causal=causal, grad_of=by)


def attend_in_blocks(
    g: Generator, size: tuple[int, int, int, int], q: int, k: int, causal: bool
) -> Case:
    """With the bound of the statement on the largest tensor."""
    b, h, length, d = size
    limit = b * h * max(2 * length * d, 4 * q * k)
    return attend(g, size, q, k, causal=causal).largest_tensor(limit)


@check("values")
def values(g: Generator) -> Cases:
    for size, blocks in (((2, 3, 8, 4), (4, 2)), ((1, 2, 6, 5), (1, 3))):
        yield attend(g, size, *blocks)
    yield attend(g, (1, 1, 128, 3))


@check("tails")
def tails(g: Generator) -> Cases:
    for length, *blocks in ((7, 3, 4), (5, 5, 2), (11, 2, 8)):
        yield attend(g, (2, 1, length, 3), *blocks)
    yield attend(g, (1, 2, 70, 4))


@check("large_scores")
def large_scores(g: Generator) -> Cases:
    # Rounding of scores near 1000 is 1e-4: exp() turns it into a relative error.
    for length in (9, 12):
        yield attend(g, (1, 2, length, 4), 3, 3, scale=25.0).within(rel=1e-2)


@check("causal")
def causal(g: Generator) -> Cases:
    for length, *blocks in ((8, 4, 4), (9, 2, 3), (7, 3, 1), (10, 4, 6), (1, 1, 1)):
        yield attend(g, (1, 2, length, 3), *blocks, causal=True)


@check("memory")
def memory(g: Generator) -> Cases:
    for causal in (False, True):
        yield attend_in_blocks(g, (1, 2, 130, 3), 32, 16, causal)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for length, *blocks in ((6, 2, 3), (7, 3, 2)):
        for causal in (False, True):
            yield attend(g, (2, 2, length, 3), *blocks, causal=causal, grad=True)


@check("gpu")
def gpu(g: Generator) -> Cases:
    for dtype in (torch.float16, torch.bfloat16):
        yield attend(g, (2, 3, 70, 16), 32, 24, causal=True, dtype=dtype)
    yield attend_in_blocks(g, (1, 2, 2048, 32), 256, 256, causal=True)
    yield attend(g, (1, 4, 2048, 64), 256, 256).no_slower_than(5)
