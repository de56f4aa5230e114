"""Formulas: equal however written, with a witness, hints and forms that are told."""

from __future__ import annotations

import pytest

from tests.quizzes.conftest import FORMULA, mark

FIXED = FORMULA.replace("k: {int: [2, 5]}", "k: {int: [2, 2]}")


@pytest.fixture
def variant(one):
    return one(FIXED).variant(1)


@pytest.mark.parametrize(
    "text",
    [
        "2*ln(t/(1-t))/n",
        "2ln(t/(1 − t)) / n",
        "2(ln(t) - ln(1-t))/n",
        "-2/n*ln(1/t - 1)",
        "s = 2·ln(т/(1−т))/n",  # Cyrillic т
        "ln((t/(1-t))^2)/n",
        "lg(t/(1-t))*2/(n*lg(e))",
    ],
)
def test_an_equal_formula_is_right(variant, text):
    assert mark(variant, text).mark == 1


def test_a_near_miss_gets_its_hint_and_the_witness(variant):
    marked = mark(variant, "2ln((1-t)/t)/n")
    assert (marked.mark, marked.hints) == (0, ("Дробь перевёрнута.",))
    [part] = marked.parts
    assert part.label.startswith("при $t = 0{,}")
    assert part.note.startswith("у вас ")
    assert ", ожидалось " in part.note


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("4ln(t/(1-t))/n", "factor-two"),
        ("ln(t/(1-t))/n", "factor-two"),
        ("2log2(t/(1-t))/n", "log-base"),
        ("2ln(t/(1-t))/n + 1", "off-by-one"),
        ("2ln(t/(1-t))/(n-1)", "off-by-one"),
        ("n/(2ln(t/(1-t)))", "reciprocal"),
        ("200ln(t/(1-t))/n", "percent"),
    ],
)
def test_a_usual_mistake_is_named(variant, text, tag):
    marked = mark(variant, text)
    assert marked.tags == (tag,)
    assert marked.slips == (f"usual:{tag}",)
    assert len(marked.hints) == 1


def test_an_unusual_mistake_gets_the_witness_alone(variant):
    marked = mark(variant, "t + n")
    assert (marked.hints, marked.tags, len(marked.parts)) == ((), (), 1)


def test_an_answer_without_a_value_is_told_so(variant):
    [part] = mark(variant, "ln(-t)/n").parts
    assert part.note.startswith("у вас значения нет, ожидалось")


def test_the_echo_shows_what_was_understood(variant):
    parsed = variant.parse("2ln(т)/n")
    assert parsed.echo[""] == (
        r"$\frac{2 \, \ln(t)}{n}$ (русские буквы прочитаны как латинские: т → t)"
    )


def test_an_error_is_shown_under_the_place(variant):
    sentence, typed, caret = variant.parse("2ln(t/(1-q))").errors[""].split("\n")
    assert sentence.startswith("Неизвестное имя «q»")
    assert "знак 10" in sentence
    assert typed == "2ln(t/(1-q))"
    assert caret == " " * 9 + "^"


def test_a_long_answer_is_shown_around_the_place(variant):
    text = "1 + " * 15 + "q" + " + 1" * 15
    _, typed, caret = variant.parse(text).errors[""].split("\n")
    assert len(typed) <= 48
    assert typed[caret.index("^")] == "q"


def test_the_rule_names_the_symbols(variant):
    assert variant.drawn.boxes[0].rule.startswith("выражение через t, n")


def test_the_answer_and_the_key_are_shown_as_formulas(variant):
    assert 'class="math inline"' in variant.show("ln(t)")
    assert r"\frac" in variant.show(variant.key)
    assert "<b>" not in variant.show("<b>")


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("[simplified]", "2*ln(t/(1-t))/n + t - t", "Упростите"),
        ("[no_floats]", "0,5*ln(t)", "Без десятичных дробей"),
    ],
)
def test_a_form_that_is_asked_for_is_an_error_of_form(one, form, text, words):
    variant = one(f"{FIXED}form: {form}\n").variant(1)
    assert words in variant.parse(text).errors[""]
    assert mark(variant, variant.key).mark == 1


# --- undecided ----------------------------------------------------------------------

DOUBTFUL = "2*ln(t/(1-t))/n + 1e-30"


@pytest.fixture
def sympy_says(monkeypatch):
    def say(answer):
        monkeypatch.setattr(
            "quizsite.lib.formulas.equality.proven_equal", lambda *_: answer
        )

    return say


def test_what_nobody_can_decide_is_not_counted_and_told(variant, sympy_says):
    sympy_says(None)
    marked = mark(variant, DOUBTFUL)
    assert marked.mark is None
    assert marked.undecided
    assert "ответ увидит автор вопроса" in marked.hints[0]
    assert marked.as_json()["undecided"] is True


@pytest.mark.parametrize(("answer", "worth"), [(True, 1), (False, 0)])
def test_what_sympy_decides_is_counted(variant, sympy_says, answer, worth):
    sympy_says(answer)
    marked = mark(variant, DOUBTFUL)
    assert (marked.mark, marked.undecided) == (worth, False)
    assert "undecided" not in marked.as_json()


def test_a_refutation_without_a_point_is_said_in_general(variant, sympy_says):
    sympy_says(False)
    [part] = mark(variant, DOUBTFUL).parts
    assert (part.label, part.ok) == ("в общем виде", False)


# --- several boxes, no symbols --------------------------------------------------------

FIELDS = """
id: two
type: formula
section: 1
symbols: {h: {int: [1, 9]}, d: {int: [1, 9], multiple_of: h}}
text: Сколько?
explanation: Столько.
fields:
  - {id: head, label: У головы, answer: d/h}
  - {id: all, label: Всего, answer: d}
"""
EXACT = """
id: bits
type: formula
section: 1
text: Сколько?
explanation: Столько.
answer: ln(2)/3
"""


def test_each_of_several_formulas_is_worth_its_share(one):
    variant = one(FIELDS).variant(1)
    marked = mark(variant, {"head": "d//h", "all": "h"})
    assert marked.mark == 0.5
    assert [(part.label, part.ok) for part in marked.parts if not part.inner] == [
        ("У головы", True),
        ("Всего", False),
    ]


def test_a_formula_may_be_a_constant(one):
    variant = one(EXACT).variant(1)
    assert mark(variant, "ln(8)/9").mark == 1
    wrong = mark(variant, "0,231049")
    assert wrong.mark == 0
    assert wrong.parts[0].label == "значение"


def test_a_variant_s_points_are_the_same_each_time(one):
    first, second = one(FORMULA).variant(1), one(FORMULA).variant(1)
    assert first.drawn == second.drawn
    points = first.drawn.boxes[0].formula.points
    assert len({tuple(point.items()) for point in points}) == 16
    assert all(1 <= 20 * point["t"] <= 19 for point in points)
    assert all(point["n"].denominator == 1 for point in points)
    short = [point["t"] for point in points if point["t"].denominator <= 1000]
    assert len(short) == 8  # round for people; the others for proof
