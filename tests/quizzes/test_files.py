"""A malformed quiz.yaml is refused with file, line, field and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizsite.lib.sourced_yaml import DocumentError
from tests.quizzes.conftest import (
    CODE,
    EVERY,
    FORMULA,
    MATCHING,
    MORE,
    MULTIPLE,
    NUMBER,
    OPEN,
    ORDERING,
    PARSONS,
    RUBRIC,
    SET,
    SHAPE,
    SINGLE,
    TEXT,
    VECTOR,
)

Q = "questions[0]"


def changed(question: str, old: str, new: str) -> str:
    assert old in question
    return question.replace(old, new)


MALFORMED = [
    (changed(OPEN, "reference_points", "rubrik"), f"{Q}.rubrik", "«rubric»?"),
    (RUBRIC + "reference_points: [А, Б, В]\n", Q, "одно из двух"),
    (
        changed(RUBRIC, RUBRIC[RUBRIC.index("rubric:") :], "rubric: [А]\n"),
        f"{Q}.rubric",
        "от 2 до 8",
    ),
    (changed(RUBRIC, "name: Вред", "name: Польза"), f"{Q}.rubric[1].name", "повтор"),
    (
        changed(RUBRIC, "{points: 0, text: не назван}", "{points: 1, text: А}"),
        f"{Q}.rubric[1].levels[0].points",
        "первый уровень",
    ),
    (
        changed(RUBRIC, "points: 3", "points: 1"),
        f"{Q}.rubric[0].levels[2].points",
        "от меньшего",
    ),
    (
        changed(RUBRIC, "points: 3", "points: .nan"),
        f"{Q}.rubric[0].levels[2].points",
        "от 0 до 100",
    ),
    (
        changed(RUBRIC, "points: 3", "points: много"),
        f"{Q}.rubric[0].levels[2].points",
        "число",
    ),
    (
        changed(RUBRIC, ", text: назван}", ", tekst: назван}"),
        f"{Q}.rubric[1].levels[1]",
        "«text»",
    ),
    (
        changed(RUBRIC, "{points: 1, text: назван}", "{points: 1, text: '@{k}'}"),
        f"{Q}.rubric[1].levels[1].text",
        "неизвестное имя",
    ),
    (
        changed(RUBRIC, "      - {points: 1, text: назван}\n", ""),
        f"{Q}.rubric[1].levels",
        "от 2 до 6",
    ),
    (
        changed(NUMBER, "section: 1", "sektion: 1"),
        Q,
        "нет обязательного поля «section»",
    ),
    (
        NUMBER + "explanatoin: x\n",
        f"{Q}.explanatoin",
        "может быть, «explanation»?",
    ),
    (changed(NUMBER, "type: numeric", "type: number"), f"{Q}.type", "есть single"),
    (changed(NUMBER, "id: sum", "id: Сумма"), f"{Q}.id", "латинские"),
    (changed(NUMBER, "section: 1", "section: первый"), f"{Q}.section", "целое число"),
    (changed(NUMBER, "section: 1", "section: 0"), f"{Q}.section", "с 1"),
    (NUMBER + "points: -1\n", f"{Q}.points", "больше 0"),
    (NUMBER + "points: true\n", f"{Q}.points", "True"),
    (changed(NUMBER, "a - b\n", "a - c\n"), f"{Q}.answer", "неизвестное имя «c»"),
    (changed(NUMBER, "answer: a - b", "answer: a -"), f"{Q}.answer", "символ"),
    (
        changed(NUMBER, "answer: a - b\n", "answer: 9**9**9\n"),
        Q,
        "слишком большой показатель",
    ),
    (
        changed(NUMBER, "answer: a - b\n", "answer: __import__('os')\n"),
        f"{Q}.answer",
        "неожиданный символ",
    ),
    (changed(NUMBER, "$@{a} - @{b}$", "$@{a} - @{z}$"), f"{Q}.text", "имя «z»"),
    (changed(NUMBER, "@{a - b}", "@{a - b"), f"{Q}.explanation", "не закрыто"),
    (changed(NUMBER, "@{a - b}", "@{a|x}"), f"{Q}.explanation", "число знаков"),
    (changed(NUMBER, '["a != b"]', '["a == a + 1"]'), Q, "require не выполнено"),
    (changed(NUMBER, "a: {int: [1, 9]}", "a: {int: [9, 1]}"), f"{Q}.params.a.int", ""),
    (changed(NUMBER, "a: {int: [1, 9]}", "a: {real: [1]}"), f"{Q}.params.a.real", ""),
    (
        changed(NUMBER, "a: {int: [1, 9]}", "a: {float: [0, 1]}"),
        f"{Q}.params.a",
        "step",
    ),
    (changed(NUMBER, "{a: {int", "{e: {int"), f"{Q}.params.e", "занято"),
    (NUMBER + "let: {a: b}\n", f"{Q}.let.a", "уже есть в params"),
    (NUMBER + "let: {c: d, d: c}\n", f"{Q}.let.c", "по кругу"),
    (NUMBER + "let: {c: 1/(a - a)}\n", Q, "деление на ноль"),
    (
        changed(NUMBER, "tolerance: exact", "tolerance: about"),
        f"{Q}.tolerance",
        "нужно exact",
    ),
    (
        changed(NUMBER, "tolerance: exact", "tolerance: {rounded: 33}"),
        f"{Q}.tolerance.rounded",
        "от 0 до 9",
    ),
    (changed(NUMBER, "answer: a - b\n", "answer: sqrt(a) - b\n"), Q, "ключ не точен"),
    (
        changed(NUMBER, "{answer: b - a,", "{answer: a - b + 0,"),
        Q,
        "near_misses#0 совпадает с ключом",
    ),
    (changed(NUMBER, '["a != b"]', "[]"), Q, "совпадает с ключом"),
    (
        changed(SINGLE, "correct: false, hint: Вы спутали это.", "correct: false"),
        f"{Q}.options[1]",
        "нет hint",
    ),
    (
        changed(SINGLE, "correct: false, hint: Вы спутали это.", "correct: true"),
        Q,
        "больше одного",
    ),
    (
        changed(SINGLE, "correct: true", "correct: false, hint: Нет."),
        f"{Q}.options",
        "ни один",
    ),
    (changed(SINGLE, "text: Совсем неверно", "text: Неверно"), Q, "одинаковы"),
    (changed(MULTIPLE, "correct: true, hint", "corect: true, hint"), None, "correct"),
    (changed(SHAPE, "answer: [B, h, d // h", "answer: [B, h, d / 2"), Q, "не целое"),
    (changed(SHAPE, "d: {multiple_of: h}", "d: {multiple_of: q}"), None, "«q»"),
    (changed(SHAPE, "h: , d", "h: {multiple_of: d}, d"), f"{Q}.symbols", "по кругу"),
    (changed(MATCHING, "distractors: [3]", "distractors: [1]"), Q, "совпадает"),
    (changed(ORDERING, "четвёртое", "первое"), Q, "одинаковы"),
    (changed(ORDERING, ", третье, четвёртое", ""), f"{Q}.items", "от 3 до 7"),
    (changed(CODE, "tensor([0., @{k}.])", "tensor([@{k}, 0])"), Q, "совпадает"),
    (changed(OPEN, ", Второй факт, Третий факт", ""), None, "от 3 до 6"),
    (
        changed(TEXT, "[стэкинг, stacked generalization]", "[]"),
        f"{Q}.accepted",
        "хотя бы одна",
    ),
    (changed(TEXT, "[бустинг, boosting]", "«Стэкинг»"), Q, "верный ответ"),
    (TEXT + "exact: 1\n", f"{Q}.exact", "true или false"),
    (changed(FORMULA, "float: [0.05, 0.95]", "float: [-1, 1]"), Q, "ключ при"),
    (changed(FORMULA, "{int: [2, 40]}", "{}"), f"{Q}.symbols.n", "нужна область"),
    (
        changed(FORMULA, "int: [2, 40]", "int: [2, 2.5]"),
        f"{Q}.symbols.n.int",
        "целые числа",
    ),
    (changed(FORMULA, "n: {int: [2", "k: {int: [2"), f"{Q}.symbols.k", "уже занято"),
    (
        changed(
            FORMULA,
            "{t: {float: [0.05, 0.95]}, n: {int: [2, 40]}}",
            "{t: {int: [1, 2]}, n: {int: [1, 3]}}",
        ),
        f"{Q}.symbols",
        "меньше 12 точек",
    ),
    (
        changed(FORMULA, "answer: k*ln(t/(1 - t))/n\n", "answer: k*ln(q)/n\n"),
        f"{Q}.answer",
        "неизвестное имя «q»",
    ),
    (
        changed(FORMULA, "answer: k*ln(t/(1 - t))/n\n", "answer: t if t < n else n\n"),
        f"{Q}.answer",
        "не может зависеть",
    ),
    (FORMULA + "form: [simple]\n", f"{Q}.form[0]", "может быть, «simplified»"),
    (
        changed(FORMULA, "k*ln((1 - t)/t)/n", "k*(ln(t) - ln(1 - t))/n"),
        Q,
        "не отличить от ключа",
    ),
    (
        changed(VECTOR, "answer: [a, -1/2, 2*a]\n", "answer: [a]\n"),
        f"{Q}.answer",
        "от 2 до 24",
    ),
    (changed(VECTOR, "[a, 1/2, 2*a]", "[a, -0.5, 2*a]"), Q, "совпадает с ключом"),
    (changed(VECTOR, "[a, -1/2, 2*a]", "[a, sqrt(2), 2*a]"), Q, "ключ не точен"),
    (changed(SET, "[a, -a, 0]", "[a, a, 0]"), Q, "не различить"),
    (
        changed(PARSONS, "      optimizer.zero", "     optimizer.zero"),
        f"{Q}.lines",
        "4 пробела",
    ),
    (changed(PARSONS, "model.eval()", "loss.backward()"), Q, "есть в самой программе"),
    (PARSONS + "any_order: [[1, 3]]\n", f"{Q}.any_order[0]", "соседних"),
    (PARSONS + "any_order: [[1, 2]]\n", Q, "отступы у них разные"),
    (changed(PARSONS, "hint: Сеть", "hin: Сеть"), None, "hint"),
]


@pytest.mark.parametrize(("question", "field", "words"), MALFORMED)
def test_a_malformed_question_is_refused(read, question, field, words):
    with pytest.raises(DocumentError) as caught:
        read(question)
    error = caught.value
    assert error.path.name == "quiz.yaml"
    assert error.line >= 3
    if field is not None:
        assert error.field == field
    assert words in error.message


def test_the_line_is_that_of_the_fault(read):
    question = changed(NUMBER, "answer: a - b\n", "answer: a - c\n")
    with pytest.raises(DocumentError) as caught:
        read(SINGLE, question)
    lines = caught.value.path.read_text(encoding="utf-8").splitlines()
    assert "answer: a - c" in lines[caught.value.line - 1]
    assert caught.value.field == "questions[1].answer"


def test_an_id_given_twice_is_refused(read):
    with pytest.raises(DocumentError, match="повторяется"):
        read(SINGLE, SINGLE)


@pytest.mark.parametrize(
    "text", ["", "[1", "title: x", "- 1", "title: [1]\nquestions: []"]
)
def test_what_is_no_quiz_is_refused(tmp_path: Path, text):
    from quizsite.quizzes.questions import load_quiz_file

    path = tmp_path / "quiz.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError):
        load_quiz_file(path)


def test_every_type_of_question_is_accepted(read):
    quiz = read(*EVERY, *MORE)
    types = {question.type for question in quiz.questions}
    assert len(types) == len(EVERY) + len(MORE)


def test_yaml_takes_1e_3_for_text_and_we_for_a_number(one):
    question = one(changed(NUMBER, "b: {int: [1, 9]}", "b: {choice: [1e-3, 2e-3]}"))
    assert question.variant(1).values["b"] < 0.01


def test_markup_in_a_text_stays_text(one):
    question = one(
        changed(SINGLE, "text: Что верно?", "text: <script>alert(1)</script>")
    )
    assert "<script>" not in question.variant(1).text
