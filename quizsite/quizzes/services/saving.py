"""Saving an answer, so that nothing that was typed is lost.

Theory of operation
-------------------
Two tabs, a page that lay open for days, or a browser that comes back from a tunnel may
all save the same question. A save says which *revision* of the answer its page had
(``base``) and how long ago it was typed (``age``; the browser's clock is not asked for
the time of day).

* The base is the stored revision: the answer is stored, the revision grows.
* It is older, so another page saved meanwhile. What was *typed* last wins. The loser is
  not lost: what is replaced is a revision already, and what comes too late to win is
  kept *aside* as one. Either way the page is told of the other answer.
* The same answer again changes nothing: a retry whose reply was lost is no conflict.

The attempt's row is locked, so a save that races with the finish waits and then sees
it. An answer that was typed before the deadline is taken for :data:`rules.GRACE` after
it; one that comes later is kept as a *late* revision, which counts for nothing but is
there for the instructor to see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from quizsite.quizzes.models import Attempt, Response, ResponseRevision, RevisionKind
from quizsite.quizzes.rules import GRACE
from quizsite.quizzes.services.finishing import finish_if_over
from quizsite.quizzes.types.base import Parsed, Raw, storable

KEPT_REVISIONS = 40  # of one answer; those that were checked stay
KEPT_OTHERS = 10  # aside and late ones
LATE_FOR = timedelta(days=1)  # so long after the end an answer is still kept
PRUNE_EVERY = 10
MOST_AGE = timedelta(days=30)


class AttemptFinished(Exception):
    """The attempt was finished, here or elsewhere, or its time is up.

    ``kept`` says whether the answer was laid aside for the instructor to see.
    """

    kept = False


class Settled(Exception):
    """The question's right answer was shown; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a page sends: the answer, and what it knows of its history.

    ``base`` is the revision that the page had, None where it does not say; ``age`` is
    how long ago the answer was typed.
    """

    raw: Raw
    certainty: int | None = None
    base: int | None = None
    age: timedelta = field(default=timedelta())


class Outcome(StrEnum):
    STORED = "stored"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"  # another page's answer, which is kept as a revision
    ASIDE = "aside"  # another page's answer is newer; this one is kept beside it


@dataclass(frozen=True, slots=True)
class Other:
    """The answer of another page, that this one replaced or gave way to."""

    answer: Raw
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    parsed: Parsed
    at: datetime
    revision: int  # what the page's next save is based on
    outcome: Outcome = Outcome.STORED
    other: Other | None = None


def save_answer(
    *,
    response: Response,
    raw: Raw,
    certainty: int | None = None,
    base: int | None = None,
    age: timedelta = timedelta(0),
) -> Saved:
    """Store an answer as it was given, malformed or not.

    Raises:
        TooLong: it is longer than anybody writes; what was saved stays.
        AttemptFinished: it is too late; it may have been laid aside.
        Settled: the key was shown; nothing was changed.
    """
    raw = storable(raw)
    parsed = response.variant.parse(raw)
    draft = Draft(None if parsed.blank else raw, certainty, base, age)
    now = timezone.now()
    try:
        with transaction.atomic():
            _lock(response, _typed_at(response, draft, now), now)
            return _save(response, draft, parsed, now)
    except AttemptFinished as finished:
        finish_if_over(attempt=response.attempt)
        finished.kept = _keep_late(response, draft, now)
        raise


def _typed_at(response: Response, draft: Draft, now: datetime) -> datetime:
    """When it was typed by the browser's word, as far as that can be true."""
    age = min(max(draft.age, timedelta()), MOST_AGE)
    return max(now - age, min(response.attempt.started_at, now))


def _lock(response: Response, typed_at: datetime, now: datetime) -> None:
    running = Attempt.objects.select_for_update().filter(
        pk=response.attempt_id, finished_at=None
    )
    attempt = running.first()
    if attempt is None:
        raise AttemptFinished
    end = attempt.deadline
    if end is not None and (typed_at > end or now > end + GRACE):
        raise AttemptFinished


