"""Fixtures for all tests, and the fixed cast.

Alice owns, Bob is in her course, Charlie must see nothing.
"""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
from django.test import Client
from xdist.scheduler import LoadFileScheduling

from quizsite.accounts.models import User
from quizsite.courses.models import Course, Role
from tests.factories import CourseFactory, UserFactory, enrol

EXPLOITS = "tests/exploits/"

# A first call to torch is slow, and so is a busy machine: that is no failure. CI draws
# the same examples each time; everybody else explores.
hypothesis.settings.register_profile(
    "project", deadline=None, derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("project")


class Together(LoadFileScheduling):
    """Tests of a file stay in one process; the attacks all in the same.

    For whoever watches an attack looks at the whole machine.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return EXPLOITS if file.startswith(EXPLOITS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


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
