"""CSV as a Russian spreadsheet program expects it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from quizsite.dashboards.spreadsheet import as_text, download, lines


def written(*rows) -> str:
    return "".join(lines(rows))


def test_a_file_starts_with_the_byte_order_mark():
    assert written(["Имя"]).startswith("\ufeffИмя")


def test_cells_are_separated_by_semicolons_and_lines_by_crlf():
    assert written(["а", "б"], ["в", "г"]) == "\ufeffа;б\r\nв;г\r\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.5, "0,5"), (1.0, "1"), (0.0, "0"), (100.0, "100"), (1 / 3, "0,3333"), (7, "7")],
)
def test_numbers_have_a_decimal_comma_and_no_needless_zeros(number, text):
    assert as_text(number) == text


def test_nothing_is_an_empty_cell():
    assert as_text(None) == ""


def test_times_are_local_and_written_as_in_russia():
    assert as_text(datetime(2026, 11, 23, 21, 5, tzinfo=UTC)) == "24.11.2026 00:05"


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+7",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        '=HYPERLINK("x")',
    ],
)
def test_what_looks_like_a_formula_is_made_text(name):
    assert as_text(name) == f"'{name}"


@pytest.mark.parametrize(
    "name", ["Королёв «Ёж»", "а;б", 'он сказал "да"', "две\r\nстроки", "a=b", "Ли-Мин"]
)
def test_ordinary_names_come_back_as_they_were(name):
    text = written([name, "б"]).removeprefix("\ufeff")
    assert next(csv.reader(io.StringIO(text, newline=""), delimiter=";")) == [name, "б"]


def test_a_download_is_named_in_russian_and_never_cached():
    response = download("курс-оценки.csv", [["а"]])
    assert "filename*=utf-8''%D0%BA" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