def _save(response: Response, draft: Draft, parsed: Parsed, now: datetime) -> Saved:
    """Under the lock: store the draft, or find that the page was behind."""
    if response.revealed_at is not None:
        raise Settled
    if _same(response, draft):
        # What was read before the lock may be old by now.
        response.refresh_from_db(fields=STORED)
        if _same(response, draft):
            at = response.saved_at or now
            return Saved(parsed, at, response.revision, Outcome.UNCHANGED)
    behind = draft.base is not None and draft.base < response.revision
    if not behind and _store(response, draft, now):
        return Saved(parsed, now, response.revision)
    response.refresh_from_db(fields=STORED)
    return _settle(response, draft, parsed, now)


STORED = ["answer", "certainty", "revision", "saved_at", "revealed_at"]


def _same(one: Response | ResponseRevision, draft: Draft) -> bool:
    return bool(one.answer == draft.raw and one.certainty == draft.certainty)


def _store(response: Response, draft: Draft, now: datetime) -> bool:
    """Whether the revision was still the one that was read."""
    values: dict[str, Any] = {
        "answer": draft.raw,
        "certainty": draft.certainty,
        "revision": response.revision + 1,
        "saved_at": now,
    }
    same = Response.objects.filter(
        pk=response.pk, revision=response.revision, revealed_at=None
    )
    if not same.update(**values):
        return False
    for name, value in values.items():
        setattr(response, name, value)
    _append(response, draft, RevisionKind.SAVED, now)
    return True


def _append(
    response: Response, draft: Draft, kind: RevisionKind, now: datetime
) -> None:
    ResponseRevision.objects.create(
        response=response,
        kind=kind,
        number=response.revision,
        answer=draft.raw,
        certainty=draft.certainty,
        typed_at=_typed_at(response, draft, now),
        saved_at=now,
    )
    if kind == RevisionKind.SAVED and response.revision % PRUNE_EVERY == 0:
        old = response.revisions.filter(number__lte=response.revision - KEPT_REVISIONS)
        old.filter(checked_at=None).delete()


# --- when another page saved meanwhile --------------------------------------------


def _settle(response: Response, draft: Draft, parsed: Parsed, now: datetime) -> Saved:
    """Another answer came in between: what was typed last wins, the other is kept."""
    if response.revealed_at is not None:
        raise Settled
    base = 0 if draft.base is None else draft.base
    newer = list(response.revisions.filter(kind=RevisionKind.SAVED, number__gt=base))
    other = Other(response.answer, response.saved_at or now)
    known = any(_same(one, draft) for one in newer)  # a retry, overwritten since
    typed_at = _typed_at(response, draft, now)
    if known or any(one.typed_at > typed_at for one in newer):
        if not known:
            _keep_other(response, draft, RevisionKind.ASIDE, now)
        return Saved(parsed, now, response.revision, Outcome.ASIDE, other)
    _store(response, draft, now)
    return Saved(parsed, now, response.revision, Outcome.REPLACED, other)


def _keep_other(
    response: Response, draft: Draft, kind: RevisionKind, now: datetime
) -> bool:
    """Keep what did not win, once; whether it is kept."""
    kept = list(response.revisions.filter(kind=kind))
    if any(_same(one, draft) for one in kept):
        return True
    if len(kept) >= KEPT_OTHERS:
        return False
    _append(response, draft, kind, now)
    return True


def _keep_late(response: Response, draft: Draft, now: datetime) -> bool:
    """Lay aside what came after a deadline, unless it says what is stored anyway."""
    attempt = Attempt.objects.get(pk=response.attempt_id)
    end = attempt.deadline
    by_clock = end is not None and (attempt.timed_out or attempt.finished_at is None)
    if not by_clock or end is None or now > end + LATE_FOR:
        return False
    response.refresh_from_db(fields=STORED)
    if draft.raw is None or _same(response, draft):
        return False
    return _keep_other(response, draft, RevisionKind.LATE, now)


def set_flag(*, response: Response, flagged: bool) -> None:
    """Mark a question to come back to; no part of the answer."""
    if response.flagged != flagged:
        running = Response.objects.filter(pk=response.pk, attempt__finished_at=None)
        running.update(flagged=flagged)
        response.flagged = flagged
