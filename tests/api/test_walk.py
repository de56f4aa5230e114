"""A stranger with a token calls everything, and learns nothing.

Every path of the schema is called with the rows of Bob's work; a new endpoint is
walked as soon as it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from quizsite.api.reference import operations
from quizsite.courses.services import record_submission_grade
from quizsite.quizzes.models import Response
from quizsite.submissions.models import Regrade, State
from tests.api.conftest import SECRET, Api
from tests.factories import AssignmentFactory, SubmissionFactory

FORBIDDEN = {"seed", "key", "correct", "answer_key", "guest_key", "token_hash"}
FORBIDDEN |= {"reference", "mistakes", "reference_points", "sample", "near_misses"}
MARK = "СЛЕД-БОБА"


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


@pytest.fixture
def addresses(course, quiz, bob) -> dict[str, str]:
    """What to put into the paths: Bob's rows."""
    AssignmentFactory(course=course)
    attempt = Api(bob).post("attempts/", {"chapter": "transformer"}).json
    Api(bob).put(f"{attempt['address']}answers/8/", {"answer": MARK})
    submission = SubmissionFactory(
        user=bob,
        source=f"# {MARK}",
        state=State.DONE,
        verdict="accepted",
        score=1.0,
        report={"seed": SECRET, "verdict": "accepted", "checks": []},
    )
    record_submission_grade(submission=submission)
    regrade = Regrade.objects.create(exercise="tr_attention", exercise_digest="x")
    return {
        "attempt_id": attempt["id"],
        "submission_id": str(submission.pk),
        "regrade_id": str(regrade.pk),
        "position": "1",
        "tag": "sign",
        "response_id": str(Response.objects.get(attempt=attempt["id"], position=8).pk),
        "slug": "transformer",
        "kind": "exercise",
        "item": "tr_attention",
        "username": "bob",
    }


def call_everything(api, addresses) -> Iterator[tuple[str, Any]]:
    bodies = {
        "/api/v1/attempts/": {"chapter": "transformer"},
        "/api/v1/submissions/": {"exercise": "tr_attention", "source": "x = 1"},
        "/api/v1/exercises/{slug}/check-format/": {"source": "x = 1"},
    }
    for one in operations():
        slugs = {"exercises": "tr_attention"}
        slugs |= dict.fromkeys(("courses", "marking"), "alices")
        slug = slugs.get(one.tag, addresses["slug"])
        path = one.path.format(**addresses | {"slug": slug})
        if one.method == "GET":
            yield path, api.get(path)
        else:
            body = bodies.get(one.path, {"answer": "1"})
            yield path, api(one.method.lower(), path, body)


@pytest.mark.parametrize("who", ["guest", "charlies"])
def test_a_stranger_learns_nothing(request, addresses, who):
    api = request.getfixturevalue(who)
    for path, answer in call_everything(api, addresses):
        assert MARK not in answer.text, path
        assert SECRET not in answer.text, path
        assert not set(names(answer.json)) & FORBIDDEN, path
        assert "Боб" not in answer.text, path


def test_whatever_is_bobs_is_404_to_a_stranger(charlies, addresses):
    bobs = [addresses[f"{row}_id"] for row in ("attempt", "submission", "regrade")]
    for path, answer in call_everything(charlies, addresses):
        if any(row in path for row in bobs):
            assert answer.status == 404, path


def test_even_bob_sees_no_key_while_the_attempt_runs(bobs, addresses):
    for path, answer in call_everything(bobs, addresses):
        if path.endswith(("finish/", "result/")):
            continue
        assert not set(names(answer.json)) & FORBIDDEN, path
        assert SECRET not in answer.text, path
