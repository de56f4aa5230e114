"""Taking a quiz through the API: as on the page, and no earlier."""

from __future__ import annotations

import pytest

from quizsite.quizzes.models import Attempt, Response
from tests.api.conftest import SECRET, Api, assert_problem


@pytest.fixture
def attempt(bobs, quiz):
    """Bob's, as the API tells of it."""
    return bobs.post("attempts/", {"chapter": "transformer"}).json


@pytest.fixture
def put(bobs, attempt):
    def answered(position, answer):
        return bobs.put(f"{attempt['address']}answers/{position}/", {"answer": answer})

    return answered


def keys_of(attempt) -> dict[int, object]:
    responses = Response.objects.filter(attempt=attempt["id"])
    responses = responses.select_related("attempt", "version")
    return {one.position: one.variant.key for one in responses}


def test_a_start_makes_an_attempt_and_says_where(bobs, quiz):
    answer = bobs.post("attempts/", {"chapter": "transformer"})
    assert answer.status == 201
    assert answer.headers["Location"] == answer.json["address"]
    assert len(answer.json["questions"]) == 8


def test_a_second_start_goes_on_with_the_first(bobs, attempt):
    answer = bobs.post("attempts/", {"chapter": "transformer"})
    assert (answer.status, answer.json["id"]) == (200, attempt["id"])


@pytest.mark.parametrize("body", [{}, {"chapter": "x y"}, {"chapter": None}])
def test_a_wrong_start_is_refused(bobs, quiz, body):
    assert_problem(bobs.post("attempts/", body), 422, "invalid")


def test_every_question_shows_what_is_needed_to_answer_it(attempt):
    by_type = {one["type"]: one for one in attempt["questions"]}
    assert by_type["single"]["answer_form"] == "id"
    assert {one["id"] for one in by_type["single"]["options"]} == {"1", "2"}
    assert by_type["multiple"]["answer_form"] == "ids"
    assert by_type["numeric"]["inputs"][0]["rule"]
    assert by_type["matching"]["answer_form"] == "map"
    assert len(by_type["ordering"]["choices"]) == 3
    assert by_type["code_output"]["code"] == "print(1 + 1)"
    assert by_type["open"]["answer_form"] == "text"


def test_texts_have_their_numbers_in(attempt):
    text = attempt["questions"][0]["text"]
    assert "@{" not in text
    assert text.startswith("Чему равно $")


@pytest.mark.parametrize(
    ("position", "answer"),
    [
        (1, "1"),
        (1, 1),
        (2, ["1", "3"]),
        (2, [1, 2]),
        (3, "0,25"),
        (3, 0.25),
        (4, "(2, 3)"),
        (5, {"1": "1", "2": "2"}),
        (6, {"1": "1", "2": "2", "3": 3}),
        (7, "2"),
        (8, "Потому что."),
    ],
)
def test_an_answer_of_each_form_is_kept(bobs, attempt, put, position, answer):
    saved = put(position, answer)
    assert saved.status == 200, saved.text
    assert saved.json["state"] == "answered"
    kept = bobs.get(attempt["address"]).json["questions"][position - 1]
    assert kept["state"] == "answered"


def test_a_number_is_echoed_as_it_was_read(put):
    assert put(3, "1/4").json["understood"]


def test_null_takes_an_answer_back(bobs, attempt, put):
    put(3, "0,25")
    assert put(3, None).json["state"] == "blank"
    assert bobs.get(attempt["address"]).json["questions"][2]["answer"] is None


