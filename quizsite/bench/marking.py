"""How long an answer takes to be read and marked, and formulas at their worst."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import yaml
from django.conf import settings
from django.core.management.base import CommandError

from quizsite.bench.rows import Row
from quizsite.lib.formulas.symbolic import PATIENCE_S
from quizsite.quizzes.questions import Variant, load_quiz_file
from quizsite.quizzes.soundness import quiz_files
from quizsite.quizzes.stored import stored_question
from quizsite.quizzes.types.base import Raw

ALLOWED_MS = 20.0
ALLOWED_S = PATIENCE_S + 0.5  # with the replacing of a process that was late

# The longest that the language allows, of what costs most to compute.
HEAVY = {
    "wrong": "+".join(["tan(sin(exp(x^y)))"] * 10),
    "equal, unlike in form": f"x*y + ({'+'.join(['log2(2^x)'] * 18)}) - 18*x",
    "with noise to look through": "((x + 1e9)^9 - (x + 1e9)^9) + 1e18*y - 1e18*y + x*y",
}
# Equal to forty digits at every point, so that SymPy is asked; it does not know.
HOPELESS = "x*y + 1e-45*(sin(x) + cos(y) + x)^60"
_QUESTION = """
{id: worst, type: formula, section: 1, text: x, explanation: x, answer: x*y,
 symbols: {x: {float: [0.1, 2]}, y: {float: [0.1, 2]}},
 near_misses: [{answer: x + y, hint: x}, {answer: x/y, hint: x}]}
"""


def measure(times: int) -> Iterator[Row]:
    """Every foreseen answer of every question, then formulas made to be slow."""
    by_type: dict[str, list[float]] = {}
    for variant, raw in _answers():
        took = by_type.setdefault(variant.question.type, [])
        took.append(_took_ms(variant, raw, times))
    for kind, samples in sorted(by_type.items()):
        what = f"marking, {kind}, slowest of {len(samples)} answers"
        yield Row(what, max(samples), "ms", at_most=ALLOWED_MS)
    variant = stored_question("bench", yaml.safe_load(_QUESTION)).variant(1)
    for kind, formula in HEAVY.items():
        took_ms = _took_ms(variant, formula, times)
        yield Row(f"marking, formula, {kind}", took_ms, "ms", at_most=ALLOWED_MS)
    yield _hopeless(variant)


def _answers() -> Iterator[tuple[Variant, Raw]]:
    for path in quiz_files(settings.CHAPTERS_DIR).values():
        for question in load_quiz_file(path, proofs=0).questions:
            variant = question.variant(1)
            for raw in [variant.key, *variant.drawn.wrong_answers()]:
                yield variant, raw


def _took_ms(variant: Variant, raw: Raw, times: int) -> float:
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        parsed = variant.parse(raw)
        variant.mark(parsed)
        samples.append((time.perf_counter() - start) * 1000)
        if not parsed.ok:
            raise CommandError(f"{raw!r} is not read: {dict(parsed.errors)}")
    return median(samples)


def _hopeless(variant: Variant) -> Row:
    start = time.perf_counter()
    marked = variant.mark(variant.parse(HOPELESS))
    took = time.perf_counter() - start
    if not marked.undecided:
        raise CommandError(f"SymPy has become wiser: {HOPELESS} is decided")
    return Row("formula that nobody can decide", took, "s", at_most=ALLOWED_S)
