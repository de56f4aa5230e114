"""Numbers and shapes: what is understood, what it is worth, what is said."""

from __future__ import annotations

import pytest

from tests.quizzes.conftest import NUMBER, SHAPE, mark

# --- numbers ------------------------------------------------------------


def numeric(one, answer, tolerance, **extra):
    lines = [
        "id: n",
        "type: numeric",
        "section: 1",
        "text: Сколько?",
        "explanation: Столько.",
        f"answer: {answer}",
        f"tolerance: {tolerance}",
        *(f"{key}: {value}" for key, value in extra.items()),
    ]
    return one("\n".join(lines)).variant(1)


@pytest.mark.parametrize(
    ("answer", "tolerance", "right", "wrong"),
    [
        ("1/2", "exact", ["0,5", "0.5", "1/2", "2/4", "5·10^-1"], ["0,51", "0,5001"]),
        ("1/3", "exact", ["1/3", "2/6"], ["0,333333"]),
        ("-3", "exact", ["−3", "-3,0"], ["3"]),
        ("2/3", "{rounded: 2}", ["0,67", "2/3", "0,665", "0,6712"], ["0,66", "0,68"]),
        ("2.5", "{rounded: 0}", ["2", "3", "2,5"], ["4", "1,9"]),
        ("sqrt(2)", "{rounded: 3}", ["1,414", "√2", "sqrt(2)"], ["1,415", "1,413"]),
        ("pi", "{computed: {rtol: 1e-3}}", ["3,14", "3,1416", "pi"], ["3,13", "3,15"]),
        ("0", "{computed: {rtol: 1e-3, atol: 1e-6}}", ["0", "1e-7"], ["1e-5"]),
    ],
)
def test_tolerances(one, answer, tolerance, right, wrong):
    variant = numeric(one, answer, tolerance)
    assert [mark(variant, text).mark for text in right] == [1] * len(right)
    assert [mark(variant, text).mark for text in wrong] == [0] * len(wrong)


def test_the_rule_is_told_beside_the_box(one):
    rules = [
        numeric(one, "2", tolerance).drawn.boxes[0].rule
        for tolerance in ("exact", "{rounded: 3}", "{computed: {rtol: 1e-3}}")
    ]
    assert rules == [
        "точное значение: целое число, десятичная или обыкновенная дробь",
        "округлите до 3 знаков после запятой",
        "допустима погрешность 0,1\u00a0%",
    ]


def test_a_near_miss_gives_its_hint_and_no_points(one):
    variant = one(NUMBER).variant(1)
    values = variant.values
    marked = mark(variant, str(values["b"] - values["a"]))
    assert marked.mark == 0
    assert marked.hints == (
        f"Вы вычли ${values['a']}$ из ${values['b']}$, а не наоборот.",
    )


def test_a_number_is_echoed_as_it_was_understood(one):
    assert numeric(one, "1", "exact").parse("0.5").echo == {"": "0,5"}


@pytest.mark.parametrize("text", ["9**9**9", "1e999", "__import__('os')", "1/0", "«»"])
def test_a_malformed_number_is_told_at_once_and_keeps_what_was_typed(one, text):
    variant = numeric(one, "1", "exact")
    parsed = variant.parse(text)
    assert parsed.state == "malformed"
    assert parsed.errors[""]
    assert mark(variant, text).mark == 0


def test_the_unit_may_be_typed_as_well(one):
    variant = numeric(one, "64", "exact", unit="МиБ")
    assert mark(variant, "64 МиБ").mark == 1


FIELDS = """
id: two
type: numeric
section: 1
text: Сколько?
explanation: Столько.
fields:
  - {id: first, label: Первое, answer: 2, tolerance: exact}
  - {id: second, label: $x$, answer: 3, tolerance: exact,
     near_misses: [{answer: 6, hint: Вдвое больше.}]}
"""


