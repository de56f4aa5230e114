"""From ``quiz.yaml`` files into immutable question versions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.db import transaction

from quizsite.book.models import Chapter, Section
from quizsite.lib.loading import DocumentErrors, LoadReport
from quizsite.lib.sourced_yaml import DocumentError, read_document
from quizsite.quizzes.models import Question, QuestionVersion, Quiz
from quizsite.quizzes.questions import QuestionSpec, QuizSpec, load_quiz_file, prove

FILE_NAME = "quiz.yaml"


@transaction.atomic
def load_quizzes(directory: Path) -> LoadReport:
    """Make the quizzes say what the files say; the second time changes nothing.

    A changed question gets a new version, and running attempts keep theirs; a question
    that is gone from its file is retired, and its marks stay. The chapters must be
    loaded already.

    Raises:
        DocumentErrors: what is wrong in every file; the database stays as it was.
    """
    specs, errors = _read_all(sorted(directory.glob(f"*/{FILE_NAME}")))
    if errors:
        raise DocumentErrors(errors)
    counts: Counter[str] = Counter()
    for spec, chapter in specs:
        _store_quiz(spec, chapter, counts)
    loaded = [chapter.pk for _, chapter in specs]
    gone = Question.objects.exclude(quiz__chapter__in=loaded).filter(retired=False)
    counts["removed"] += gone.update(retired=True)
    return LoadReport(**counts)


def _read_all(
    paths: list[Path],
) -> tuple[list[tuple[QuizSpec, Chapter]], list[DocumentError]]:
    known = set(QuestionVersion.objects.values_list("digest", flat=True))
    specs, errors = [], []
    for path in paths:
        try:
            specs.append(_read(path, known))
        except DocumentError as error:
            errors.append(error)
    return specs, errors


def _read(path: Path, known: set[str]) -> tuple[QuizSpec, Chapter]:
    """A file and its chapter; a question stored before was proven before."""
    spec = load_quiz_file(path, proofs=0)
    chapter = _chapter(path)
    sections = set(
        Section.objects.filter(chapter=chapter).values_list("number", flat=True)
    )
    for question in spec.questions:
        _check_section(question, sections)
        if question.digest not in known:
            prove(question)
    return spec, chapter


def _chapter(path: Path) -> Chapter:
    document = read_document(path.with_name("chapter.yaml"))
    document.expect(dict)
    slug = document.value.get("slug")
    chapter = Chapter.objects.filter(slug=slug).first()
    if chapter is None:
        raise document.error(f"глава «{slug}» не загружена: выполните load_book")
    return chapter


def _check_section(question: QuestionSpec, sections: set[int]) -> None:
    if question.section not in sections:
        known = ", ".join(map(str, sorted(sections)))
        message = f"в главе нет раздела {question.section}; есть {known}"
        raise question.document.child("section").error(message)


def _store_quiz(spec: QuizSpec, chapter: Chapter, counts: Counter[str]) -> None:
    quiz, _ = Quiz.objects.get_or_create(
        chapter=chapter, defaults={"title": spec.title}
    )
    if (quiz.title, quiz.pools) != (spec.title, spec.pools):
        quiz.title, quiz.pools = spec.title, spec.pools
        quiz.save(update_fields=["title", "pools"])
    slugs = [question.id for question in spec.questions]
    gone = quiz.questions.filter(retired=False).exclude(slug__in=slugs)
    counts["removed"] += gone.update(retired=True)
    for position, question in enumerate(spec.questions, start=1):
        counts[_store_question(quiz, position, question)] += 1


def _store_question(quiz: Quiz, position: int, spec: QuestionSpec) -> str:
    question, created = Question.objects.update_or_create(
        quiz=quiz, slug=spec.id, defaults={"position": position, "retired": False}
    )
    newest = question.versions.order_by("-number").first()
    if newest is not None and newest.digest == spec.digest:
        return "unchanged"
    QuestionVersion.objects.create(
        question=question,
        number=newest.number + 1 if newest else 1,
        digest=spec.digest,
        type=spec.type,
        section=spec.section,
        points=spec.points,
        spec=spec.raw,
    )
    return "created" if created else "changed"
