"""Statistics at five sigmas; DropConnect's masks are read off its outputs."""

from __future__ import annotations

import torch

from exercises import authoring as on
from exercises.authoring import Cases, Generator, Tensor, build, call, check, rule

POWERS = 2.0 ** torch.arange(10)  # weights whose sum tells which of them survived


def p_of(i: dict) -> float:
    return i["build"]["args"][0] if "build" in i else i["args"][3]


def zeros(v: dict, i: dict) -> Tensor:
    """What was dropped: elements, or, for drop_connect, weights [B, out, in]."""
    if "build" in i:
        return v["output"] == 0
    return (sums(v, i).round().long()[..., None] & POWERS.long()) == 0


def sums(v: dict, i: dict) -> Tensor:
    """drop_connect: sums of the surviving weights, were they scaled as they should."""
    return (v["output"] - i["args"][2]) * (1 - p_of(i))


P_DROPS = rule(
    "Доля обнулённых равна 1 − p, а должна быть p.",
    lambda v, i: not on.by_chance(zeros(v, i), 1 - p_of(i)),
)
SHARE = rule(
    "Доля обнулённых отличается от p сильнее, чем бывает случайно (5σ).",
    lambda v, i: on.by_chance(zeros(v, i), p_of(i)),
)
SURVIVORS = rule(
    "Уцелевшие значения должны равняться x / (1 − p).",
    lambda v, i: on.close(v["output"], ~zeros(v, i) * i["args"][0] / (1 - p_of(i))),
)
OBJECTS_DIFFER = rule(
    "Маска у всех объектов батча одна и та же.",
    lambda v, i: bool((zeros(v, i) != zeros(v, i)[:1]).any()),
)
INDEPENDENT = rule(
    "Обнулённые места зависят друг от друга сильнее, чем бывает случайно (5σ).",
    lambda v, i: on.independent(zeros(v, i), p_of(i)),
)
GRADIENT = rule(
    "Градиент по x должен быть равен маске, делённой на 1 − p.",
    lambda v, i: on.close(
        v["grads"][0] * i["args"][0], i["cotangents"][0] * v["output"]
    ),
)
UNCHANGED = rule(
    "При применении выход должен равняться входу.",
    lambda v, i: on.close(v["output"], i["args"][0]),
)
SUMS = rule(
    "Выход — не сумма уцелевших весов, делённых на 1 − p, плюс сдвиг.",
    lambda v, i: on.close(sums(v, i), (~zeros(v, i) * POWERS).sum(-1)),
)
NOT_OUTPUTS = rule(
    "Выходы обнуляются целиком, а должны обнуляться отдельные веса.",
    lambda v, i: bool((zeros(v, i) != zeros(v, i)[..., :1]).any()),
)


def dropout(g: Generator, p: float, *shape: int, training: bool = True) -> on.Case:
    x = on.strided(on.uniform(g, *shape, low=1, high=2))
    return build("MyDropout", p, training=training)(x, grad_of=(0,)).seeded(g)


def readable(g: Generator, batch: int, out: int, p: float) -> on.Case:
    """Ones times powers of two: the binary sum shows which weights survived."""
    x, weights = torch.ones(batch, len(POWERS)), POWERS.repeat(out, 1)
    return call("drop_connect", x, weights, on.normal(g, out), p, True).seeded(g)


@check("train")
def train(g: Generator) -> Cases:
    for p in (0.3, 0.8):  # one object: that objects share a mask is no fault here
        yield dropout(g, p, 1, 100_000).holds(P_DROPS, SHARE, SURVIVORS, GRADIENT)


@check("independent")
def independent(g: Generator) -> Cases:
    for shape in ((99, 400), (50, 5, 101)):
        yield dropout(g, 0.4, *shape).holds(OBJECTS_DIFFER, INDEPENDENT)


@check("evaluation")
def evaluation(g: Generator) -> Cases:
    for shape in ((5, 7), (1, 30), (2, 3, 11)):
        yield dropout(g, 0.5, *shape, training=False).holds(UNCHANGED)


@check("edges")
def edges(g: Generator) -> Cases:
    for p in (0.0, 1.0):
        yield dropout(g, p, 4, 9)


@check("dc_train")
def dc_train(g: Generator) -> Cases:
    for p in (0.3, 0.7):
        yield readable(g, 1, 2000, p).holds(SUMS, NOT_OUTPUTS, P_DROPS, SHARE)


@check("dc_independent")
def dc_independent(g: Generator) -> Cases:
    for batch, out in ((200, 25), (501, 3)):
        yield readable(g, batch, out, 0.4).holds(SUMS, OBJECTS_DIFFER, INDEPENDENT)


@check("dc_deterministic")
def dc_deterministic(g: Generator) -> Cases:
    for p, training in ((0.5, False), (0.0, True), (1.0, True)):
        x, w, b = on.normal(g, 5, 3), on.strided(on.normal(g, 4, 3)), on.normal(g, 4)
        yield call("drop_connect", x, w, b, p, training, grad_of=(0, 1, 2)).seeded(g)
