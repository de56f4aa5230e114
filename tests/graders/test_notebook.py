"""Notebooks as they come: run out of order, split, doubled, from nbgrader."""

from __future__ import annotations

import ast
import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.spec import Exercise
from graders.admission import objection
from graders.intake import Intake, IntakeError, read_upload
from graders.notes import LIMIT, About
from graders.places import Listing

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


def cell(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} | more


def notebook(*cells: Any) -> bytes:
    made = [cell(one) if isinstance(one, str) else one for one in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": made}).encode()


def intake(*cells: Any, requires: tuple[str, ...] = ("f",)) -> Intake:
    return read_upload(notebook(*cells), "work.ipynb", requires)


def about(found: Intake, kind: About) -> list[str]:
    return [n.text.replace("\xa0", " ") for n in found.notes if n.about is kind]


def refusal(*cells: Any, requires: tuple[str, ...] = ("f",)) -> str:
    with pytest.raises(IntakeError) as caught:
        intake(*cells, requires=requires)
    return str(caught.value).replace("\xa0", " ")


def meaning(source: str) -> list[str]:
    """The statements, whatever their order and their comments."""
    return sorted(ast.dump(node) for node in ast.parse(source).body)


def executed(source: str) -> dict[str, Any]:
    """Our own code, not a student's."""
    namespace: dict[str, Any] = {"__name__": "solution"}
    exec(source, namespace)  # noqa: S102
    return namespace


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

REAL = "def f(x):\n    return x + 1"
STARTER = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


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


# --- classes in pieces

INIT = "class f:\n    def __init__(self):\n        self.n = 1"
FORWARD = "class f(f):\n    def forward(self):\n        return self.n"


@pytest.mark.parametrize(
    "rest",
    [
        [FORWARD],
        ["def forward(self):\n    return self.n", "f.forward = forward"],
        ["def g(self):\n    return self.n", "setattr(f, 'forward', g)"],
        ["f.forward = lambda self: self.n"],
        [
            "def add_to(cls):\n    def add(g):\n        setattr(cls, g.__name__, g)\n"
            "        return g\n    return add",
            "@add_to(f)\ndef forward(self):\n    return self.n",
        ],
    ],
    ids=["continued", "patched", "setattr", "lambda", "decorated"],
)
@pytest.mark.parametrize("again", [False, True], ids=["", "class cell run again"])
def test_a_class_in_pieces_is_put_together(rest: list[str], again: bool) -> None:
    found = intake(INIT, "print(f())", *rest, *([INIT] if again else []))
    assert executed(found.source)["f"]().forward() == 1
    assert not about(found, About.WARNING) and not about(found, About.IGNORED)


def test_methods_in_a_cell_of_their_own_join_the_class_above() -> None:
    found = intake(
        INIT, "    def forward(self):\n        return self.n", "f().forward()"
    )
    assert executed(found.source)["f"]().forward() == 1
    assert found.cells == (1, 2)


def test_pieces_of_an_earlier_version_are_left_behind() -> None:
    whole = INIT + "\n    def forward(self):\n        return 2"
    found = intake(INIT, FORWARD, whole)
    assert executed(found.source)["f"]().forward() == 2
    assert [n.cell for n in found.notes if n.about is About.IGNORED] == [1, 2]


def test_a_piece_fills_in_what_the_starters_class_leaves_open() -> None:
    starter = INIT + "\n    def forward(self):\n        raise NotImplementedError"
    found = intake(starter, FORWARD, starter)
    assert executed(found.source)["f"]().forward() == 1
    assert not found.notes


def test_an_unwritten_method_is_named() -> None:
    found = intake(INIT + "\n    def forward(self):\n        raise NotImplementedError")
    assert "Ещё не написано: f.forward" in about(found, About.WARNING)[0]


def test_a_class_that_continues_nothing_is_told() -> None:
    assert "первого определения" in about(intake(FORWARD), About.WARNING)[0]


def test_a_patched_class_is_not_refused_for_the_patched_method(
    attention: Exercise,
) -> None:
    starter = "class f(nn.Module):\n    def forward(self, x): ..."
    exercise = replace(attention, starter=starter, requires=("f",))
    patched = "class f(nn.Module):\n    pass\n"
    by_attribute = "f.forward = lambda self, x: x\n"
    by_name = "setattr(f, 'forward', len)\n"
    assert objection(Listing(patched), exercise)
    assert not objection(Listing(patched + by_attribute), exercise)
    assert not objection(Listing(patched + by_name), exercise)


# --- cells that are no code by themselves


def test_a_function_split_in_the_middle_is_joined() -> None:
    found = intake("import os", "def f(x):\n    y = x", "    return y + 1", "f(1)")
    assert executed(found.source)["f"](1) == 2
    assert found.cells == (2, 3)
    assert about(found, About.INFO) == [
        "Ячейки 2 и 3 прочитаны как одна: по отдельности это не код."
    ]


@pytest.mark.parametrize("at", range(1, 7))
def test_wherever_a_line_ends_a_cell_may_be_split(at: int) -> None:
    lines = [
        *(
            "def f(x, y=3,",
            "      z=(1,",
            "         2)):",
            '    """Doc',
            '    text."""',
        ),
        *("    if x:", "        y += sum(z)", "    return x + y"),
    ]
    found = intake("\n".join(lines[:at]), "\n".join(lines[at:]))
    assert executed(found.source)["f"](1) == 7


def test_an_indented_experiment_is_read_as_ipython_does() -> None:
    found = intake(REAL, "    y = f(3)\n    print(y)")
    assert "print" not in found.source
    assert not found.notes


def test_a_scratch_cell_that_is_no_python_is_passed_over() -> None:
    found = intake(REAL, "теперь попробуем (")
    assert found.cells == (1,)
    (warning,) = about(found, About.WARNING)
    assert warning.startswith("Ячейка 2, строка 1: синтаксическая ошибка")
    assert warning.endswith("Эта ячейка пропущена.")


def test_a_broken_new_version_is_not_silently_replaced_by_the_old_one() -> None:
    assert refusal(REAL, "def f(x):\n    return (x").startswith("Ячейка 2, ")
    assert intake("def f(x):\n    return (x", REAL).cells == (2,)


def test_code_that_parses_but_does_not_compile_is_refused_with_the_reason() -> None:
    assert "duplicate argument" in refusal("def f(x, x):\n    return x")


def test_only_the_missing_names_are_listed() -> None:
    assert refusal(REAL, requires=("f", "g", "h")).endswith("определено: g и h.")


# --- order and names


def test_what_is_read_at_once_comes_before_although_it_stands_below() -> None:
    found = intake("SCALE = BASE * 2", "BASE = 2", "def f():\n    return SCALE")
    assert executed(found.source)["f"]() == 4
    assert about(found, About.INFO) == [
        "Код ячейки 2 поставлен перед кодом ячейки 1: он нужен ей сразу, "
        "а в тетради стоит ниже."
    ]


def test_what_a_called_function_reads_comes_before_the_call() -> None:
    found = intake(
        "TABLE = make()",
        "def make():\n    return helper() + 1",
        "def helper():\n    return ONE",
        "ONE = 1",
        "def f():\n    return TABLE",
    )
    assert executed(found.source)["f"]() == 2


def test_functions_that_call_each_other_keep_their_order() -> None:
    cells = ("def f(n):\n    return n and g(n - 1)", "def g(n):\n    return f(n)")
    assert intake(*cells).notes == ()
    assert intake(*cells).source.index("def f") < intake(*cells).source.index("def g")


def test_a_local_name_brings_no_experiment_along() -> None:
    found = intake("x = torch.load('weights.pt')", REAL)
    assert found.cells == (2,)


def test_a_value_that_is_needed_is_taken_however_it_is_made() -> None:
    found = intake(
        "import math",
        "if math.pi > 3:\n    SIGN = 1\nelse:\n    SIGN = -1",
        "ROOTS = {}\nfor n in range(4):\n    ROOTS[n] = math.sqrt(n)",
        "COUNT = 1\nCOUNT += 1",
        "def f():\n    return SIGN, ROOTS[3], COUNT",
    )
    assert executed(found.source)["f"]() == (1, math.sqrt(3), 2)


def test_a_star_import_is_taken_only_where_a_name_is_not_found_otherwise() -> None:
    star = "from math import *"
    assert star not in intake(star, REAL).source
    assert star in intake(star, "def f():\n    return sqrt(4)").source


def test_imports_of_submodules_do_not_replace_each_other() -> None:
    source = intake(
        "import os.path",
        "import xml.dom\nimport xml.sax",
        "import os",
        "def f():\n    return os.path, xml.dom, xml.sax",
    ).source
    assert all(f"import {name}" in source for name in ("os.path", "xml.dom", "xml.sax"))


def test_a_future_import_comes_first() -> None:
    source = intake(REAL, "from __future__ import annotations").source
    assert source.index("__future__") < source.index("def f")
    executed(source)


def test_settings_of_libraries_stay_behind() -> None:
    source = intake("import os\nos.sep = '/'", "def f():\n    return os.sep").source
    assert "os.sep = " not in source


def test_a_name_that_is_defined_nowhere_is_told() -> None:
    found = intake("def f(x):\n    return np.abs(x) + plt.x")
    assert about(found, About.WARNING) == [
        "Используется, но нигде не определено: np и plt. "
        "При проверке это будет NameError."
    ]


def test_a_python_file_is_looked_at_in_the_same_way() -> None:
    text = "def g(): pass\ndef f(x):\n    raise NotImplementedError\nq = np"
    found = read_upload(text.encode(), "f.py", ("f",))
    warnings = about(found, About.WARNING)
    assert warnings[0].startswith("Ещё не написано: f (строка 2:")
    assert "np" in warnings[1]
    assert [(one.name, one.kind) for one in found.taken] == [
        ("g", "function"),
        ("f", "function"),
    ]


def test_names_kinds_and_cells_are_listed() -> None:
    found = intake("import os", "A = 1", "print(A)", "def f():\n    return os, A")
    assert [(one.name, one.kind, one.cell) for one in found.taken] == [
        ("os", "import", 1),
        ("A", "constant", 2),
        ("f", "function", 4),
    ]
    assert found.unused == (3,)
    assert found.as_json()["unused_cells"] == [3]


def test_used_cells_with_magics_are_named() -> None:
    found = intake("%matplotlib inline", "%load_ext x\nimport os", "def f(): return os")
    assert about(found, About.INFO) == [
        "Команды % и ! при проверке не исполняются; они есть в ячейках: 2."
    ]


# --- nbgrader

NBGRADER = {
    "solution": {"grade": False, "locked": False, "solution": True},
    "tests": {"grade": True, "locked": True, "solution": False, "points": 2},
}


def nbgrader(text: str, which: str, number: int) -> dict[str, Any]:
    mark = NBGRADER[which] | {"grade_id": f"cell-{number}", "schema_version": 3}
    return cell(text, metadata={"nbgrader": mark | {"checksum": "0" * 32}})


def test_an_nbgrader_notebook_is_read() -> None:
    found = intake(
        "import torch\n\nNAME = ''\nCOLLABORATORS = ''",
        nbgrader(
            "def f(x):\n    ### BEGIN SOLUTION\n    return helper(x)\n"
            "    ### END SOLUTION\n    raise NotImplementedError()",
            *("solution", 1),
        ),
        nbgrader(
            "assert f(torch.ones(2)).sum() == 4\n### BEGIN HIDDEN TESTS", "tests", 2
        ),
        nbgrader("# YOUR CODE HERE\nraise NotImplementedError()", "solution", 3),
        cell("def helper(x):\n    return 2 * x", metadata={"nbgrader": "broken"}),
        requires=("f",),
    )
    assert found.cells == (2, 5)
    assert not about(found, About.WARNING)
    assert executed(found.source)["f"](2) == 4


def test_metadata_decide_nothing() -> None:
    cells = [nbgrader(REAL, "tests", 1), cell("x = 1", metadata=None)]
    assert "return x + 1" in intake(*cells).source


# --- notebooks that strain the reader


def test_notes_are_not_without_end() -> None:
    found = intake(*[f"def f():\n    return {i}" for i in range(500)])
    notes = found.as_json()["notes"]
    assert len(notes) == LIMIT + 1
    assert notes[-1]["text"].replace("\xa0", " ") == "И ещё 459 замечаний."


@pytest.mark.parametrize(
    "cells",
    [
        [f"x{i} = f(x{i - 1})" for i in range(6_000)] + ["def f(): return x5999"],
        ["def f():\n    pass"] + ["    pass"] * 9_000,
        ["class f:\n    pass"] + [f"f.a{i} = f.a{i + 1}" for i in range(6_000)],
        ["def f(:"] * 9_000 + [REAL],
        [f"def f():\n    return {i}, g" for i in range(5_000)],
        ["f = " + "(" * 150 + "1" + ")" * 150] * 100 + [REAL],
    ],
    ids=["chain", "indented", "patches", "broken", "definitions", "nested"],
)
def test_ten_thousand_cells_are_read_in_time(cells: list[str]) -> None:
    assert intake(*cells).source
