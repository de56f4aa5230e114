"""``manage.py load_book``: chapters and quizzes together, or nothing."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from quizsite.book.models import Chapter
from quizsite.quizzes.models import Question
from tests.book.content import TRAINING, write_book, write_chapter

pytestmark = pytest.mark.django_db

QUIZ = """\
title: Сети
questions:
  - id: bias
    type: single
    section: 1
    text: Есть ли у нейрона смещение?
    explanation: Обычно есть.
    options:
      - {text: Да, correct: true}
      - {text: Нет, correct: false, hint: Тогда прямая шла бы через ноль.}
"""


@pytest.fixture
def book(tmp_path):
    write_book(tmp_path)
    (tmp_path / "01-nets" / "quiz.yaml").write_text(QUIZ, encoding="utf-8")
    return tmp_path


def load(book) -> str:
    out = StringIO()
    call_command("load_book", str(book), stdout=out)
    return out.getvalue()


def test_it_tells_what_it_did(book):
    told = load(book)
    assert "Главы: новых 2, изменённых 0, прежних 0" in told
    assert "Вопросы: новых 1" in told


def test_the_second_time_everything_is_as_before(book):
    load(book)
    told = load(book)
    assert "Главы: новых 0, изменённых 0, прежних 2" in told
    assert "Вопросы: новых 0, изменённых 0, прежних 1" in told


def test_it_can_be_quiet(book, capsys):
    call_command("load_book", str(book), verbosity=0)
    assert capsys.readouterr().out == ""


def test_a_malformed_chapter_is_told_line_by_line(book):
    path = write_chapter(book, TRAINING.replace("order: 2", "order: x"), "02-training")
    with pytest.raises(CommandError) as caught:
        load(book)
    assert caught.value.returncode == 1
    lines = str(caught.value).splitlines()
    assert lines[1].startswith(f"{path}:2: order: ")


def test_a_malformed_quiz_keeps_the_chapters_out_as_well(book):
    path = book / "01-nets" / "quiz.yaml"
    path.write_text(QUIZ.replace("section: 1", "section: one"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"quiz\.yaml:5: .*section"):
        load(book)
    assert not Chapter.objects.exists()
    assert not Question.objects.exists()


def test_the_real_book_loads_twice():
    call_command("load_book", verbosity=0)
    out = StringIO()
    call_command("load_book", stdout=out)
    assert "Главы: новых 0, изменённых 0, прежних 18" in out.getvalue()
