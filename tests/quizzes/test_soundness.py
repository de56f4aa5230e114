"""What ``check_questions`` proves, and what it tells an author."""

from __future__ import annotations

import json
import os
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from quizsite.quizzes.management.commands.check_questions import changed
from quizsite.quizzes.soundness import Soundness, check_file, quiz_files
from tests.quizzes.conftest import RUBRIC, quiz_text

GOOD = """\
title: Проба
questions:
  - id: sum
    type: numeric
    section: 1
    params: {a: {int: [2, 40]}, b: {int: [50, 90]}}
    text: Сколько будет @{a} + @{b}?
    answer: a + b
    tolerance: exact
    near_misses:
      - answer: b - a
        hint: Это разность.
    explanation: Сложите оба числа столбиком, перенося десятки в старший разряд.
    hints: [Начните с единиц.]
"""


@pytest.fixture
def check(tmp_path: Path):
    def check(text: str, variants: int = 80) -> Soundness:
        path = tmp_path / "00-x" / "quiz.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return check_file(path, variants)

    return check


def told(result: Soundness) -> list[tuple[str, str]]:
    return [(one.severity, one.message) for one in result.findings]


def test_a_faulty_rubric_is_told_with_line_and_field(check):
    faulty = RUBRIC.replace("points: 3", "points: -3")
    result = check(quiz_text(faulty))
    (finding,) = result.findings
    line = int(finding.where.rpartition(":")[2])
    assert "points: -3" in quiz_text(faulty).splitlines()[line - 1]
    assert finding.question == "questions[0].rubric[0].levels[2].points"
    assert not result.ok


def test_a_sound_file_has_nothing_to_mend(check):
    result = check(GOOD)
    assert result.ok
    assert (result.questions, result.variants, result.findings) == (1, 80, ())


@pytest.mark.parametrize(
    ("old", "new", "severity", "message"),
    [
        ("answer: a + b", "answer: a / (a - 7)", "error", "вариант"),
        ("answer: b - a", "answer: b + a", "error", "совпадает с ключом"),
        ("section: 1", "sektion: 1", "error", "нет обязательного поля «section»"),
        (
            "      - answer: b - a\n        hint: Это разность.\n",
            "      - answer: b - a\n        hint: Это разность.\n"
            "      - answer: b - a\n        hint: Другое.\n",
            "error",
            "два near_misses дают один ответ",
        ),
        ("    hints: [Начните с единиц.]\n", "", "warning", "нет подсказки"),
        (
            "Сложите оба числа столбиком, перенося десятки в старший разряд.",
            "Сложите.",
            "warning",
            "объяснение из нескольких слов",
        ),
        (
            "a: {int: [2, 40]}, b: {int: [50, 90]}",
            "a: {int: [2, 4]}, b: {int: [50, 50]}",
            "warning",
            "разных вариантов только 3",
        ),
        ("answer: a + b", "answer: 1000 + 0*a", "warning", "один и тот же ответ"),
    ],
)
def test_each_fault_is_told(check, old: str, new: str, severity: str, message: str):
    assert old in GOOD
    result = check(GOOD.replace(old, new))
    assert any(one[0] == severity and message in one[1] for one in told(result))
    assert result.ok is (severity == "warning")


def test_an_answer_that_stands_in_the_text_is_told(check):
    shown = GOOD.replace("@{a} + @{b}?", "@{a} + @{b}? Не @{1000*a + b} ли?")
    result = check(shown.replace("answer: a + b", "answer: 1000*a + b"))
    assert ("warning", "ответ виден в тексте вопроса") in told(result)


def test_every_question_is_looked_at_although_the_first_is_malformed(check):
    second = GOOD.partition("questions:\n")[2].replace("id: sum", "id: other")
    result = check(GOOD.replace("type: numeric", "type: number") + second)
    assert result.questions == 1
    assert not result.ok


def test_the_same_id_twice_is_told(check):
    result = check(GOOD + GOOD.partition("questions:\n")[2])
    assert ("error", "id повторяется в этом файле") in told(result)


def test_a_file_that_is_no_yaml_is_told_with_its_line(check):
    result = check("title: [")
    assert not result.ok
    assert "quiz.yaml:" in result.findings[0].where


def run(*args: str) -> str:
    out = StringIO()
    call_command("check_questions", *args, stdout=out)
    return out.getvalue()


def test_the_books_questions_are_sound_and_each_has_a_hint():
    rows = json.loads(run("--variants", "60", "--json"))
    assert sum(row["questions"] for row in rows) >= 110
    assert [f for row in rows for f in row["findings"]] == []


def test_one_chapter_can_be_asked_for_by_its_name():
    assert run("mlp", "--variants", "2").startswith("02-mlp: ")


@pytest.mark.parametrize("args", [("no-such",), ("--variants", "0")])
def test_bad_arguments_are_refused(args):
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert caught.value.returncode == 2


def test_an_unsound_file_is_an_exit_status(tmp_path: Path):
    (tmp_path / "00-x").mkdir()
    (tmp_path / "00-x" / "quiz.yaml").write_text(GOOD.replace("sum", "Сумма"))
    with pytest.raises(CommandError) as caught:
        run("--directory", str(tmp_path))
    assert caught.value.returncode == 1


def test_a_changed_file_is_checked_again(tmp_path: Path):
    first, second = tmp_path / "a", tmp_path / "b"
    for path in (first, second):
        path.write_text("x")
    watching = changed([first, second])
    assert list(islice(watching, 2)) == [first, second]
    os.utime(second, ns=(0, 0))
    assert next(watching) == second


def test_files_come_in_the_order_of_the_book():
    names = list(quiz_files(settings.CHAPTERS_DIR))
    assert names == sorted(names)
    assert "15-transformer" in names
