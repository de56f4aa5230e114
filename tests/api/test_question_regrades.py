"""A mended question marked again through the API: the rules are the page's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from quizsite.quizzes.models import Question, QuestionRegrade, RegradeStage
from quizsite.quizzes.regrading import begin
from tests.api.conftest import Api, assert_problem
from tests.factories import UserFactory
from tests.quizzes.conftest import NUMBER, ORDERING, chapter  # noqa: F401
from tests.quizzes.test_regrading import WRONG_KEY, answer, credit, load  # noqa: F401

LIST = "question-regrades/"
NEW = {"chapter": "trial", "question": "sum"}


@pytest.fixture
def staff(db) -> Api:
    return Api(UserFactory(username="staff", is_staff=True))


@pytest.fixture
def mended(load, bob, alice) -> tuple:  # noqa: F811
    """Bob was right by the new key, Alice by the old one."""
    question = load(WRONG_KEY, ORDERING)
    attempts = answer(question, bob, say="a - b"), answer(question, alice, say="b - a")
    load(NUMBER, ORDERING)
    return attempts


def test_a_dry_run_tells_who_changes_and_changes_nothing(staff, mended):
    made = staff.post(LIST, NEW)
    assert made.status == 201
    assert made.headers["Location"] == made.json["address"]
    assert (made.json["summary"]["up"], made.json["summary"]["down"]) == (1, 1)
    assert staff.get(made.json["address"]).json == made.json
    changes = staff.get(f"{made.json['address']}changes/").json["results"]
    told = {one["student"]: (one["old_credit"], one["credit"]) for one in changes}
    assert told["bob"] == (0, 1)
    assert told["alice"][0] == 1
    assert all(one["why"] for one in changes)
    assert [credit(one) for one in mended] == [0, 1]


def test_it_is_committed_once(staff, mended):
    commit = f"{staff.post(LIST, NEW).json['address']}commit/"
    assert staff.post(commit).json == {"changed": 2}
    assert credit(mended[0]) == 1
    assert credit(mended[1]) < 1
    assert_problem(staff.post(commit), 409, "conflict")


def test_nobody_is_lowered_if_so_wished(staff, mended):
    address = staff.post(LIST, NEW).json["address"]
    assert staff.post(f"{address}commit/", {"never_lower": True}).json["changed"] == 1
    assert [credit(one) for one in mended] == [1, 1]
    assert staff.get(address).json["never_lower"] is True


def test_a_wish_that_is_none_commits_nothing(staff, mended):
    commit = f"{staff.post(LIST, NEW).json['address']}commit/"
    assert_problem(staff.post(commit, {"never_lower": "perhaps"}), 422, "invalid")
    assert QuestionRegrade.objects.get().stage == RegradeStage.READY


def test_what_was_cancelled_is_not_committed(staff, mended):
    address = staff.post(LIST, NEW).json["address"]
    assert staff.post(f"{address}cancel/").status == 204
    assert_problem(staff.post(f"{address}cancel/"), 409, "conflict")
    assert_problem(staff.post(f"{address}commit/"), 409, "conflict")
    assert [credit(one) for one in mended] == [0, 1]


def test_the_list_is_filtered_by_stage(staff, mended):
    staff.post(LIST, NEW)
    assert len(staff.get(LIST, {"stage": "ready"}).json["results"]) == 1
    assert staff.get(LIST, {"stage": "committed"}).json["results"] == []


def test_a_guest_has_no_name(staff, load: Callable[..., Question]):  # noqa: F811
    answer(load(WRONG_KEY, ORDERING), None, say="a - b")
    load(NUMBER, ORDERING)
    address = staff.post(LIST, NEW).json["address"]
    (change,) = staff.get(f"{address}changes/").json["results"]
    assert change["student"] is None


@pytest.mark.parametrize("changes", [{"question": "none"}, {"chapter": "none"}])
def test_an_unknown_question_is_refused(staff, mended, changes):
    assert_problem(staff.post(LIST, NEW | changes), 422, "invalid")


def test_a_question_that_never_changed_is_refused(staff, load):  # noqa: F811
    load(NUMBER, ORDERING)
    assert_problem(staff.post(LIST, NEW), 422, "invalid")


@pytest.mark.parametrize("who", ["bob", "alice", "charlie"])  # Alice instructs
def test_only_staff_find_any_of_it(request, mended, course, who):
    caller = Api(request.getfixturevalue(who))
    made = begin(question=Question.objects.get(slug="sum"))
    assert_problem(caller.post(LIST, NEW), 404, "not-found")
    assert_problem(caller.get(LIST), 404, "not-found")
    for path in ("", "changes/"):
        assert_problem(caller.get(f"{LIST}{made.pk}/{path}"), 404, "not-found")
    for path in ("commit/", "cancel/"):
        assert_problem(caller.post(f"{LIST}{made.pk}/{path}"), 404, "not-found")
    assert QuestionRegrade.objects.get().stage == RegradeStage.READY


def test_a_guest_is_asked_who_they_are(guest, mended):
    assert guest.post(LIST, NEW).status == 401


def test_it_takes_the_right_to_manage(mended):
    reader = Api(UserFactory(is_staff=True), scopes=["read"])
    assert reader.get(LIST).status == 200
    assert_problem(reader.post(LIST, NEW), 403, "forbidden")
