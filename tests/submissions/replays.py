"""What tests of replays and examples share."""

from __future__ import annotations

import io
import json
import zipfile

from exercises.spec import load_exercise
from graders import chores
from quizsite.submissions.models import Submission
from tests.factories import (
    SubmissionFactory,
)

EXERCISE = load_exercise("tr_attention")
HIDDEN = {check.name for check in EXERCISE.checks if not check.public}
SEED = "0123456789abcdef0123456789abcdef"
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q, k\n"


class Sent:
    """Stands in for Celery: what was sent, and whether anybody takes it."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.is_down = False

    def send_task(self, name: str, *, args: list[int], queue: str, retry: bool) -> None:
        if self.is_down:
            raise ConnectionError("the broker is down")
        assert (name, queue, retry) == ("graders.chores.bundle", "default", False)
        self.ids += args


def run_once(user, **changes) -> Submission:
    report = {
        "seed": SEED,
        "staff_note": "тайна",
        "verdict": "wrong_answer",
        "checks": [],
        "timing_ms": {"admit": 1.0, "run": 2.0},
        "environment": {"sandbox": "bubblewrap", "torch": "2.13.0"},
    }
    return SubmissionFactory(
        user=user,
        source=SOURCE,
        state="done",
        verdict="wrong_answer",
        score=0.0,
        exercise_digest=EXERCISE.digest,
        report=report | changes,
    )


def page_of(submission, tail="replay/") -> str:
    return submission.get_absolute_url() + tail


def grade(sent) -> None:
    """A worker does what it was told last."""
    chores.bundle.apply(args=[sent.ids[-1]]).get()


def unpacked(response) -> dict[str, bytes]:
    assert response.status_code == 200, response
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    return {name: archive.read(name) for name in archive.namelist()}


def checks(files) -> set[str]:
    return {check["name"] for check in json.loads(files["cases.json"])["checks"]}


def ordered(client, submission, sent, tail="replay/") -> dict[str, bytes]:
    client.post(page_of(submission, tail))
    grade(sent)
    return unpacked(client.get(page_of(submission, f"{tail}replay.zip")))
