"""What a regrade would change, or did: who gains, who loses, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from quizsite.submissions.models import Regrade, Regrading, State
from quizsite.submissions.regrade_decision import NOT_THEIRS

SAME = 1e-9


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    OTHER = "other"  # the same points, another verdict
    SAME = "same"
    FAILED = "failed"  # not the student's doing: it stays as it was


@dataclass(frozen=True, slots=True)
class Change:
    """One submission before and after."""

    submission_id: UUID
    student: str
    old_verdict: str
    old_score: float
    verdict: str
    score: float
    why: str  # the checks that came out differently, or what broke
    committed: bool

    @property
    def direction(self) -> Direction:
        if self.verdict in NOT_THEIRS:
            return Direction.FAILED
        if abs(self.score - self.old_score) > SAME:
            return Direction.UP if self.score > self.old_score else Direction.DOWN
        return Direction.SAME if self.verdict == self.old_verdict else Direction.OTHER


@dataclass(frozen=True, slots=True)
class Summary:
    total: int
    done: int
    up: int
    down: int
    other: int
    same: int
    failed: int
    changes: tuple[Change, ...]  # all but the same

    @property
    def share_done(self) -> float:
        return self.done / self.total if self.total else 1.0


def summary(regrade: Regrade) -> Summary:
    """Counts and every change, in the order in which the work was handed in."""
    changes = list(_changes(regrade))
    count = {kind: sum(one.direction is kind for one in changes) for kind in Direction}
    shown = (one for one in changes if one.direction is not Direction.SAME)
    return Summary(
        total=regrade.items.count(),
        done=len(changes),
        **{kind.value: n for kind, n in count.items()},
        changes=tuple(shown),
    )


def _changes(regrade: Regrade) -> Iterator[Change]:
    items = regrade.items.filter(state=State.DONE).order_by("pk")
    for item in items.select_related("submission__user").iterator(chunk_size=200):
        yield _change(item)


def _change(item: Regrading) -> Change:
    assert item.score is not None
    return Change(
        submission_id=item.submission_id,
        student=item.submission.user.shown_name,
        old_verdict=item.old_verdict,
        old_score=item.old_score,
        verdict=item.verdict,
        score=item.score,
        why=_why(item),
        committed=item.committed,
    )


def _why(item: Regrading) -> str:
    report = item.report or {}
    if item.verdict in NOT_THEIRS:
        return str(report.get("staff_note") or report.get("message") or "")
    before = _passed((item.submission.report or {}).get("checks", ()))
    after = _passed(report.get("checks", ()))
    if item.committed or before == after:
        return str(report.get("message", ""))
    names = sorted(set(before) | set(after))
    return "; ".join(
        f"{name}: {_mark(before.get(name))} → {_mark(after.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    )


def _passed(checks: Iterable[dict[str, object]]) -> dict[str, object]:
    """By name; None where we lacked the device to judge it."""
    return {
        str(check["name"]): None if check.get("waived") else check["passed"]
        for check in checks
    }


def _mark(passed: object) -> str:
    return {True: "✓", False: "✗"}.get(passed, "—")  # type: ignore[call-overload]
