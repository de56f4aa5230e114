from __future__ import annotations

import pytest

from quizsite.lib.loading import DocumentErrors
from quizsite.quizzes.models import Question, QuestionVersion, Quiz, Response
from quizsite.quizzes.services import load_quizzes, responses_of
from tests.quizzes.conftest import EVERY, NUMBER, SINGLE, write_quiz

pytestmark = pytest.mark.django_db


def test_loading_makes_a_quiz_with_its_questions(quiz):
    assert quiz.title == "Пробный квиз"
    slugs = list(quiz.questions.values_list("slug", flat=True))
    assert slugs[:4] == ["sum", "one", "several", "shape"]
    assert QuestionVersion.objects.count() == len(EVERY)


def test_loading_twice_changes_nothing(quiz, chapters_dir):
    before = list(QuestionVersion.objects.values())
    report = load_quizzes(chapters_dir)
    assert (report.unchanged, report.created, report.changed) == (len(EVERY), 0, 0)
    assert list(QuestionVersion.objects.values()) == before


def test_only_what_changed_gets_a_new_version(quiz, chapters_dir):
    mended = SINGLE.replace("Потому что.", "Потому что так.")
    write_quiz(chapters_dir / "01-trial", NUMBER, mended)
    report = load_quizzes(chapters_dir)
    assert (report.changed, report.unchanged, report.removed) == (1, 1, 6)
    assert Question.objects.get(slug="one").current.number == 2
    assert Question.objects.get(slug="sum").current.number == 1


def test_a_question_gone_from_the_file_is_retired_and_may_come_back(quiz, chapters_dir):
    folder = chapters_dir / "01-trial"
    write_quiz(folder, NUMBER)
    load_quizzes(chapters_dir)
    assert Question.objects.get(slug="one").retired
    write_quiz(folder, NUMBER, SINGLE)
    load_quizzes(chapters_dir)
    one = Question.objects.get(slug="one")
    assert not one.retired
    assert one.current.number == 1


def test_a_removed_file_retires_all_its_questions(quiz, chapters_dir):
    (chapters_dir / "01-trial" / "quiz.yaml").unlink()
    assert load_quizzes(chapters_dir).removed == len(EVERY)
    assert not quiz.questions.filter(retired=False).exists()


def test_a_running_attempt_keeps_its_versions(attempt, chapters_dir):
    shown = [response.variant.text for response in responses_of(attempt)]
    write_quiz(chapters_dir / "01-trial", NUMBER.replace("Сколько", "А сколько"))
    load_quizzes(chapters_dir)
    assert [response.variant.text for response in responses_of(attempt)] == shown


def test_a_malformed_file_changes_nothing(quiz, chapters_dir):
    write_quiz(chapters_dir / "01-trial", NUMBER.replace("a - b\n", "a - z\n"))
    with pytest.raises(DocumentErrors, match=r"quiz\.yaml:\d+: questions\[0\]\.answer"):
        load_quizzes(chapters_dir)
    assert QuestionVersion.objects.count() == len(EVERY)
    assert not Question.objects.filter(retired=True).exists()


def test_every_malformed_file_is_told_of(quiz, chapters_dir):
    second = chapters_dir / "02-other"
    second.mkdir()
    (second / "quiz.yaml").write_text("title: x", encoding="utf-8")
    write_quiz(chapters_dir / "01-trial", NUMBER.replace("id: sum", "id: СУММА"))
    with pytest.raises(DocumentErrors) as caught:
        load_quizzes(chapters_dir)
    assert len(caught.value.errors) == 2


def test_an_unsound_new_question_is_refused(quiz, chapters_dir):
    unsound = NUMBER.replace("{answer: b - a,", "{answer: a - b + 0,")
    write_quiz(chapters_dir / "01-trial", unsound)
    with pytest.raises(DocumentErrors, match="совпадает с ключом"):
        load_quizzes(chapters_dir)


def test_a_section_that_the_chapter_lacks_is_refused(quiz, chapters_dir):
    write_quiz(chapters_dir / "01-trial", NUMBER.replace("section: 1", "section: 9"))
    with pytest.raises(DocumentErrors, match="нет раздела 9; есть 1, 2"):
        load_quizzes(chapters_dir)


def test_a_quiz_of_an_unknown_chapter_is_refused(db, chapters_dir):
    with pytest.raises(DocumentErrors, match="глава «trial» не загружена"):
        load_quizzes(chapters_dir)


def test_a_title_may_change(quiz, chapters_dir):
    path = chapters_dir / "01-trial" / "quiz.yaml"
    text = path.read_text(encoding="utf-8").replace("Пробный", "Новый")
    path.write_text(text, encoding="utf-8")
    load_quizzes(chapters_dir)
    assert Quiz.objects.get().title == "Новый квиз"
    assert not Response.objects.exists()
