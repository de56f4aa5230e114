"""Uploads into source texts; nothing is ever executed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.cells import without_magics
from graders.intake import IntakeError, parsed, read_source, read_upload

SOLUTION = "def f(x):\n    return helper(x) * SCALE\n"


def notebook(*cells: str | list[str], nbformat: int = 4, kind: str = "code") -> bytes:
    made = [{"cell_type": kind, "source": text, "metadata": {}} for text in cells]
    return json.dumps({"nbformat": nbformat, "cells": made}).encode()


def source_of(*cells: str, requires: tuple[str, ...] = ("f",)) -> str:
    return read_upload(notebook(*cells), "work.ipynb", requires).source


def refusal(data: bytes, filename: str = "f.py") -> str:
    with pytest.raises(IntakeError) as caught:
        read_upload(data, filename, ("f",))
    return str(caught.value).replace("\xa0", " ")


# --- Python files


def test_a_python_file_is_taken_as_it_is() -> None:
    assert read_upload(SOLUTION.encode(), "f.py", ("f",)).source == SOLUTION


def test_a_byte_order_mark_and_windows_line_ends_are_dropped() -> None:
    data = b"\xef\xbb\xbf" + SOLUTION.replace("\n", "\r\n").encode()
    assert read_upload(data, "f.py", ("f",)).source == SOLUTION


def test_a_file_in_another_encoding_is_refused_with_the_cure() -> None:
    assert "UTF-8" in refusal("# привет".encode("cp1251"))


def test_a_large_file_is_refused_with_both_sizes() -> None:
    assert "300 КБ при допустимых 256 КБ" in refusal(b"#" * 300 * 1024)


@pytest.mark.parametrize("data", [b"", b"  \n\t\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert "пустое" in refusal(data)


def test_a_syntax_error_shows_its_line() -> None:
    text = refusal(b"x = 1\ny = = 2\n")
    assert text.startswith("Строка 2: синтаксическая ошибка")
    assert "y = = 2" in text


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 10_000,
        "-" * 100_000 + "1",
        "+".join("1" * 50_000),
        "x" + ".a" * 100_000,
        "[" * 90 + "]" * 90 + "[0]" * 50_000,
        "9" * 100_000,
        "lambda: " * 20_000 + "0",
        "x = '\0'",
        "f'" + "{x}" * 50_000 + "'",
    ],
)
def test_a_source_that_strains_the_parser_does_no_harm(bomb: str) -> None:
    try:
        parsed(bomb)
    except IntakeError as error:
        assert len(str(error)) < 1000


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(IntakeError):
        read_source("x = '\ud800'")


def test_lone_surrogates_in_a_large_source_are_refused_as_well() -> None:
    with pytest.raises(IntakeError, match="слишком большой"):
        read_source("#" * 300_000 + "\ud800")


def test_a_line_of_spaces_is_soon_known_to_be_no_magic() -> None:
    assert without_magics(" " * 250_000) == " " * 250_000


# --- notebooks


def test_only_what_the_required_names_need_is_taken() -> None:
    source = source_of(
        "import torch\nimport matplotlib.pyplot as plt",
        "SCALE = 2 ** 0.5",
        "def helper(x):\n    return torch.relu(x)",
        SOLUTION,
        "plt.plot(f(torch.ones(3)))\nother = f(1)",
    )
    assert "matplotlib" not in source
    assert "plt.plot" not in source
    assert all(part in source for part in ("import torch", "SCALE = ", "def helper"))


def test_the_used_cells_are_named() -> None:
    intake = read_upload(
        notebook("import os", "# text", "def f(): return os.name"), "a.ipynb", ("f",)
    )
    assert intake.cells == (1, 3)
    assert "# Ячейка 3" in intake.source


def test_the_last_definition_of_a_name_counts() -> None:
    source = source_of("def f(): return 1", "def f(): return 2")
    assert "return 2" in source
    assert "return 1" not in source


def test_a_method_that_is_set_later_is_kept() -> None:
    source = source_of("class f:\n    pass", "def go(self): return 1", "f.go = go")
    assert "f.go = go" in source
    assert "def go" in source


def test_decorators_and_comments_inside_stay() -> None:
    cell = "@functools.cache\ndef f():\n    # why\n    return 1"
    source = source_of("import functools", cell)
    assert cell in source


def test_statements_on_one_line_are_told_apart() -> None:
    source = source_of("A = 1; print('пример'); B = 2", "def f(): return A + B")
    assert "print" not in source
    assert "A = 1" in source
    assert "B = 2" in source


@pytest.mark.parametrize(
    "magic",
    ["%matplotlib inline", "!pip install torch", "?f", "f?", "files = !ls", "%%time"],
)
def test_magics_are_dropped(magic: str) -> None:
    source = source_of(f"{magic}\nimport torch\ndef f(x):\n    return torch.abs(x)")
    assert magic not in source
    assert "def f" in source


def test_a_magic_alone_in_a_body_leaves_a_body() -> None:
    assert "pass" in source_of("def f():\n    %timeit 1")


def test_a_cell_of_another_language_is_dropped_whole() -> None:
    assert "rm" not in source_of("%%bash\nrm -rf /", "def f(): pass")


def test_a_percent_sign_in_a_string_is_no_magic() -> None:
    assert "% share" in source_of('def f():\n    return """\n% share\n"""')


def test_a_syntax_error_names_the_cell() -> None:
    text = refusal(notebook("import os", "def f(:"), "a.ipynb")
    assert text.startswith("Ячейка 2, строка 1: синтаксическая ошибка")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"{", "не JSON"),
        (b"[" * 100_000, "не JSON"),
        (b"[]", "nbformat"),
        (b"{}", "nbformat"),
        (b'{"nbformat": "4"}', "старом формате"),
        (b'{"nbformat": 4}', "списка ячеек"),
        (b'{"nbformat": 4, "cells": [3]}', "ячейка 1"),
        (b'{"nbformat": 4, "cells": [{"source": 3}]}', "ячейке 1"),
        (notebook("def f(): pass", nbformat=3), "nbconvert"),
        (notebook("# Заголовок", kind="markdown"), "нет ячейки"),
        (notebook("x = 1"), "нет ячейки"),
        (notebook(*["#"] * 10_001), "10001 ячейка"),
        (notebook("#" * 300_000), "256 КБ"),
        (notebook("x=1\n" * 20_000, SOLUTION), "больше 20000 инструкций"),
        (b" " * 9 * 2**20, "слишком большой"),
    ],
)
def test_a_broken_notebook_is_refused_with_the_reason(data: bytes, word: str) -> None:
    assert word in refusal(data, "work.ipynb")


def test_ten_thousand_cells_are_read() -> None:
    cells = [f"x{i} = {i}" for i in range(9_999)]
    assert "def f" in source_of(*cells, "def f(): return x7")


def test_a_notebook_is_never_executed(tmp_path: Any) -> None:
    trace = tmp_path / "trace"
    source_of(f"open({str(trace)!r}, 'w')", "def f(): pass")
    assert not trace.exists()
