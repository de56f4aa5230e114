"""Handing code in through the API, and reading what came of it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from quizsite.submissions.models import State, Submission
from tests.api.conftest import Api, assert_problem
from tests.factories import SubmissionFactory

CODE = "def attention(q, k, v, mask=None):\n    return v\n"
NEW = {"exercise": "tr_attention", "source": CODE}
REPORT = {
    "verdict": "wrong_answer",
    "seed": "0123456789abcdef",
    "checks": [{"name": "values", "passed": False, "message": "Не то."}],
    "mistake": {"id": "no_scale", "hint": "Поделите на корень."},
}


def upload(name: str, content: bytes, exercise="tr_attention"):
    return {"exercise": exercise, "file": SimpleUploadedFile(name, content)}


def test_code_is_taken_in_and_the_answer_says_where_to_ask(bobs, bob):
    answer = bobs.post("submissions/", NEW)
    assert answer.status == 202
    assert answer.headers["Location"] == answer.json["address"]
    assert answer.json["state"] == "queued"
    submission = Submission.objects.get()
    assert (submission.user, submission.source) == (bob, CODE)


def test_a_file_is_taken_in(bobs):
    body = upload("моё решение.py", CODE.encode())
    answer = bobs.post("submissions/", body, content_type=MULTIPART_CONTENT)
    assert answer.status == 202
    assert Submission.objects.get().filename == "моё решение.py"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"exercise": "no-such", "source": CODE},
        {"exercise": "tr_attention"},
        {"exercise": "tr_attention", "source": ""},
        {"exercise": "tr_attention", "source": "   "},
        {"exercise": "tr_attention", "source": "def f(:"},
        {"exercise": "tr_attention", "source": "x = 1\x00"},
        {"exercise": "tr_attention", "source": "\ud800"},
        {"exercise": "tr_attention", "source": ["x"]},
        {"exercise": "tr_attention", "source": "#" * 300_000},
        {"exercise": ["tr_attention"], "source": CODE},
    ],
)
def test_what_cannot_be_code_is_refused(bobs, wrong):
    assert_problem(bobs.post("submissions/", wrong), 422, "invalid")
    assert not Submission.objects.exists()


def test_a_syntax_error_names_its_line(bobs):
    answer = bobs.post("submissions/", NEW | {"source": "x = 1\ny = (\n"})
    (error,) = answer.json["errors"]
    assert error["pointer"] == "#/source"
    assert "2" in error["detail"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.py", b"\xff\xfe\x00"),
        ("a.py", b""),
        ("a.ipynb", b"{"),
        ("a.ipynb", b'{"nbformat": 3}'),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(bobs, name, content):
    body = upload(name, content)
    answer = bobs.post("submissions/", body, content_type=MULTIPART_CONTENT)
    assert_problem(answer, 422, "invalid")
    assert answer.json["errors"][0]["pointer"] == "#/file"


def test_a_file_over_the_limit_is_not_even_read(bobs):
    body = upload("a.ipynb", b"x" * 10_000_000)
    answer = bobs.post("submissions/", body, content_type=MULTIPART_CONTENT)
    assert_problem(answer, 413, "too-large")


def test_the_same_key_makes_one_submission(bobs):
    headers = {"Idempotency-Key": "раз" * 50}
    first = bobs.post("submissions/", NEW, headers=headers)
    again = bobs.post("submissions/", NEW, headers=headers)
    assert (again.status, again.json["id"]) == (202, first.json["id"])
    assert Submission.objects.count() == 1


def test_without_a_key_every_call_is_a_submission(bobs):
    ids = {bobs.post("submissions/", NEW).json["id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "other", [{"source": CODE + "\n# иначе\n"}, {"exercise": "reg_dropout"}]
)
def test_a_key_used_for_something_else_is_refused(bobs, other):
    headers = {"Idempotency-Key": "k"}
    bobs.post("submissions/", NEW, headers=headers)
    answer = bobs.post("submissions/", NEW | other, headers=headers)
    assert_problem(answer, 422, "invalid")
    assert answer.json["errors"][0]["code"] == "reused"


def test_two_people_may_use_the_same_key(bobs, charlies):
    headers = {"Idempotency-Key": "k"}
    first = bobs.post("submissions/", NEW, headers=headers)
    second = charlies.post("submissions/", NEW, headers=headers)
    assert first.json["id"] != second.json["id"]


def test_a_key_that_is_too_long_is_refused(bobs):
    headers = {"Idempotency-Key": "k" * 256}
    answer = bobs.post("submissions/", NEW, headers=headers)
    assert_problem(answer, 422, "invalid")


@pytest.fixture
def graded(bob):
    return SubmissionFactory(
        user=bob,
        state=State.DONE,
        verdict="wrong_answer",
        score=0.0,
        mistake="no_scale",
        report=REPORT,
    )


def test_a_graded_submission_comes_with_its_report(bobs, graded):
    answer = bobs.get(f"submissions/{graded.pk}/")
    assert answer.json["verdict"] == "wrong_answer"
    assert answer.json["blame"] == "student"
    assert answer.json["report"]["checks"] == REPORT["checks"]
    assert answer.json["source"] == graded.source


def test_the_seed_is_nobodys_business(bobs, graded):
    for path in ("submissions/", f"submissions/{graded.pk}/"):
        answer = bobs.get(path)
        assert REPORT["seed"] not in answer.text
        assert '"seed"' not in answer.text


def test_the_list_has_neither_code_nor_reports(bobs, graded):
    (only,) = bobs.get("submissions/").json["results"]
    assert not {"source", "report"} & set(only)


def test_the_list_is_filtered(bobs, graded):
    assert bobs.get("submissions/?verdict=accepted").json["count"] == 0
    assert bobs.get("submissions/?exercise=tr_attention").json["count"] == 1


def test_a_nonsense_filter_is_refused(bobs, graded):
    assert_problem(bobs.get("submissions/?state=x"), 422, "invalid")


def test_anothers_submission_does_not_exist(charlies, graded):
    assert_problem(charlies.get(f"submissions/{graded.pk}/"), 404, "not-found")
    assert charlies.get("submissions/").json["count"] == 0


def test_a_token_shows_an_instructor_no_students_code(course, alice, graded):
    assert_problem(Api(alice).get(f"submissions/{graded.pk}/"), 404, "not-found")


def test_a_guest_hands_nothing_in(guest):
    assert_problem(guest.post("submissions/", NEW), 401, "unauthenticated")


def test_the_list_takes_a_constant_number_of_queries(
    bobs, bob, django_assert_max_num_queries
):
    SubmissionFactory.create_batch(5, user=bob)
    bobs.get("submissions/")
    with django_assert_max_num_queries(3):
        bobs.get("submissions/")
