"""Random boxes around a few centres; no chance near-ties of IoU."""

from __future__ import annotations

import torch

from exercises.authoring import (
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

THRESHOLDS = (0.3, 0.5, 0.7)


def crowd(
    g: Generator, n: int, centres: int = 5, width: float = 40
) -> tuple[Tensor, Tensor]:
    """Boxes on a grid of quarters (exact areas), and scores that all differ."""
    around = uniform(g, centres, 2, high=width)[integers(g, 0, centres, n)]
    corner = around + normal(g, n, 2)
    sides = 4 + uniform(g, n, 2, high=4)
    boxes = torch.cat([corner, corner + sides], dim=1)
    scores = (uniform(g, n).argsort() + 1) / (n + 1)
    return (boxes * 4).round() / 4, scores


@check("plain")
def plain(g: Generator) -> Cases:
    for n, thr in zip((12, 25, 40), THRESHOLDS, strict=True):
        yield call("nms", *crowd(g, n), thr + 1e-3)
    boxes, scores = crowd(g, 9, centres=2)
    yield call("nms", strided(boxes), scores, 0.401)
    yield call("nms", *crowd(g, 1), 0.5)


@check("edges")
def edges(g: Generator) -> Cases:
    # Halves of a box: IoU is 1/2 exactly; a quarter: 1/4.
    whole = torch.tensor([0.0, 0.0, 4.0, 4.0])
    half = torch.tensor([0.0, 0.0, 4.0, 2.0])
    quarter = torch.tensor([0.0, 0.0, 2.0, 2.0])
    boxes = torch.stack([half, whole, quarter]) + integers(g, 0, 20, 1)
    scores = torch.tensor([0.8, 0.9, 0.7])
    for thr in (0.5, 0.25):
        yield call("nms", boxes, scores, thr)
    boxes, scores = crowd(g, 20, centres=3)
    yield call("nms", boxes, (scores * 4).ceil() / 4, 0.301)


@check("classes")
def classes(g: Generator) -> Cases:
    for n, count in ((30, 3), (15, 2), (1, 1)):
        yield call("batched_nms", *crowd(g, n), integers(g, 0, count, n) * 7, 0.351)


@check("soft")
def soft(g: Generator) -> Cases:
    for n, sigma, least in ((15, 0.5, 0.05), (25, 0.3, 0.2), (6, 1.0, 0.0)):
        yield call("soft_nms", *crowd(g, n), sigma, least)


@check("speed")
def speed(g: Generator) -> Cases:
    yield call("nms", *crowd(g, 2000, centres=300), 0.501).no_slower_than(20)


@check("gpu")
def gpu(g: Generator) -> Cases:
    yield call("nms", *crowd(g, 40), 0.501)
    boxes, scores = crowd(g, 6000, centres=1500, width=150)
    yield call("nms", boxes, scores, 0.501).no_slower_than(10)
