"""Every error under /api/ is a problem document."""

from __future__ import annotations

import pytest

from quizsite.api.throttles import Guests, Sending
from quizsite.api.v1 import grades
from tests.api.conftest import Api, assert_problem


@pytest.mark.parametrize(
    "path", ["/api/x", "/api/x/", "/api/v1/x/", "/api/v1/chapters/x/y/", "/api/v2/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address(guest, path, method):
    assert_problem(guest(method, path), 404, "not-found")


def test_an_unknown_address_with_a_wrong_token_is_still_unknown(guest):
    answer = guest.get("/api/x/", headers={"Authorization": "Bearer dlq_x"})
    assert_problem(answer, 404, "not-found")


def test_a_missing_slash_is_redirected_and_a_post_stays_a_post(guest):
    answer = guest.post("/api/v1/submissions?x=1", {})
    assert answer.status == 308
    assert answer.headers["Location"] == "/api/v1/submissions/?x=1"


def test_an_unknown_row(guest):
    assert_problem(guest.get("chapters/no-such/"), 404, "not-found")
    assert_problem(guest.get("exercises/no-such/"), 404, "not-found")


def test_no_token_where_one_is_needed(guest):
    answer = guest.get("grades/")
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_method_that_is_not_there(bobs, method):
    assert_problem(bobs(method, "grades/", {}), 405, "method-not-allowed")


@pytest.mark.parametrize("body", ["{", "", "\x00", '{"chapter": NaN}', "[" * 100_000])
def test_a_body_that_is_no_json(bobs, body):
    answer = bobs.post("attempts/", body)
    assert answer.status in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", ["[]", "1", '"x"', "null"])
def test_a_body_that_is_no_object(bobs, body):
    assert_problem(bobs.post("attempts/", body), 422, "invalid")


def test_a_body_of_another_kind(bobs):
    answer = bobs.post("attempts/", "chapter=x", content_type="text/plain")
    assert_problem(answer, 415, "unsupported-media-type")


def test_an_answer_of_another_kind(guest):
    answer = guest.get("chapters/", headers={"Accept": "application/xml"})
    assert_problem(answer, 406, "not-acceptable")


def test_a_body_that_is_too_large(bobs):
    answer = bobs.post("attempts/", {"chapter": "x" * 1_100_000})
    assert_problem(answer, 413, "too-large")


def test_a_refused_body_says_where_and_why(bobs):
    answer = bobs.post("attempts/", {"chapter": "no-such"})
    assert_problem(answer, 422, "invalid")
    (error,) = answer.json["errors"]
    assert error["pointer"] == "#/chapter"
    assert error["code"] == "unknown"
    assert "no-such" in error["detail"]


def test_too_many_calls(guest, monkeypatch):
    monkeypatch.setattr(Guests, "rate", "2/min")
    for _ in range(2):
        assert guest.get("chapters/").status == 200
    answer = guest.get("chapters/")
    assert_problem(answer, 429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_sending_has_a_limit_of_its_own_and_asking_does_not(bobs, monkeypatch):
    monkeypatch.setattr(Sending, "rate", "1/min")
    bobs.post("submissions/", {})
    assert_problem(bobs.post("submissions/", {}), 429, "throttled")
    assert bobs.get("submissions/").status == 200


def test_one_persons_calls_do_not_use_up_anothers(bob, charlie, monkeypatch):
    monkeypatch.setattr(Sending, "rate", "1/min")
    assert Api(bob).post("submissions/", {}).status == 422
    assert Api(charlie).post("submissions/", {}).status == 422


def test_a_fault_of_ours_tells_nothing_of_itself(bobs, monkeypatch):
    def fail(user):
        raise RuntimeError("пароль базы 12345")

    monkeypatch.setattr(grades, "_studied", fail)
    answer = bobs.get("grades/")
    assert_problem(answer, 500, "internal")
    assert "12345" not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("length", ["-1", "x", "99999999999999999999"])
def test_a_nonsense_content_length(bobs, length):
    answer = bobs.post("attempts/", {}, CONTENT_LENGTH=length)
    assert answer.status in (400, 413, 422)
