"""Fixtures for all tests, and the fixed cast.

Alice owns, Bob is in her course, Charlie must see nothing.
"""

from __future__ import annotations

import os

import hypothesis
import pytest
from django.test import Client

from quizsite.accounts.models import User
from quizsite.courses.models import Course, Role
from tests.factories import CourseFactory, UserFactory, enrol

# A first call to torch is slow, and so is a busy machine: that is no failure. CI draws
# the same examples each time; everybody else explores.
hypothesis.settings.register_profile(
    "project", deadline=None, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("project")


@pytest.fixture
def alice(db) -> User:
    return UserFactory(username="alice", display_name="Алиса")


@pytest.fixture
def bob(db) -> User:
    return UserFactory(username="bob", display_name="Боб")


@pytest.fixture
def charlie(db) -> User:
    return UserFactory(username="charlie", display_name="Чарли")


@pytest.fixture
def course(alice, bob) -> Course:
    """Alice teaches it, Bob studies in it, Charlie has no part in it."""
    made = CourseFactory(title="Курс Алисы", slug="alices")
    enrol(made, alice, role=Role.INSTRUCTOR)
    enrol(made, bob)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_charlie(charlie) -> Client:
    return signed_in(charlie)
