"""The demo course: invented people, real attempts, real submissions."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from quizsite.accounts.models import User
from quizsite.book.models import Chapter
from quizsite.courses.demo import MAX_SUBMISSIONS, load_demo_course
from quizsite.courses.models import Enrolment, GradeEvent, Role
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.models import Attempt
from quizsite.submissions.models import State, Submission
from tests.factories import UserFactory


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker):
    # Read once: it takes seconds, and no test here changes it.
    with django_db_blocker.unblock():
        call_command("load_book", verbosity=0)
        yield
        Chapter.objects.all().delete()


@pytest.fixture
def book(_loaded, db):
    """The real chapters and quizzes."""


@pytest.fixture
def demo(book, alice):
    return load_demo_course(owner=alice)


def counts() -> list[int]:
    models = (User, Enrolment, Attempt, Submission, GradeEvent)
    return [model.objects.count() for model in models]


def test_the_owner_teaches_in_it(demo, alice):
    assert demo.enrolments.get(user=alice).role == Role.INSTRUCTOR


def test_nobody_can_sign_in_as_an_invented_student(demo):
    invented = User.objects.filter(enrolments__role=Role.STUDENT)
    assert invented.count() == 10
    assert not any(user.has_usable_password() for user in invented)


def test_there_is_work_to_look_at(demo):
    assert Attempt.objects.filter(finished_at__isnull=False).count() > 5
    assert GradeEvent.objects.filter(kind="quiz").exists()


def test_no_verdict_is_made_up(demo):
    assert 0 < Submission.objects.count() <= MAX_SUBMISSIONS
    assert set(Submission.objects.values_list("state", "verdict")) == {
        (State.QUEUED, "")
    }


def test_a_second_call_adds_nothing(demo, alice):
    before = counts()
    load_demo_course(owner=alice)
    assert counts() == before


def test_the_same_work_is_made_everywhere(demo, alice):
    made = "user__username", "share"
    first = sorted(GradeEvent.objects.values_list(*made))
    User.objects.exclude(pk=alice.pk).delete()
    demo.delete()
    load_demo_course(owner=alice)
    assert sorted(GradeEvent.objects.values_list(*made)) == first


def test_a_real_person_of_the_same_name_is_left_alone(book, alice):
    real = UserFactory(username="vostrikova")
    load_demo_course(owner=alice)
    assert not real.enrolments.exists()
    assert not real.attempts.exists()


def test_without_the_book_the_file_and_line_are_named(alice):
    Chapter.objects.all().delete()
    with pytest.raises(DocumentError, match=r"demo\.yaml:\d+: .*load_book"):
        load_demo_course(owner=alice)


def test_a_malformed_file_makes_nothing(alice, tmp_path):
    text = (settings.COURSES_DIR / "demo.yaml").read_text(encoding="utf-8")
    path = tmp_path / "bad.yaml"
    path.write_text(text.replace("join_code", "joincode"), encoding="utf-8")
    with pytest.raises(DocumentError, match="join_code"):
        load_demo_course(owner=alice, path=path)
    assert not Enrolment.objects.exists()


def test_the_command_names_an_unknown_owner(db):
    with pytest.raises(CommandError, match="nobody"):
        call_command("load_demo_course", owner="nobody")
