"""A submission's code line by line, with those marked that its report points at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graders.places import Listing, from_notes
from quizsite.submissions.models import Submission

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Line:
    number: str  # as its author counts: of the file, or of the notebook's cell
    text: str
    anchor: str = ""  # set where the report points here


def lines(submission: Submission, report: Mapping[str, Any] | None) -> list[Line]:
    """Every line of the code; a heading between two cells has no number."""
    source = submission.source.rstrip("\n")
    listing = Listing(source, from_notes(submission.intake_notes))
    marked = set(map(anchor, _places(report or {})))
    found = []
    for n, text in enumerate(source.split("\n"), start=1):
        place = listing.place(n)
        name = anchor({"line": place.line, "cell": place.cell}) if place else ""
        number = str(place.line) if place else NBSP  # a first empty line is dropped
        found.append(Line(number, text, name if name in marked else ""))
    return found


def anchor(place: Mapping[str, Any]) -> str:
    """The name of a place within the page."""
    cell = f"cell-{place['cell']}-" if place.get("cell") else ""
    return f"{cell}line-{place['line']}"


def _places(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All that the report's facts say of lines."""
    details = [report.get("details") or {}]
    details += [check.get("details") or {} for check in report.get("checks", ())]
    details += details[0].get("violations", ())
    return (one for one in details if one.get("line"))
