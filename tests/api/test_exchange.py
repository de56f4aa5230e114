"""Questions out and in through the API, for staff only."""

from __future__ import annotations

import pytest
import yaml

from quizsite.quizzes.models import Question
from tests.api.conftest import Api, assert_problem
from tests.factories import UserFactory
from tests.quizzes.test_exchange import GIFT
from tests.quizzes.test_exchange_pages import BOMB

EXPORT, IMPORT = "question-exports/mlp/", "question-imports/"
SENT = {"content": GIFT, "title": "Их вопросы", "section": 3}


@pytest.fixture
def staff(db) -> Api:
    return Api(UserFactory(is_staff=True))


def test_a_chapter_goes_out_with_what_is_lost(staff):
    said = staff.get(EXPORT, {"to": "moodle", "variants": 2}).json
    assert said["name"] == "02-mlp.xml"
    assert said["content"].startswith("<quiz>")
    assert any("вместо параметров" in one["message"] for one in said["losses"])


def test_their_questions_come_in_as_a_file_and_nowhere_else(staff):
    said = staff.post(IMPORT, SENT).json
    content = yaml.safe_load(said["content"])
    assert (content["title"], len(content["questions"])) == (
        "Их вопросы",
        said["questions"],
    )
    assert any("пропущен" in one["message"] for one in said["losses"])
    assert not Question.objects.exists()


@pytest.mark.parametrize("query", [{"to": "word"}, {"variants": 0}, {"variants": 21}])
def test_an_export_of_no_kind_is_refused(staff, query):
    assert_problem(staff.get(EXPORT, query), 422, "invalid")


def test_an_unknown_chapter_is_not_found(staff):
    assert_problem(staff.get("question-exports/none/"), 404, "not-found")


@pytest.mark.parametrize("changes", [{"content": BOMB}, {"content": ""}, {"title": ""}])
def test_a_file_that_is_none_is_refused(staff, changes):
    assert_problem(staff.post(IMPORT, SENT | changes), 422, "invalid")


@pytest.mark.parametrize("who", ["bob", "alice", "charlie"])  # Alice instructs
def test_nobody_else_takes_or_brings(request, course, who):
    caller = Api(request.getfixturevalue(who))
    assert_problem(caller.get(EXPORT), 404, "not-found")
    assert_problem(caller.post(IMPORT, SENT), 404, "not-found")


def test_guests_and_tokens_without_the_right_are_refused(guest):
    assert guest.get(EXPORT).status == 401
    reader = Api(UserFactory(is_staff=True), scopes=["read"])
    assert_problem(reader.post(IMPORT, SENT), 403, "forbidden")
