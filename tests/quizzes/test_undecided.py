"""Answers that nobody could compare: kept, not counted, shown to the authors alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from quizsite.book.models import Chapter
from quizsite.quizzes import regrading
from quizsite.quizzes.models import Quiz
from quizsite.quizzes.services import (
    check_answer,
    finish_attempt,
    load_quizzes,
    responses_of,
    reveal_answer,
    save_answer,
    start_attempt,
)
from quizsite.quizzes.undecided import undecided_answers
from tests.factories import UserFactory
from tests.quizzes.conftest import FORMULA, NUMBER, text, url, write_quiz

PAGE = "/authors/undecided/"


DOUBTFUL = "2*ln(t/(1-t))/n + 1e-30"


def doubtful_quiz(directory: Path, explanation: str = "Вот так.") -> Quiz:
    folder = directory / "01-trial"
    folder.mkdir(exist_ok=True)
    (folder / "chapter.yaml").write_text("slug: trial\n", encoding="utf-8")
    formula = FORMULA.replace("[2, 5]", "[2, 2]").replace("Вот так.", explanation)
    write_quiz(folder, NUMBER, formula)
    load_quizzes(directory)
    return Quiz.objects.get()


@pytest.fixture
def finished(tmp_path, chapter: Chapter, bob, charlie, monkeypatch):
    """Bob's and Charlie's attempts with the same doubtful formula."""
    monkeypatch.setattr("quizsite.lib.formulas.equality.proven_equal", lambda *_: None)
    quiz, attempts = doubtful_quiz(tmp_path), []
    for user in (bob, charlie):
        attempt = start_attempt(quiz=quiz, user=user, guest_key="")
        number, formula = responses_of(attempt)
        save_answer(response=number, raw=number.variant.key)
        save_answer(response=formula, raw=DOUBTFUL)
        finish_attempt(attempt=attempt)
        attempts.append(attempt)
    return attempts


def test_an_undecided_answer_costs_nothing(finished):
    assert (finished[0].score, finished[0].max_score) == (1, 1)
    response = responses_of(finished[0])[1]
    assert response.mark is None
    assert response.feedback["undecided"] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["finish", "check", "reveal", "regrade"])
def test_nobody_waits_for_a_lock_while_formulas_are_compared(
    tmp_path, chapter, bob, monkeypatch, end
):
    compared = []

    def proven_equal(*_: object) -> None:
        compared.append(connection.in_atomic_block)

    monkeypatch.setattr("quizsite.lib.formulas.equality.proven_equal", proven_equal)
    quiz = doubtful_quiz(tmp_path)
    attempt = start_attempt(quiz=quiz, user=bob, guest_key="", behaviour="practice")
    formula = responses_of(attempt)[1]
    save_answer(response=formula, raw=DOUBTFUL)
    match end:
        case "finish":
            finish_attempt(attempt=attempt)
        case "check":
            check_answer(response=formula)
        case "reveal":
            reveal_answer(response=formula)
        case "regrade":
            finish_attempt(attempt=attempt)
            compared.clear()
            doubtful_quiz(tmp_path, "Иначе.")
            regrading.begin(question=formula.version.question)
    assert compared and not any(compared)


def test_the_reader_is_told(finished, as_bob):
    page = text(as_bob.get(url("result", finished[0])))
    assert "Сравнить эту запись с верной автоматически не удалось" in page


def test_the_author_sees_it_once_with_its_count(finished, client):
    client.force_login(UserFactory(username="author", is_staff=True))
    page = text(client.get(PAGE))
    assert "10^{-30}" in page
    assert "<code>formula</code>" in page
    [one] = undecided_answers()
    assert one.times == 2


def test_without_any_the_page_says_so(client, db):
    client.force_login(UserFactory(username="author", is_staff=True))
    assert "Таких ответов нет" in text(client.get(PAGE))


def test_nobody_else_sees_them(finished, client, as_charlie, as_alice):
    for visitor in (client, as_charlie, as_alice):
        assert visitor.get(PAGE).status_code == 404
