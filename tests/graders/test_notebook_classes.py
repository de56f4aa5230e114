"""Classes that a notebook defines piece by piece."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exercises.spec import Exercise
from graders.admission import objection
from graders.notes import About
from graders.places import Listing
from tests.graders.notebooks import (
    about,
    executed,
    intake,
)

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
