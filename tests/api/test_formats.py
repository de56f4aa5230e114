"""Formats, examples, replays and what was taken, through the API."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from exercises.spec import load_exercise
from graders import chores
from quizsite.submissions import bundles
from quizsite.submissions.models import Bundle, State, Submission
from tests.api.conftest import assert_problem
from tests.factories import SubmissionFactory

SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return v\n"
EXERCISE = load_exercise("tr_attention")
FORMAT = "exercises/tr_attention/check-format/"
EXAMPLES = "exercises/tr_attention/examples/"
SEED = "0123456789abcdef0123456789abcdef"


def upload(*cells: str):
    made = [{"cell_type": "code", "source": text} for text in cells]
    content = json.dumps({"nbformat": 4, "cells": made}).encode()
    return {"file": SimpleUploadedFile("a.ipynb", content)}


def test_anybody_may_look_and_nothing_is_kept(guest):
    answer = guest.post(FORMAT, {"source": SOURCE})
    assert answer.status == 200
    assert answer.json["ok"] is True
    assert answer.json["source"] == SOURCE
    assert answer.json["names"] == [
        {"name": "attention", "kind": "function", "cell": None}
    ]
    assert not Submission.objects.exists()


def test_a_notebook_is_told_by_cells(guest):
    body = upload(
        "import os", "x = 1", "print(x)", SOURCE, SOURCE.replace("v\n", "q\n")
    )
    answer = guest.post(FORMAT, body, content_type=MULTIPART_CONTENT)
    assert answer.json["cells"] == [5]
    assert answer.json["unused_cells"] == [1, 2, 3, 4]
    (note,) = answer.json["notes"]
    assert (note["about"], note["name"], note["cell"]) == ("ignored", "attention", 4)


@pytest.mark.parametrize(
    ("source", "verdict"),
    [("x = 1", "contract_error"), ("x = (", "contract_error"), ("", "contract_error")],
)
def test_a_refusal_is_an_answer_and_no_error(guest, source, verdict):
    answer = guest.post(FORMAT, {"source": source})
    assert answer.status == 200
    assert (answer.json["ok"], answer.json["verdict"]) == (False, verdict)
    assert answer.json["message"]


def test_a_body_without_code_is_an_error(guest):
    assert_problem(guest.post(FORMAT, {}), 422, "invalid")
    assert_problem(guest.post(FORMAT, {"source": SOURCE, "file": "x"}), 422, "invalid")
    assert_problem(guest.post("exercises/none/check-format/", {}), 404, "not-found")


def test_looking_is_throttled(guest):
    for _ in range(30):
        assert guest.post(FORMAT, {"source": ""}).status == 200
    assert_problem(guest.post(FORMAT, {"source": ""}), 429, "throttled")


def test_a_file_over_the_limit_is_not_even_read(guest):
    body = {"file": SimpleUploadedFile("a.ipynb", b"x" * 10_000_000)}
    answer = guest.post(FORMAT, body, content_type=MULTIPART_CONTENT)
    assert_problem(answer, 413, "too-large")


# --- examples and replays


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(bundles, "_send", lambda bundle, _: ids.append(bundle.pk))
    monkeypatch.setattr(bundles.transaction, "on_commit", lambda call, robust: call())
    return ids


def grade(sent: list[int]) -> None:
    chores.bundle.apply(args=[sent[-1]]).get()


def names(answer) -> list[str]:
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_examples_come_as_soon_as_a_grader_has_made_them(guest, sent):
    assert "cases.json" not in names(guest.get(EXAMPLES))
    grade(sent)
    assert "cases.json" in names(guest.get(EXAMPLES))
    assert len(sent) == 1


@pytest.mark.parametrize("accept", ["application/zip", "*/*", "application/json"])
def test_whatever_a_client_accepts_the_archive_is_an_archive(guest, sent, accept):
    assert names(guest.get(EXAMPLES, headers={"Accept": accept}))


def test_an_error_about_an_archive_is_a_problem_document(guest):
    headers = {"Accept": "application/zip"}
    answer = guest.get("exercises/none/examples/", headers=headers)
    assert_problem(answer, 404, "not-found")


@pytest.fixture
def graded(bob) -> Submission:
    return SubmissionFactory(
        user=bob,
        source=SOURCE,
        state=State.DONE,
        verdict="wrong_answer",
        score=0.0,
        exercise_digest=EXERCISE.digest,
        report={"seed": SEED, "checks": [], "timing_ms": {"run": 1.0}},
        intake_notes={"cells": [2], "notes": []},
    )


def test_ones_own_submission_can_be_taken_home(bobs, graded, sent):
    url = f"submissions/{graded.pk}/replay/"
    first = bobs.post(url)
    assert (first.status, first.json) == (202, {"state": "waiting", "archive": None})
    assert_problem(bobs.get(f"{url}archive/"), 409, "conflict")
    grade(sent)
    ready = bobs.post(url)
    assert (ready.status, ready.json["state"]) == (200, "ready")
    answer = bobs.get(ready.json["archive"])
    assert {"replay.py", "solution.py", "cases.safetensors"} <= set(names(answer))
    assert SEED.encode() not in answer.content
    assert not Bundle.objects.get().with_hidden


def test_what_was_never_run_is_a_conflict(bobs, graded):
    graded.report = {"seed": "", "timing_ms": {}}
    graded.save()
    answer = bobs.post(f"submissions/{graded.pk}/replay/")
    assert_problem(answer, 409, "conflict")


def test_anothers_is_not_found(charlies, guest, graded, sent):
    for tail in ("replay/", "replay/archive/"):
        method = "get" if "archive" in tail else "post"
        url = f"submissions/{graded.pk}/{tail}"
        assert_problem(charlies(method, url), 404, "not-found")
        assert_problem(guest(method, url), 401, "unauthenticated")
    assert not sent


def test_a_submission_says_what_was_taken(bobs, graded):
    intake = bobs.get(f"submissions/{graded.pk}/").json["intake"]
    assert intake == {"cells": [2], "unused_cells": [], "names": [], "notes": []}
