"""«Мои знания» is one's own; the review starts from it."""

from __future__ import annotations

from django.urls import reverse

from quizsite.quizzes.models import Attempt
from tests.learning.test_cards import later, take

PAGE = "/learning/"


def test_a_guest_is_asked_to_sign_in(client, db):
    reply = client.get(PAGE)
    assert reply.status_code == 302
    assert reverse("account_login") in reply["Location"]


def test_a_guest_cannot_start_a_review(client, quiz):
    reply = client.post(reverse("learning:review", args=[quiz.chapter.slug]))
    assert reply.status_code == 302
    assert not Attempt.objects.exists()


def test_charlie_sees_nothing_of_bobs(quiz, bob, as_charlie, monkeypatch):
    take(quiz, bob)
    later(monkeypatch, 3)
    assert "Пока таких нет" in as_charlie.get(PAGE).content.decode()
    as_charlie.post(reverse("learning:review", args=[quiz.chapter.slug]))
    assert not Attempt.objects.filter(is_review=True).exists()


def test_bob_finds_his_review_and_takes_it(quiz, bob, as_bob, monkeypatch):
    take(quiz, bob)
    assert "На сегодня всё" in as_bob.get(PAGE).content.decode()
    later(monkeypatch, 3)
    assert "к повторению: 1 вопрос" in as_bob.get(PAGE).content.decode()
    reply = as_bob.post(reverse("learning:review", args=[quiz.chapter.slug]))
    [review] = Attempt.objects.filter(is_review=True)
    assert reply["Location"] == review.get_absolute_url()
    assert as_bob.get(reply["Location"]).status_code == 200
    assert reply["Location"] in as_bob.get(PAGE).content.decode()


def test_a_chapter_with_nothing_due_says_so(quiz, as_bob):
    reply = as_bob.post(
        reverse("learning:review", args=[quiz.chapter.slug]), follow=True
    )
    assert "повторять нечего" in reply.content.decode()


def test_a_review_is_not_among_the_quizs_attempts(quiz, bob, as_bob, monkeypatch):
    take(quiz, bob)
    later(monkeypatch, 3)
    as_bob.post(reverse("learning:review", args=[quiz.chapter.slug]))
    start = as_bob.get(quiz.get_absolute_url()).content.decode()
    [review] = Attempt.objects.filter(is_review=True)
    assert str(review.pk) not in start
