"""Batches of odd sizes with a mean of 1; five of them for the running statistics."""

from __future__ import annotations

from typing import Any

from exercises.authoring import Case, Cases, Generator, check, normal, probe, strided


def life(
    g: Generator, *shape: int, show: tuple[str, ...], batches: int = 1, **options: Any
) -> Case:
    """A layer that sees some batches of this shape, and is then applied to another."""
    channels = shape[1]
    names = ("weight", "bias") if options.get("affine", True) else ()
    return probe(
        C=channels,
        options=options,
        affine={name: normal(g, channels) for name in names},
        batches=[strided(normal(g, *shape) + 1) for _ in range(batches)],
        applied=0.5 * normal(g, *shape) + 1,
        cotangent=normal(g, *shape),
        show=show,
    )


@check("training")
def training(g: Generator) -> Cases:
    for size in ((2, 1), (5, 3)):
        yield life(g, *size, show=("outputs",), eps=0.01)
    yield life(g, 4, 6, show=("outputs",), affine=False)


@check("running")
def running(g: Generator) -> Cases:
    kept = ("running_mean", "running_var", "num_batches_tracked")
    yield life(g, 3, 4, show=kept, batches=5)
    yield life(g, 5, 2, show=kept, batches=5, momentum=0.4)


@check("evaluation")
def evaluation(g: Generator) -> Cases:
    for size in ((4, 3), (3, 5)):
        yield life(g, *size, show=("evaluated",), batches=3, momentum=0.3)
    yield life(g, 3, 2, 4, show=("evaluated",), batches=2, affine=False)


@check("three_axes")
def three_axes(g: Generator) -> Cases:
    kept = ("outputs", "running_mean", "running_var")
    for size in ((2, 3, 5), (1, 4, 3)):
        yield life(g, *size, show=kept, batches=2)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for size in ((5, 3), (2, 3, 4)):
        yield life(g, *size, show=("grads",), eps=1e-3)


@check("state")
def state(g: Generator) -> Cases:
    for affine in (True, False):
        yield life(g, 3, 2, show=("parameters", "state"), affine=affine)
