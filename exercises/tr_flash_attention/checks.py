"""Blocks that divide L and that do not, of one position, and larger than L."""

from __future__ import annotations

from exercises.authoring import Case, Cases, Generator, call, check, normal, strided


def attend(
    g: Generator,
    size: tuple[int, int, int, int],
    *blocks: int,
    causal: bool = False,
    scale: float = 1.0,
    grad: bool = False,
) -> Case:
    """Of B, h, L, d; block_q and block_k, unless they are left out."""
    q, k, v = (normal(g, *size) for _ in range(3))
    qkv = strided(scale * q), strided(scale * k), v
    by = (0, 1, 2) if grad else ()
    return call("flash_attention", *qkv, *blocks, causal=causal, grad_of=by)


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
    b, h, length, d, block_q, block_k = 1, 2, 130, 3, 32, 16
    limit = b * h * max(2 * length * d, 4 * block_q * block_k)
    for causal in (False, True):
        case = attend(g, (b, h, length, d), block_q, block_k, causal=causal)
        yield case.largest_tensor(limit)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for length, *blocks in ((6, 2, 3), (7, 3, 2)):
        for causal in (False, True):
            yield attend(g, (2, 2, length, 3), *blocks, causal=causal, grad=True)
