"""Which names of a notebook are taken along, and in which order."""

from __future__ import annotations

import math

from graders.intake import read_upload
from graders.notes import About
from tests.graders.notebooks import (
    REAL,
    about,
    executed,
    intake,
)

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
