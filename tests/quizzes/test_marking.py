"""What each type understands, what it gives for it, and what it says."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.quizzes.types.base import TooLong, storable
from quizsite.quizzes.types.code_output import tokens
from quizsite.quizzes.types.ordering import longest_increasing
from tests.quizzes.conftest import (
    CODE,
    EVERY,
    MATCHING,
    MULTIPLE,
    NUMBER,
    OPEN,
    ORDERING,
    SHAPE,
    SINGLE,
)


def mark(variant, raw):
    return variant.mark(variant.parse(raw))


# --- choices ------------------------------------------------------------


def test_a_wrong_option_gives_its_hint(one):
    variant = one(SINGLE).variant(1)
    wrong = next(c for c in variant.drawn.choices if c.html == "Неверно")
    marked = mark(variant, wrong.id)
    assert marked.mark == 0
    assert marked.hints == ("Вы спутали это.",)
    assert marked.slips == ("option:1",)


def test_an_option_that_is_not_there_is_a_format_error(one):
    parsed = one(SINGLE).variant(1).parse("17")
    assert parsed.state == "malformed"


def by_text(variant, *texts):
    return [c.id for c in variant.drawn.choices if str(c.html) in texts]


@pytest.mark.parametrize(
    ("chosen", "share"),
    [("АБ", 1), ("А", 0.5), ("АБВ", 0.5), ("АВ", 0), ("АБВГ", 0), ("ВГ", 0), ("", 0)],
)
def test_several_options_are_marked_without_profit_from_guessing(one, chosen, share):
    variant = one(MULTIPLE).variant(1)
    assert mark(variant, by_text(variant, *chosen)).mark == share


def test_missed_and_wrong_options_give_their_hints(one):
    variant = one(MULTIPLE).variant(1)
    assert set(mark(variant, by_text(variant, "Б", "В")).hints) == {
        "Забыли А.",
        "В лишнее.",
    }


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
        ("B h d", "Непонятная запись"),
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


# --- the rest ------------------------------------------------------------


def test_matching_gives_a_share_and_the_hints_of_wrong_pairs(one):
    variant = one(MATCHING).variant(1)
    row = next(row for row in variant.drawn.rows if row.label == "Раз")
    other = next(str(n) for n in range(1, 4) if str(n) != row.right)
    marked = mark(variant, {**variant.key, row.id: other})
    assert marked.mark == pytest.approx(2 / 3)
    assert marked.hints == ("Раз — это один.",)


def test_equal_right_texts_are_one_option(one):
    variant = one(MATCHING).variant(1)
    assert sorted(variant.drawn.rights) == ["1", "2", "3"]


def test_an_unmatched_row_is_incomplete_and_gets_no_hint(one):
    variant = one(MATCHING).variant(1)
    parsed = variant.parse({"1": variant.key["1"]})
    assert parsed.state == "incomplete"
    assert variant.mark(parsed).hints == ()


def place(variant, order):
    return {item.id: str(order.index(item.rank) + 1) for item in variant.drawn.items}


@pytest.mark.parametrize(
    ("order", "share"),
    [
        ([1, 2, 3, 4], 1),
        ([2, 3, 4, 1], 2 / 3),
        ([2, 1, 4, 3], 1 / 3),
        ([4, 3, 2, 1], 0),
    ],
)
def test_order_is_marked_by_what_already_is_in_order(one, order, share):
    variant = one(ORDERING).variant(1)
    assert mark(variant, place(variant, order)).mark == pytest.approx(share)


def test_the_shown_order_is_never_the_right_one(one):
    question = one(ORDERING)
    for seed in range(200):
        ranks = [item.rank for item in question.variant(seed).drawn.items]
        assert ranks != [1, 2, 3, 4]


def test_a_place_chosen_twice_or_left_out_is_a_format_error(one):
    variant = one(ORDERING).variant(1)
    twice = variant.parse({"1": "1", "2": "1", "3": "2", "4": "3"})
    assert twice.errors["1"] == "место 1 выбрано дважды"
    assert variant.parse({"1": "1"}).errors["2"] == "выберите место"


def test_longest_increasing_agrees_with_trying_everything():
    for numbers in permutations(range(5)):
        best = max(
            len(chosen)
            for mask in range(32)
            if (chosen := [x for i, x in enumerate(numbers) if mask >> i & 1])
            == sorted(chosen)
        )
        assert longest_increasing(numbers) == best


@pytest.mark.parametrize(
    "text",
    [
        "tensor([{k}., 0.])",
        " tensor( [ {k}, 0 ] ) ",
        "tensor([{k}.0, 0.00])",
        "tеnsоr([{k}., -0.])",  # Cyrillic е and о
    ],
)
def test_blanks_and_spellings_of_numbers_do_not_matter(one, text):
    variant = one(CODE).variant(1)
    assert mark(variant, text.format(k=variant.values["k"])).mark == 1


def test_right_numbers_in_the_wrong_form_are_told_so(one):
    variant = one(CODE).variant(1)
    marked = mark(variant, f"[{variant.values['k']}., 0.]")
    assert marked.mark == 0
    assert "Числа верны" in marked.hints[0]


def test_an_output_near_miss_gives_its_hint(one):
    variant = one(CODE).variant(1)
    marked = mark(variant, f"tensor([0., {variant.values['k']}.])")
    assert marked.hints == ("Порядок другой.",)


def test_numbers_side_by_side_are_not_one_number():
    assert tokens("1 2") != tokens("12")
    assert tokens("1\n2") == tokens("1 2")


def test_an_open_answer_has_no_mark(one):
    variant = one(OPEN).variant(1)
    assert mark(variant, "Мой ответ").mark is None
    assert variant.show("<script>\nx") == "<p>&lt;script&gt;</p><p>x</p>"


# --- anything at all ------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from("1234"), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    from quizsite.quizzes.questions import load_quiz_file
    from tests.quizzes.conftest import write_quiz

    path = write_quiz(tmp_path_factory.mktemp("fuzz"), *EVERY)
    return [q.variant(1) for q in load_quiz_file(path, proofs=0).questions]


@settings(max_examples=250, deadline=None)
@given(raw=JSON)
def test_nothing_that_is_sent_breaks_a_parser(variants, raw):
    stored = storable(raw)
    for variant in variants:
        for answer in (raw, stored):
            parsed = variant.parse(answer)
            marked = variant.mark(parsed)
            assert marked.mark is None or 0 <= marked.mark <= 1
            variant.show(answer)
            variant.drawn.controls(answer, parsed)


ALPHABET = "0123456789BhdHВН,;()[]{}/*+-−. √^×eе'\"\n«»torch.Size"


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=ALPHABET, max_size=40))
def test_nothing_that_is_typed_breaks_a_parser(variants, text):
    for variant in variants:
        parsed = variant.parse(text)
        marked = variant.mark(parsed)
        assert marked.mark is None or 0 <= marked.mark <= 1


def test_what_a_database_refuses_is_left_out():
    assert storable("a\0b\ud800c") == "abc"
    assert storable({"1": 0.5, "2": None, "3": [1]}) == {"1": "0.5", "2": "", "3": ""}
    assert storable([1, True, "x"]) == ["1", "", "x"]


def test_an_essay_of_a_million_characters_is_refused():
    with pytest.raises(TooLong, match="1000000 знаков"):
        storable("я" * 1_000_000)