@pytest.mark.parametrize(
    ("position", "answer"),
    [
        (1, "7"),
        (1, True),
        (1, {"a": {"b": "c"}}),
        (2, [["1"]]),
        (3, "сорок"),
        (3, "9**9**9"),
        (3, "1e999"),
        (3, "__import__('os')"),
        (3, "1/0"),
        (3, {"": "1"}),
        (4, "(2, 3"),
        (5, {"1": "99"}),
        (6, {"1": "1", "2": "1", "3": "2"}),
        (7, "\x00"),
        (8, "\ud800"),
        (8, "x" * 20_001),
    ],
)
def test_a_malformed_answer_is_told_and_costs_nothing(
    bobs, attempt, put, position, answer
):
    refused = put(position, answer)
    assert_problem(refused, 422, "invalid")
    assert refused.json["errors"][0]["pointer"].startswith("#/answer")
    kept = bobs.get(attempt["address"]).json["questions"][position - 1]
    assert kept["state"] == "blank"


def test_a_megabyte_is_refused_before_it_is_read(put):
    """It is no answer at all, whatever a parser would say of it."""
    problem = put(3, "(" * 900_000)
    assert_problem(problem, 422, "invalid")
    assert "900000" in str(problem.json["errors"])


def test_a_field_of_several_is_pointed_at(put):
    refused = put(5, {"1": "99", "2": "1"})
    assert refused.json["errors"][0]["pointer"] == "#/answer/1"


def test_a_question_that_is_not_there(put):
    assert_problem(put(9, "1"), 404, "not-found")


def test_before_the_end_nothing_is_given_away(bobs, attempt, put):
    put(1, "1")
    for answer in (
        bobs.get(attempt["address"]),
        bobs.get("attempts/"),
        put(3, "0,5"),
        bobs.get(f"{attempt['address']}result/"),
    ):
        assert SECRET not in answer.text
    assert_problem(bobs.get(f"{attempt['address']}result/"), 409, "conflict")


def test_right_answers_are_worth_everything(bobs, attempt, put):
    for position, key in keys_of(attempt).items():
        assert put(position, key).status == 200
    result = bobs.post(f"{attempt['address']}finish/").json
    assert (result["score"], result["max_score"]) == (7, 7)  # one is not marked
    assert [one["mark"] for one in result["questions"]] == [1] * 7 + [None]


def test_the_result_explains_what_was_wrong(bobs, attempt, put):
    put(3, "0,5")
    bobs.post(f"{attempt['address']}finish/")
    result = bobs.get(f"{attempt['address']}result/").json
    wrong = result["questions"][2]
    assert wrong["mark"] == 0
    assert wrong["hints"] == [SECRET]
    assert wrong["right_answer"]
    assert wrong["explanation"] == f"{SECRET}!"


def test_finishing_twice_changes_nothing(bobs, attempt):
    first = bobs.post(f"{attempt['address']}finish/").json
    assert bobs.post(f"{attempt['address']}finish/").json == first


def test_after_the_end_no_answer_is_taken(bobs, attempt, put):
    bobs.post(f"{attempt['address']}finish/")
    assert_problem(put(3, "0,25"), 409, "conflict")


def test_the_list_has_ones_own_attempts(bobs, attempt):
    (only,) = bobs.get("attempts/").json["results"]
    assert (only["id"], only["chapter"]) == (attempt["id"], "transformer")


def test_anothers_attempt_does_not_exist(charlies, attempt):
    address = attempt["address"]
    for answer in (
        charlies.get(address),
        charlies.put(f"{address}answers/1/", {"answer": "1"}),
        charlies.post(f"{address}finish/"),
        charlies.get(f"{address}result/"),
    ):
        assert_problem(answer, 404, "not-found")
    assert charlies.get("attempts/").json["count"] == 0
    assert not Attempt.objects.get().is_finished


def test_an_instructor_has_no_way_to_answer_for_a_student(course, alice, attempt):
    answer = Api(alice).put(f"{attempt['address']}answers/1/", {"answer": "1"})
    assert_problem(answer, 404, "not-found")


def test_an_attempt_takes_a_constant_number_of_queries(
    bobs, attempt, django_assert_max_num_queries
):
    bobs.get(attempt["address"])
    with django_assert_max_num_queries(3):
        bobs.get(attempt["address"])
