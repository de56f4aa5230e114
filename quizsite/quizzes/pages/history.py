"""How the answer to one question came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Response, ResponseRevision, RevisionKind
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.rules import Certainty


@dataclass(frozen=True)
class Kept:
    """One answer of the past, or the one that stands."""

    revision: ResponseRevision
    html: SafeString | None  # None: the answer was taken back
    stands: bool
    shows_mark: bool

    @property
    def saved_at(self) -> datetime:
        return self.revision.saved_at

    @property
    def note(self) -> str:
        """How it differs from an ordinary save."""
        if self.revision.kind == RevisionKind.SAVED:
            return ""
        return str(RevisionKind(self.revision.kind).label)

    @property
    def certainty(self) -> str:
        level = self.revision.certainty
        return str(Certainty(level).label) if level else ""

    @property
    def verdict(self) -> str:
        """``right``, ``part`` or ``wrong``, where it was checked and that is shown."""
        mark = self.revision.mark
        if mark is None or not self.shows_mark:
            return ""
        if mark >= 1:
            return "right"
        return "part" if mark > 0 else "wrong"


@dataclass(frozen=True)
class HistoryPage:
    response: Response
    answers: Sequence[Kept]  # the newest first


def history_page(response: Response) -> HistoryPage:
    aspects = shown_aspects(response.attempt)
    revisions = response.revisions.order_by("-pk")
    shown = [_kept(response, one, aspects) for one in revisions]
    return HistoryPage(response, shown)


def _kept(
    response: Response, revision: ResponseRevision, aspects: frozenset[Aspect]
) -> Kept:
    answer = revision.answer
    stands = (
        revision.kind == RevisionKind.SAVED and revision.number == response.revision
    )
    html = None if answer is None else response.variant.show(answer)
    return Kept(revision, html, stands, Aspect.MARK in aspects)
