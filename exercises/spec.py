"""What an exercise is, and how its folder is read.

Free of torch and Django: the web process imports this module. A malformed folder is
refused by :class:`MalformedExercise`, which names the file, the field and the cure.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from exercises.fields import Fields, MalformedExercise
from exercises.files import digest, optional_text, text

__all__ = [
    "HIGHEST_TIME_S",
    "Check",
    "Exercise",
    "Limits",
    "MalformedExercise",
    "Mistake",
    "Tolerance",
    "UnknownExercise",
    "all_exercises",
    "exercise_slugs",
    "load_exercise",
    "read_folder",
]

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parent
DEVICES = ("cpu", "gpu", "any")
MANIFEST = "exercise.toml"
HIGHEST_TIME_S = 20.0  # more could outlast a worker's lease
DEVICE_MEMORY_MB = 2048


class UnknownExercise(KeyError):
    """There is no exercise with this slug."""

    def __str__(self) -> str:
        return f"no exercise {self.args[0]!r} in {ROOT}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one submission's runner."""

    time_s: float  # wall clock, for loading and again for each case
    memory_mb: int  # above what the warm process occupies
    device_memory_mb: int = DEVICE_MEMORY_MB  # of a GPU's own


@dataclass(frozen=True, slots=True)
class Check:
    """One named property of a solution; its cases are in checks.py.

    It has points if it can be judged wherever the exercise is graded. A check that
    needs a GPU in an exercise that does not has none: what a submission earns must not
    depend on which worker came by.
    """

    name: str
    title: str  # Russian
    points: float
    public: bool  # inputs and stdout are shown to the student
    device: str = "cpu"  # or "gpu": where the solution is called


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known wrong implementation: solutions/wrong/<id>.py."""

    id: str
    hint: str  # Russian, for the student whose outputs equal the mistake's
    tag: str = ""  # of fixtures/misconceptions.yaml, which questions share


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an element may be off: ``rel * (|expected| + scale)``.

    ``scale`` is the root mean square of the expected tensor unless given, so an
    answer of constant zeros never passes; ``rel`` depends on the dtype unless given.
    """

    rel: float | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise folder, read and checked."""

    uuid: str
    slug: str
    title: str  # Russian
    chapter: str  # slug of the textbook's chapter
    section: int  # number of the section in the chapter
    difficulty: int  # 1..5
    device: str  # "cpu", "gpu" or "any"
    requires: tuple[str, ...]  # names a submission must define
    returns: Mapping[str, tuple[str, ...]]  # names of the parts a function returns
    limits: Limits
    float64: bool  # the reference computes in float64
    forbidden_api: tuple[str, ...]  # patterns of dotted names
    forbidden_operators: tuple[str, ...]  # patterns of aten operators
    checks: tuple[Check, ...]
    mistakes: tuple[Mistake, ...]
    folder: Path
    statement: str  # Russian Markdown with LaTeX
    starter: str
    probe: str | None  # public, runs in the sandbox; None: the generic one
    digest: str  # sha256 of the folder: the exercise's version

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def wants_gpu(self) -> bool:
        """Whether a worker with a GPU can judge more of it than others."""
        return any(check.device == "gpu" for check in self.checks)

    @property
    def correct_solutions(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "solutions" / "correct").glob("*.py")))

    def wrong_solution(self, mistake_id: str) -> Path:
        return self.folder / "solutions" / "wrong" / f"{mistake_id}.py"


def load_exercise(slug: str) -> Exercise:
    """The exercise of that name.

    Raises:
        UnknownExercise: no such folder.
        MalformedExercise: the folder breaks the format.
    """
    if slug not in exercise_slugs():
        raise UnknownExercise(slug)
    return _load(slug)


@cache
def all_exercises() -> tuple[Exercise, ...]:
    """Every well-formed exercise, in the order of their slugs.

    A malformed folder is logged and left out: one author's slip must not take the
    pages of all others down. ``check_exercises`` refuses it.
    """
    return tuple(_well_formed(exercise_slugs()))


def _well_formed(slugs: Iterable[str]) -> Iterator[Exercise]:
    for slug in slugs:
        try:
            yield _load(slug)
        except MalformedExercise as error:
            logger.error("exercise left out: %s", error)


@cache
def exercise_slugs() -> tuple[str, ...]:
    """The names of all folders that say they are exercises."""
    return tuple(
        sorted(manifest.parent.name for manifest in ROOT.glob(f"*/{MANIFEST}"))
    )


@cache
def _load(slug: str) -> Exercise:
    return read_folder(ROOT / slug)


def read_folder(folder: Path) -> Exercise:
    """Read one exercise folder and refuse whatever breaks the format."""
    fields = _manifest(folder / MANIFEST)
    device = fields.one_of("device", DEVICES)
    checks = _on(device, fields.tables("checks", _check), folder / MANIFEST)
    mistakes = fields.tables("mistakes", _mistake)
    forbidden = fields.table("forbidden", required=False)
    exercise = Exercise(
        uuid=fields.uuid("uuid"),
        slug=fields.exactly("slug", folder.name),
        title=fields.text("title"),
        chapter=fields.text("chapter"),
        section=fields.integer("section", low=1, high=99),
        difficulty=fields.integer("difficulty", low=1, high=5),
        device=device,
        requires=fields.names("requires"),
        returns=fields.lists("returns"),
        limits=_limits(fields.table("limits")),
        float64=fields.flag("float64", default=True),
        forbidden_api=forbidden.strings("api"),
        forbidden_operators=forbidden.strings("operators"),
        checks=checks,
        mistakes=mistakes,
        folder=folder,
        statement=text(folder / "statement.md"),
        starter=text(folder / "starter.py"),
        probe=optional_text(folder / "probe.py"),
        digest=digest(folder),
    )
    forbidden.refuse_unread()
    fields.refuse_unread()
    _refuse_incomplete(exercise)
    return exercise


def _manifest(path: Path) -> Fields:
    try:
        return Fields(path, tomllib.loads(text(path)))
    except tomllib.TOMLDecodeError as error:
        raise MalformedExercise(path, "", f"is no valid TOML: {error}") from error


def _limits(fields: Fields) -> Limits:
    limits = Limits(
        time_s=fields.number("time_s", low=0.1, high=HIGHEST_TIME_S),
        memory_mb=fields.integer("memory_mb", low=64, high=65536),
        device_memory_mb=fields.integer(
            "device_memory_mb", low=64, high=1 << 20, default=DEVICE_MEMORY_MB
        ),
    )
    fields.refuse_unread()
    return limits


def _check(fields: Fields) -> Check:
    on_gpu = "device" in fields.keys and fields.one_of("device", ("gpu",)) == "gpu"
    if on_gpu:
        cure = "cannot be had by a check that only some workers can judge; remove it"
        fields.refuse("points", cure)
    return Check(
        name=fields.name("name"),
        title=fields.text("title"),
        points=0.0 if on_gpu else fields.number("points", low=0.1, high=100),
        public=fields.flag("public", default=False),
        device="gpu" if on_gpu else "cpu",
    )


def _on(device: str, checks: tuple[Check, ...], manifest: Path) -> tuple[Check, ...]:
    """The checks of an exercise for this device."""
    if device != "any" and any(check.device == "gpu" for check in checks):
        cure = f'is {device!r}; a check of its own device needs device = "any"'
        raise MalformedExercise(manifest, "device", cure)
    if not any(check.points for check in checks):
        raise MalformedExercise(manifest, "checks", "have no points; add one that has")
    if device == "gpu":
        return tuple(replace(check, device="gpu") for check in checks)
    return checks


def _mistake(fields: Fields) -> Mistake:
    return Mistake(
        id=fields.name("id"), hint=fields.text("hint"), tag=fields.text("tag", "")
    )


def _refuse_incomplete(exercise: Exercise) -> None:
    """Names are unique, and every file that the manifest implies is there."""
    manifest = exercise.folder / MANIFEST
    _refuse_repeats(manifest, "checks", [check.name for check in exercise.checks])
    _refuse_repeats(manifest, "mistakes", [m.id for m in exercise.mistakes])
    for needed in ("reference.py", "checks.py"):
        text(exercise.folder / needed)
    if not exercise.correct_solutions:
        path = exercise.folder / "solutions" / "correct"
        raise MalformedExercise(path, "", "is empty; add another correct solution")
    _refuse_unmatched_mistakes(exercise)


def _refuse_repeats(manifest: Path, field: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise MalformedExercise(manifest, field, f"{name!r} is named twice")


def _refuse_unmatched_mistakes(exercise: Exercise) -> None:
    for mistake in exercise.mistakes:
        text(exercise.wrong_solution(mistake.id))
    known = {mistake.id for mistake in exercise.mistakes}
    for path in sorted((exercise.folder / "solutions" / "wrong").glob("*.py")):
        if path.stem not in known:
            cure = f"has no hint; add a [[mistakes]] table with id = {path.stem!r}"
            raise MalformedExercise(path, "", cure)
