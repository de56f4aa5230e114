"""Cells that are no code by themselves, nbgrader's, and very many."""

from __future__ import annotations

from typing import Any

import pytest

from graders.notes import LIMIT, About
from tests.graders.notebooks import (
    REAL,
    about,
    cell,
    executed,
    intake,
    refusal,
)

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
