"""Notebooks whose cells were run out of order, split, doubled, run again."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.notes import About
from tests.graders.notebooks import (
    REAL,
    STARTER,
    about,
    cell,
    executed,
    intake,
    meaning,
)

REQUIRES = ("Net", "apply")
# One statement each: what belongs to the solution, and what does not.
SOLUTION = [
    "import math",
    "import torch.nn.functional as F",
    "from torch import nn",
    "SCALE = BASE * 2",
    "BASE = 1.5",
    "TABLE = make_table(3)",
    "def make_table(n):\n    return {i: helper(i) for i in range(n)}",
    "def helper(x):\n    # doubles\n    return x * SCALE",
    "class Base(nn.Module):\n    def scale(self):\n        return helper(1)",
    "class Net(Base):\n    def __init__(self):\n        super().__init__()",
    "class Net(Net):\n    def forward(self, x):\n       return shift(self.scale() * x)",
    "def shift(x):\n    return x + TABLE[2] + math.pi",
    "def doubled(self, x):\n    return self(x) * 2",
    "Net.doubled = doubled",
    "def apply(x):\n    return Net().doubled(F.relu(x))",
]
EXPERIMENTS = [
    "import matplotlib.pyplot as plt",
    "%matplotlib inline",
    "!pip install torch",
    "x = torch.randn(3)",
    "y = apply(x)",
    "assert y.shape == (3,)",
    "plt.plot(y)\nplt.show()",
    "for shift_size in range(3):\n    print(apply(shift_size))",
    "def test_apply():\n    assert apply(1) == 2",
    "helper(3)",
    "print(Net())",
    "if __name__ == '__main__':\n    apply = None",
]
STALE = [
    "def apply(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "class Net(nn.Module):\n    def forward(self):\n        raise NotImplementedError",
    "def helper(x):\n    y = 0\n    raise NotImplementedError('!')\n    return y",
]


# --- whatever was done to the cells


def shuffled_about(statements: list[str], seed: int) -> list[Any]:
    """The same statements as some student's notebook has them."""
    chance = random.Random(seed)
    texts = list(statements)
    for extra in (EXPERIMENTS, STALE):
        for text in chance.sample(extra, chance.randint(0, len(extra))):
            texts.insert(chance.randint(0, len(texts)), text)
    for text in chance.sample(statements, chance.randint(0, 5)):
        texts.insert(chance.randint(0, len(texts)), text)
    cells: list[Any] = []
    while texts:
        size = chance.randint(1, 4)
        made = cell("\n".join(texts[:size]), metadata={"tags": ["solution"]})
        for key in chance.sample(["metadata", "outputs"], chance.randint(0, 2)):
            del made[key]
        cells.append(made)
        del texts[:size]
    for _ in range(chance.randint(0, 2)):
        note = cell("# Заголовок", cell_type="markdown")
        cells.insert(chance.randint(0, len(cells)), note)
    return cells


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(order=st.permutations(SOLUTION), seed=st.integers(0, 2**32))
def test_moved_split_doubled_and_rerun_cells_yield_the_same(
    order: list[str], seed: int
) -> None:
    made = intake(*shuffled_about(order, seed), requires=REQUIRES)
    assert meaning(made.source) == meaning("\n".join(SOLUTION))
    apply = executed(made.source)["apply"]
    assert apply(torch.ones(1)).item() == pytest.approx(2 * (3 + 6 + math.pi))


# --- several definitions of one name


def test_a_starter_that_was_run_again_does_not_win_and_is_told() -> None:
    found = intake("import os", REAL, "print(f(1))", STARTER)
    assert "return x + 1" in found.source
    assert found.cells == (2,)
    assert about(found, About.WARNING) == [
        "f: в ячейке 4 снова заготовка с NotImplementedError. "
        "Взято готовое определение в ячейке 2."
    ]


def test_a_starter_above_the_solution_is_no_reason_to_warn() -> None:
    found = intake(STARTER, REAL)
    assert found.cells == (2,)
    assert not about(found, About.WARNING)
    assert about(found, About.IGNORED) == [
        "f в ячейке 1 — заготовка; взято определение в ячейке 2."
    ]


def test_a_half_written_function_is_a_starter_too() -> None:
    begun = "def f(x):\n    y = x + 2\n    raise NotImplementedError\n    return y"
    assert intake(REAL, begun).cells == (1,)


@pytest.mark.parametrize(
    "whole",
    [
        "def f(x):\n    return x + 2\n    raise NotImplementedError()",
        "def f(x):\n    if x > 0:\n        return x\n    raise NotImplementedError",
        "def f(x, mode='a'):\n    if mode == 'b':\n        raise NotImplementedError\n"
        "    return x",
        "def f(x):\n    def g():\n        raise NotImplementedError\n    return g",
        "def f(x):\n    yield x\n    raise NotImplementedError",
    ],
)
def test_a_function_that_can_return_is_no_starter(whole: str) -> None:
    assert intake(REAL, whole).cells == (2,)


def test_an_older_definition_is_named_with_the_reason() -> None:
    found = intake(REAL, "x = f(1)", REAL.replace("1", "2"))
    assert about(found, About.IGNORED) == [
        "f в ячейке 1 не взято: ниже, в ячейке 3, есть другое определение."
    ]


def test_a_copy_is_not_worth_a_remark() -> None:
    assert intake(REAL, REAL).notes == ()


def test_what_is_not_written_yet_is_told() -> None:
    found = intake("import os", STARTER)
    assert about(found, About.WARNING) == [
        "Ещё не написано: f (ячейка 2: там осталось raise NotImplementedError)."
    ]


def test_a_value_that_took_the_functions_name_is_an_experiment() -> None:
    found = intake("def f(x):\n    return x", "f = f(3)")
    assert found.cells == (1,)
    assert "вычисленное значение" in about(found, About.IGNORED)[0]


def test_a_function_that_is_wrapped_later_stays_wrapped() -> None:
    source = intake("import functools", REAL, "f = functools.cache(f)").source
    assert executed(source)["f"].cache_info().hits == 0


def test_a_function_may_be_made_by_a_call() -> None:
    source = intake("def make():\n    return lambda x: x + 1", "f = make()").source
    assert executed(source)["f"](1) == 2
