"""Graphs as programs: leaves, then operations on the numbers of earlier nodes.

All in float64, where a rounding is far below the tolerance even if paths cancel.
"""

from __future__ import annotations

import torch

from exercises import authoring as on
from exercises.authoring import Case, Cases, Generator, Tensor, check, normal

TWO = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "matmul": torch.mm}
OPERATIONS = TWO | {"relu": torch.relu, "exp": torch.exp, "log": torch.log}
OPERATIONS |= {"sum": torch.sum}
SHAPES = ((3, 4), (4, 3), (1, 4), (3, 1), (4,), (), (4, 4), (1, 1))
MODERATE, KINK = 4.0, 1e-3  # how large a result may be, how near to relu's kink


def leaf(g: Generator, *shape: int) -> Tensor:
    return normal(g, *shape, dtype=torch.float64)


def graph(leaves: list[Tensor], *steps: list, ends: list[int] | None = None) -> Case:
    """Go back from the sum of squares of these nodes, or of the last."""
    last = len(leaves) + len(steps) - 1
    ends = [last] if ends is None else ends
    return on.probe(leaves=leaves, steps=list(steps), ends=ends).within(scale=1)


def pick(g: Generator, count: int) -> int:
    return int(on.integers(g, 0, count, 1))


def random_graph(g: Generator, size: int) -> Case:
    """Operations on random earlier nodes, every other time on the latest."""
    values, steps = [leaf(g, *SHAPES[pick(g, len(SHAPES))]) for _ in range(4)], []
    leaves = list(values)
    while len(steps) < size:
        name = [*OPERATIONS][pick(g, len(OPERATIONS))]
        at = [pick(g, len(values)) for _ in range(2 if name in TWO else 1)]
        at[0] = len(values) - 1 if pick(g, 2) else at[0]
        x, *others = (values[i] for i in at)
        axis = [pick(g, x.ndim)] if name == "sum" and x.ndim else []
        try:
            made = OPERATIONS[name](x, *others, *axis)
        except RuntimeError:  # shapes that do not go together
            continue
        if made.abs().max() < MODERATE and (name != "relu" or x.abs().min() > KINK):
            values.append(made)
            steps.append([name, *at, *axis])
    return graph(leaves, *steps, ends=list(range(len(values))))


@check("operations")
def operations(g: Generator) -> Cases:
    for name in ("add", "sub", "mul"):
        yield graph([leaf(g, 3, 2), leaf(g, 3, 2)], [name, 0, 1])
    for n, k, m in ((3, 3, 3), (2, 4, 3), (1, 5, 1)):
        yield graph([on.strided(leaf(g, n, k)), leaf(g, k, m)], ["matmul", 0, 1])
    for name in ("relu", "exp"):
        yield graph([leaf(g, 5)], [name, 0])
    yield graph([0.5 + leaf(g, 2, 3).abs()], ["log", 0])
    for axis in (0, 1, 2, -1, -2, None):
        yield graph([leaf(g, 2, 3, 4)], ["sum", 0, axis])


@check("broadcasting")
def broadcasting(g: Generator) -> Cases:
    for one, other in (((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((1,), (1, 1))):
        for name in ("add", "sub", "mul"):
            yield graph([leaf(g, *one), leaf(g, *other)], [name, 0, 1])
    x, y = leaf(g, 2, 3, 1), on.strided(leaf(g, 3, 4))
    yield graph([x, y], ["mul", 1, 0], ["exp", 2])


@check("reuse")
def reuse(g: Generator) -> Cases:
    for name in ("add", "mul", "matmul"):
        yield graph([leaf(g, 3, 3)], [name, 0, 0])
    a, b = leaf(g, 4), leaf(g, 4)
    yield graph([a, b], ["mul", 0, 1], ["add", 2, 0], ["mul", 3, 2], ["sub", 4, 3])
    yield graph([a], ["exp", 0], ["mul", 1, 0], ["add", 2, 1], ["mul", 3, 1])


@check("graphs")
def graphs(g: Generator) -> Cases:
    for size in range(3, 33):
        yield random_graph(g, size)


@check("zeros")
def zeros(g: Generator) -> Cases:
    x = leaf(g, 2, 5)
    x[0, 1:3] = x[1, 4] = 0.0
    yield graph([x, leaf(g, 2, 5)], ["relu", 0], ["add", 2, 1])
    y = leaf(g, 2, 5)
    y[1] = x[1]
    yield graph([x, y], ["sub", 0, 1], ["relu", 2], ["add", 3, 0])


@check("depth")
def depth(g: Generator) -> Cases:
    near_one, small = 1 + 0.001 * leaf(g), 0.001 * leaf(g, 2)
    chain = [["add" if n % 2 else "mul", n + 2, n % 2] for n in range(2000)]
    yield graph([near_one, small, leaf(g, 2)], *chain)
    halves, steps = [0.5 + 0.01 * leaf(g) for _ in range(2)], []
    for n in range(0, 180, 3):  # two ways on from each node: 2 ** 60 in all
        steps += [["mul", n + 2, 0], ["mul", n + 2, 1], ["add", n + 3, n + 4]]
    yield graph([*halves, leaf(g, 3)], *steps)


@check("rules")
def rules(g: Generator) -> Cases:
    leaves = [0.5 + leaf(g, 3, 3).abs(), leaf(g, 2), leaf(g, 3, 3)]
    steps = [[name, 0] for name in ("relu", "exp", "log", "sum")]  # no second leaf
    steps += [["mul", 3, 4], ["sub", 7, 2], ["matmul", 8, 5]]
    yield graph(leaves, *steps).leaves_inputs_alone()
    yield graph([normal(g, 3), normal(g, 3)], ["mul", 0, 1])  # float32 stays that
    yield graph([leaf(g, 2)], ["exp", 0], ends=[]).raises("ValueError")
