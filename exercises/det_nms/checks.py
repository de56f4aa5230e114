"""Random boxes around a few centres; no IoU comes near a threshold by chance."""

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
    rule,
    strided,
    uniform,
)

# Areas are less than 2048 sixteenths, and no ratio of two such numbers lies within
# 3e-5 of these: rounding cannot decide whether a box stays.
THRESHOLDS = (0.3334, 0.5001, 0.6667)


NOTHING = rule(
    "Если рамок нет, ответ пуст.",
    lambda value, inputs: not sum(len(part) for part in parts(value["output"])),
)


def parts(output: Tensor | list[Tensor]) -> list[Tensor]:
    return [output] if isinstance(output, Tensor) else list(output)


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
        yield call("nms", *crowd(g, n), thr)
    boxes, scores = crowd(g, 9, centres=2)
    yield call("nms", strided(boxes), scores, THRESHOLDS[0])
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
    yield call("nms", boxes, (scores * 4).ceil() / 4, THRESHOLDS[0])
    none = normal(g, 0, 4), normal(g, 0)
    yield call("nms", *none, 0.5).holds(NOTHING)
    yield call("batched_nms", *none, integers(g, 0, 3, 0), 0.5).holds(NOTHING)
    yield call("soft_nms", *none, 0.5, 0.1).holds(NOTHING)


@check("classes")
def classes(g: Generator) -> Cases:
    for n, count in ((30, 3), (15, 2), (1, 1)):
        labels = integers(g, 0, count, n) * 7
        yield call("batched_nms", *crowd(g, n), labels, THRESHOLDS[0])


@check("soft")
def soft(g: Generator) -> Cases:
    yield call("soft_nms", *crowd(g, 6), 1.0, 0.0)
    for n, sigma, least in ((15, 0.5, 0.05), (25, 0.3, 0.2)):
        # In float64, where no two of so many decayed scores are nearly equal.
        boxes, scores = crowd(g, n)
        yield call("soft_nms", boxes.double(), scores.double(), sigma, least)


@check("speed")
def speed(g: Generator) -> Cases:
    crowds = crowd(g, 2000, centres=300)
    yield call("nms", *crowds, THRESHOLDS[1]).no_slower_than(20)


@check("gpu")
def gpu(g: Generator) -> Cases:
    yield call("nms", *crowd(g, 40), THRESHOLDS[1])
    boxes, scores = crowd(g, 6000, centres=1500, width=150)
    yield call("nms", boxes, scores, THRESHOLDS[1]).no_slower_than(10)
