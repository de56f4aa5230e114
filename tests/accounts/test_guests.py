"""What a guest began goes over to the account they sign in to, and to no other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from quizsite.accounts.access import GUEST_KEY
from quizsite.accounts.models import User
from quizsite.accounts.services import adopt_guest_attempts
from quizsite.courses.models import GradeEvent
from quizsite.quizzes.models import Attempt, Quiz
from tests.factories import ChapterFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def quiz() -> Quiz:
    return Quiz.objects.create(chapter=ChapterFactory(slug="nets"), title="Сети")


def guest_attempt(quiz: Quiz, key: str = "guest", **fields) -> Attempt:
    return Attempt.objects.create(quiz=quiz, guest_key=key, seed=bytes(16), **fields)


def guest_client(key: str = "guest") -> Client:
    client = Client()
    session = client.session
    session[GUEST_KEY] = key
    session.save()
    return client


def sign_in(client: Client, username: str) -> None:
    data = {"login": username, "password": PASSWORD}
    assert client.post("/accounts/login/", data).status_code == 302


def test_signing_in_takes_the_guests_attempts_over(quiz, bob):
    attempt = guest_attempt(quiz)
    client = guest_client()
    sign_in(client, "bob")
    attempt.refresh_from_db()
    assert (attempt.user, attempt.guest_key) == (bob, "")
    assert GUEST_KEY not in client.session


def test_signing_up_takes_them_over_too(quiz):
    attempt = guest_attempt(quiz)
    client = guest_client()
    data = {"username": "vera", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", data).status_code == 302
    attempt.refresh_from_db()
    assert attempt.user == User.objects.get(username="vera")


def test_the_reader_is_told(quiz, bob):
    guest_attempt(quiz)
    guest_attempt(quiz)
    client = guest_client()
    sign_in(client, "bob")
    html = client.get("/").content.decode()
    assert "Пройденное без входа теперь ваше: 2 попытки." in html


def test_another_guests_attempts_stay_theirs(quiz, bob):
    theirs = guest_attempt(quiz, key="another")
    sign_in(guest_client(), "bob")
    theirs.refresh_from_db()
    assert (theirs.user, theirs.guest_key) == (None, "another")


def test_another_readers_attempts_stay_theirs(quiz, alice, bob):
    hers = Attempt.objects.create(quiz=quiz, user=alice, guest_key="k", seed=bytes(16))
    assert adopt_guest_attempts(user=bob, guest_key="k") == 0
    hers.refresh_from_db()
    assert hers.user == alice


def test_an_empty_key_takes_nothing(quiz, alice, bob):
    Attempt.objects.create(quiz=quiz, user=alice, seed=bytes(16))
    assert adopt_guest_attempts(user=bob, guest_key="") == 0
    assert not bob.attempts.exists()


def test_the_next_person_at_this_computer_gets_nothing(quiz, bob, charlie):
    attempt = guest_attempt(quiz)
    client = guest_client()
    sign_in(client, "bob")
    client.post("/accounts/logout/")
    sign_in(client, "charlie")
    attempt.refresh_from_db()
    assert attempt.user == bob


def test_a_finished_attempt_becomes_a_grade_once(quiz, bob):
    done = {"finished_at": timezone.now(), "score": 3.0, "max_score": 4.0}
    guest_attempt(quiz, **done)
    guest_attempt(quiz)
    assert adopt_guest_attempts(user=bob, guest_key="guest") == 2
    assert adopt_guest_attempts(user=bob, guest_key="guest") == 0
    grade = GradeEvent.objects.get()
    assert (grade.user, grade.item, grade.share) == (bob, "nets", 0.75)
