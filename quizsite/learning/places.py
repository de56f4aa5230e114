"""Where a misconception was met: its name, its address, what to read about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from exercises.spec import Exercise, UnknownExercise, load_exercise
from quizsite.book.models import Section
from quizsite.courses.models import ItemKind
from quizsite.dashboards.slips import without_numbers
from quizsite.learning.ledger import Entry, Place
from quizsite.quizzes.models import Question, QuestionVersion

Sections = Mapping[tuple[str, int], Section]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to practise at; ``text`` is Markdown and says which question it is."""

    kind: ItemKind
    item: str  # the chapter's slug, or the exercise's: what courses assign
    title: str
    url: str  # of the quiz or the exercise; nothing if it is gone
    section: Section | None
    text: str = ""
    question: str = ""  # as its author calls it


@dataclass(frozen=True, slots=True)
class Practice:
    """A spot of an entry; ``overcome``: by everybody who met it there."""

    spot: Spot
    times: int
    overcome: bool


@dataclass(frozen=True, slots=True)
class Located:
    """An entry with the section to reread and the places to practise at."""

    entry: Entry
    section: Section | None
    spots: Mapping[Place, Spot]

    @property
    def practice(self) -> list[Practice]:
        """Where it is not overcome first."""
        return [self._practice(place) for place in self.entry.places]

    def _practice(self, place: Place) -> Practice:
        here = [one for one in self.entry.met if one.place == place]
        times = sum(one.times for one in here)
        return Practice(self.spots[place], times, all(one.overcome for one in here))


def located(entries: Iterable[Entry]) -> list[Located]:
    """Three queries for all of them."""
    listed = list(entries)
    spots, sections = _spots({place for one in listed for place in one.places})
    return [_located(one, spots, sections) for one in listed]


def _located(entry: Entry, spots: Mapping[Place, Spot], sections: Sections) -> Located:
    """Where the vocabulary names no section, that of the first place is as good."""
    known = entry.misconception
    section = sections.get((known.chapter, known.section))
    if not known.chapter:
        section = spots[entry.places[0]].section
    return Located(entry, section, {place: spots[place] for place in entry.places})


def _spots(places: Iterable[Place]) -> tuple[dict[Place, Spot], Sections]:
    all_sections = Section.objects.select_related("chapter")
    sections = {(one.chapter.slug, one.number): one for one in all_sections}
    spots = _question_spots({p.question for p in places if p.question}, sections)
    for slug in {place.exercise for place in places if place.exercise}:
        spots[Place(exercise=slug)] = _exercise_spot(slug, sections)
    return spots, sections


def _question_spots(ids: Iterable[int], sections: Sections) -> dict[Place, Spot]:
    questions = Question.objects.filter(pk__in=ids).select_related("quiz__chapter")
    # In the order of their numbers, so the newest is the one that stays.
    ordered = QuestionVersion.objects.filter(question__in=ids).order_by("number")
    versions = {one.question_id: one for one in ordered}
    return {
        Place(question=one.pk): _question_spot(one, versions[one.pk], sections)
        for one in questions
    }


def _question_spot(
    question: Question, version: QuestionVersion, sections: Sections
) -> Spot:
    quiz = question.quiz
    return Spot(
        kind=ItemKind.QUIZ,
        item=quiz.chapter.slug,
        title=quiz.title,
        url="" if question.retired else quiz.get_absolute_url(),
        section=sections.get((quiz.chapter.slug, version.section)),
        text=_first_paragraph(without_numbers(version.spec.get("text", ""))),
        question=question.slug,
    )


def _first_paragraph(text: str) -> str:
    return text.strip().split("\n\n", 1)[0]


def _exercise_spot(slug: str, sections: Sections) -> Spot:
    exercise = _exercise(slug)
    if exercise is None:
        return Spot(ItemKind.EXERCISE, slug, slug, "", None)
    return Spot(
        kind=ItemKind.EXERCISE,
        item=slug,
        title=exercise.title,
        url=reverse("submissions:exercise", args=[slug]),
        section=sections.get((exercise.chapter, exercise.section)),
    )


def _exercise(slug: str) -> Exercise | None:
    try:
        return load_exercise(slug)
    except UnknownExercise:  # its folder is gone, its submissions are not
        return None