def test_each_of_several_boxes_is_worth_its_share(one):
    variant = one(FIELDS).variant(1)
    marked = mark(variant, {"first": "2", "second": "6"})
    assert marked.mark == 0.5
    assert marked.hints == ("Вдвое больше.",)
    assert [(part.label, part.ok) for part in marked.parts] == [
        ("Первое", True),
        ("$x$", False),
    ]


def test_one_malformed_box_does_not_cost_the_others(one):
    variant = one(FIELDS).variant(1)
    parsed = variant.parse({"first": "2", "second": "2x"})
    assert list(parsed.errors) == ["second"]
    assert variant.mark(parsed).mark == 0.5


def test_a_box_left_empty_makes_the_answer_incomplete(one):
    assert one(FIELDS).variant(1).parse({"first": "2"}).state == "incomplete"


# --- shapes ------------------------------------------------------------

RIGHT_SHAPES = [
    "(B, h, d//h, (H-1)//2+1)",
    "[B, h, d/h, (H - 1)//2 + 1]",
    "torch.Size([B, h, d//h, (H-1)//2+1])",
    "B; h; d//h; 1 + (H-1)//2",
    "(В, h, d//h, (Н-1)//2+1)",  # Cyrillic В and Н
    "(B, h, d/h, (H+1)//2)",
    "(B, h, d/h, (H-1)/2+1)",
]


@pytest.mark.parametrize("text", RIGHT_SHAPES)
def test_a_shape_may_be_written_in_many_ways(one, text):
    assert mark(one(SHAPE).variant(1), text).mark == 1


def test_a_slash_read_as_whole_division_is_said(one):
    marked = mark(one(SHAPE).variant(1), "(B, h, d/h, (H-1)/2+1)")
    assert [part.note for part in marked.parts] == [
        "деление понято как целочисленное (//)"
    ]


def test_every_axis_gets_its_verdict(one):
    marked = mark(one(SHAPE).variant(1), "(B, d, d//h, H//2)")
    assert marked.mark == 0
    assert [part.ok for part in marked.parts] == [True, False, True, False]


def test_a_wrong_rank_is_said_first(one):
    marked = mark(one(SHAPE).variant(1), "(B, h)")
    assert [part.note for part in marked.parts] == ["осей 2, а должно быть 4"]


def test_a_shape_near_miss_gives_its_hint(one):
    marked = mark(one(SHAPE).variant(1), "(B, h, d, (H-1)//2+1)")
    assert marked.hints == ("Головы делят $d$.",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(B, h", "Скобка не закрыта"),
        ("(B, Q, d, 1)", "Неизвестное имя «Q»"),
        ("B, , d", "Пропущен размер оси"),
        ("B h d", "пропущен знак между «B» и «h»"),
        ("(B, 1/0)", "Деление на ноль"),
        ("(" * 300, "Скобка не закрыта"),
        (",".join("B" * 50), "слишком много осей"),
    ],
)
def test_a_malformed_shape_is_told_at_once(one, text, words):
    parsed = one(SHAPE).variant(1).parse(text)
    assert words.lower() in parsed.errors[""].lower()


NUMBERS_SHAPE = """
id: s
type: shape
section: 1
params: {n: {int: [2, 4]}}
text: Форма?
explanation: Такая.
answer: [n, 2*n, 3]
"""


def test_a_shape_in_numbers(one):
    variant = one(NUMBERS_SHAPE).variant(1)
    n = variant.values["n"]
    assert variant.key == f"({n}, {2 * n}, 3)"
    assert mark(variant, f"[{n}, {2 * n}, 3]").mark == 1
    assert mark(variant, f"[{n}, 3, {2 * n}]").mark == 0


def test_sizes_multiplied_are_taken_for_a_slip_of_the_pen(one):
    parsed = one(NUMBERS_SHAPE).variant(1).parse("2×4×3")
    assert "через запятую" in parsed.errors[""]


def test_a_scalar_has_the_empty_shape(one):
    question = NUMBERS_SHAPE.replace("[n, 2*n, 3]", "[]")
    assert mark(one(question).variant(1), "()").mark == 1
