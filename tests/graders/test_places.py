"""Lines of a source that was put together, as its author counts them."""

from __future__ import annotations

import json

import pytest

from graders.intake import Intake, read_upload
from graders.places import Fragment, Listing, Place, as_notes, from_notes
from tests.graders.test_intake import notebook

CELLS = (
    "import torch\nimport math",
    "# опыт\nprint(1)\n\nSCALE = 2; print(SCALE)",
    "%time\n\n@torch.no_grad()\ndef f(x):\n    return x * SCALE * math.pi",
)


@pytest.fixture
def intake() -> Intake:
    return read_upload(notebook(*CELLS), "a.ipynb", ("f",))


def listing(intake: Intake) -> Listing:
    return Listing(intake.source, intake.fragments)


def test_every_line_is_found_in_its_cell(intake: Intake) -> None:
    found = listing(intake)
    cells = [text.split("\n") for text in CELLS]
    lines = intake.source.split("\n")
    places = {n: found.place(n) for n in range(1, len(lines) + 1)}
    known = {n: place for n, place in places.items() if place}
    assert len(known) == 6
    for n, place in known.items():
        assert place.cell
        assert lines[n - 1] in cells[place.cell - 1][place.line - 1]


def test_what_we_wrote_between_two_cells_is_nobodys_line(intake: Intake) -> None:
    assert intake.source.startswith("# Ячейка 1\n")
    assert listing(intake).place(1) is None


def test_a_file_has_lines_of_its_own() -> None:
    assert Listing("a\nb").place(2) == Place(2)


@pytest.mark.parametrize("line", [-1, 0, 3, 2**64])
def test_a_line_that_is_not_there_is_nowhere(line: int) -> None:
    one = Listing("a\nb")
    assert one.place(line) is None
    assert one.text(line) == ""


def test_lines_are_those_that_python_counts() -> None:
    assert Listing("a\x0c\u2028b\nc").text(2) == "c"


def test_a_place_is_told_as_its_author_would_look_for_it() -> None:
    assert str(Place(12)) == "строка\xa012"
    assert str(Place(5, 3)) == "ячейка\xa03, строка\xa05"


def test_fragments_come_back_from_the_notes(intake: Intake) -> None:
    stored = json.loads(json.dumps(as_notes(intake.fragments)))
    assert from_notes(stored) == intake.fragments
    assert intake.fragments


@pytest.mark.parametrize(
    "fragments", [[1, 3], ["<b>"], [{}], [{"cell": 1}], [None, [1, 2, 3, 4]]]
)
def test_notes_of_another_form_say_nothing(fragments: list[object]) -> None:
    assert from_notes({"fragments": fragments}) == ()


def test_notes_without_fragments_say_nothing() -> None:
    assert from_notes({"cells": [1, 3]}) == ()


def test_a_source_outside_of_all_fragments_is_nowhere() -> None:
    one = Listing("a\nb\nc", (Fragment(2, 1, 7, 4),))
    assert [one.place(n) for n in (1, 2, 3)] == [None, Place(4, 7), None]
