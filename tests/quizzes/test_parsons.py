"""Lines of code: order, indents, lines too many, lines that may change places."""

from __future__ import annotations

import pytest

from tests.quizzes.conftest import PARSONS, mark

NO_INDENT = PARSONS + "indent: false\n"
TWINS = """
id: twins
type: parsons
section: 1
text: Соберите.
explanation: Так.
any_order: [[1, 2]]
lines: |
  a = 1
  b = 2
  x = f(x)
  x = f(x)
  print(a, b, x)
"""


def answer(variant, *lines, indents=None):
    """What a reader sends who puts these lines in this order."""
    raw = dict.fromkeys(variant.drawn.field_ids, "")
    unused = list(variant.drawn.lines)
    for place, text in enumerate(lines, start=1):
        line = next(one for one in unused if one.text == text.strip())
        unused.remove(line)
        raw[line.id] = str(place)
        if f"{line.id}i" in raw:
            raw[f"{line.id}i"] = str((len(text) - len(text.lstrip())) // 4)
    return raw


LOOP = "for x, y in loader:"
ZERO = "    optimizer.zero_grad()"
LOSS = "    loss = criterion(model(x), y)"
BACK = "    loss.backward()"
STEP = "    optimizer.step()"
EXTRA = "model.eval()"


def flat(*lines):
    return [line.strip() for line in lines]


@pytest.fixture
def variant(one):
    return one(PARSONS).variant(1)


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        ((LOOP, ZERO, LOSS, BACK, STEP), 1),
        ((LOOP, ZERO, LOSS, BACK), 3 / 4),  # a line is missing
        ((LOOP, LOSS, BACK, STEP, ZERO), 3 / 4),  # one out of place
        ((LOOP, ZERO, LOSS, BACK, STEP, EXTRA), 1 - 1 / 5),
        (flat(LOOP, ZERO, LOSS, BACK, STEP), (3 - 1) / 4),  # four wrong indents
        ((STEP, BACK, LOSS, ZERO, LOOP), 0),
        ((LOOP,), 0),
        ((EXTRA,), 0),
    ],
)
def test_credit_is_given_for_what_is_in_order_and_indented(variant, lines, share):
    assert mark(variant, answer(variant, *lines)).mark == pytest.approx(share)


def test_everything_moved_to_the_right_is_as_good(variant):
    lines = ["    " + line for line in (LOOP, ZERO, LOSS, BACK, STEP)]
    assert mark(variant, answer(variant, *lines)).mark == 1


def test_every_line_gets_its_verdict(variant):
    lines = (LOOP, LOSS, "optimizer.step()", BACK, EXTRA)
    marked = mark(variant, answer(variant, *lines))
    notes = {part.label.strip("` "): part.note for part in marked.parts}
    assert notes[EXTRA] == "лишняя строка"
    assert "не на своём месте" in notes.values()
    assert notes["пропущены строки"] == "сколько: 1"


def test_a_line_too_many_gives_its_hint(variant):
    marked = mark(variant, answer(variant, LOOP, ZERO, LOSS, BACK, STEP, EXTRA))
    assert marked.hints == ("Сеть обучают.",)
    assert marked.slips == ("distractor:0",)


def test_the_right_program_is_never_shown_as_it_is(one):
    question = one(PARSONS)
    for seed in range(100):
        ranks = [one.rank for one in question.variant(seed).drawn.lines]
        assert [rank for rank in ranks if rank is not None] != list(range(5))


def test_lines_that_may_change_places_and_twins_count_in_either_order(one):
    variant = one(TWINS).variant(1)
    last = ["x = f(x)", "x = f(x)", "print(a, b, x)"]
    assert mark(variant, answer(variant, "a = 1", "b = 2", *last)).mark == 1
    turned = answer(variant, "b = 2", "a = 1", *last)
    assert mark(variant, turned).mark == 1
    twins = [one.id for one in variant.drawn.lines if one.text == "x = f(x)"]
    turned[twins[0]], turned[twins[1]] = turned[twins[1]], turned[twins[0]]
    assert mark(variant, turned).mark == 1


def test_without_indents_only_the_order_is_asked_for(one):
    variant = one(NO_INDENT).variant(1)
    assert not any(name.endswith("i") for name in variant.drawn.field_ids)
    assert mark(variant, variant.key).mark == 1
    assert "    loss.backward()" in variant.show(variant.key)


@pytest.mark.parametrize(
    ("raw", "state", "words"),
    [
        ({}, "blank", ""),
        ({"1i": "2"}, "blank", ""),
        ({"1": "1", "2": "1"}, "malformed", "место 1 выбрано дважды"),
        ({"1": "99"}, "malformed", "такого места нет"),
        ({"1": "1", "1i": "9"}, "malformed", "такого отступа нет"),
        ({"1": "5", "2": "2"}, "answered", ""),
    ],
)
def test_an_answer_is_read(variant, raw, state, words):
    parsed = variant.parse(raw)
    assert parsed.state == state
    assert words in "".join(parsed.errors.values())


def test_lines_are_drawn_in_the_readers_order_the_rest_below(variant):
    raw = answer(variant, STEP, LOOP)
    controls = variant.drawn.controls(raw, variant.parse(raw))
    assert [one.line.text for one in controls[:2]] == flat(STEP, LOOP)
    assert [one.place for one in controls] == ["1", "2", "", "", "", ""]
    assert controls[0].indent == "1"
