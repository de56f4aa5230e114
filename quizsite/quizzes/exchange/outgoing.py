"""Our questions in the form that other systems share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from quizsite.lib.markup import render_inline, render_markdown
from quizsite.quizzes.exchange.items import Answer, Exchange, Item, foreign_html
from quizsite.quizzes.questions import QuestionSpec, Variant
from quizsite.quizzes.types.boxes import Box, Boxes
from quizsite.quizzes.types.choice import Choices
from quizsite.quizzes.types.code_output import CodeOutput
from quizsite.quizzes.types.matching import Matching
from quizsite.quizzes.types.numeric import NumberBox
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.ordering import Ordering
from quizsite.quizzes.types.rubric import Criterion

SEEDS = 1  # variants of a question with parameters, unless more are asked for


def export(questions: Iterable[QuestionSpec], variants: int = SEEDS) -> Exchange:
    """Each question, or several variants of one that has parameters."""
    exchange = Exchange()
    for question in questions:
        count = variants if question.parameters.choices else 1
        if question.parameters.choices:
            said = f"вместо параметров — готовых вариантов: {count}"
            exchange.lose(question.id, said)
        for seed in range(count):
            name = question.id if count == 1 else f"{question.id}-{seed + 1}"
            exchange.items += _items(name, question.variant(seed), exchange)
    return exchange


def _items(name: str, variant: Variant, exchange: Exchange) -> Iterator[Item]:
    drawn = variant.drawn
    match drawn:
        case Choices():
            yield _choice(name, variant, drawn, exchange)
        case Boxes():
            yield from _boxes(name, variant, drawn, exchange)
        case Matching():
            pairs = tuple(
                (foreign_html(str(row.html)), drawn.rights[int(row.right) - 1])
                for row in drawn.rows
            )
            used = {right for _, right in pairs}
            extra = tuple(right for right in drawn.rights if right not in used)
            yield _item(name, "matching", variant, pairs=pairs, distractors=extra)
        case Ordering():
            said = "порядок стал соответствием «место — действие»: частичного балла нет"
            exchange.lose(variant.question.id, said)
            ranked = sorted(drawn.items, key=lambda item: item.rank)
            pairs = tuple((str(item.rank), item.label) for item in ranked)
            yield _item(name, "matching", variant, pairs=pairs)
        case CodeOutput():
            yield _code(name, variant, drawn)
        case Open():
            yield _essay(name, variant, drawn)
        case _:
            said = f"тип {variant.question.type} не переносится: вопрос пропущен"
            exchange.lose(variant.question.id, said)


def _item(name: str, kind: str, variant: Variant, **more: object) -> Item:
    question = variant.question
    values = {
        "text": foreign_html(str(variant.text)),
        "explanation": foreign_html(str(variant.explanation)),
        "hints": tuple(foreign_html(str(hint)) for hint in variant.hints),
        "points": question.points,
        **more,
    }
    return Item(name, kind, **values)  # type: ignore[arg-type]


def _choice(name: str, variant: Variant, drawn: Choices, exchange: Exchange) -> Item:
    right = sum(one.correct for one in drawn.choices)
    wrong = len(drawn.choices) - right
    penalty = -1 / wrong if drawn.many and wrong else 0.0
    if drawn.many:
        exchange.lose(variant.question.id, "доли баллов за варианты округлены")
    answers = tuple(
        Answer(
            foreign_html(str(one.html)),
            1 / right if one.correct else penalty,
            _told(one.near.hint),
        )
        for one in drawn.choices
    )
    kind = "multiple" if drawn.many else "single"
    return _item(name, kind, variant, answers=answers)


def _told(hint: str) -> str:
    return foreign_html(str(render_markdown(hint))) if hint else ""


def _boxes(
    name: str, variant: Variant, drawn: Boxes, exchange: Exchange
) -> Iterator[Item]:
    """One question for each box: elsewhere a question has one answer."""
    if len(drawn.boxes) > 1:
        said = f"несколько полей: стал вопросами ({len(drawn.boxes)})"
        exchange.lose(variant.question.id, said)
    for box in drawn.boxes:
        suffix = f"-{box.id}" if box.id else ""
        text = foreign_html(str(variant.text))
        if box.label:
            label = foreign_html(str(render_inline(box.label)))
            text += f"<p><strong>{label}</strong></p>"
        text += f"<p><em>{escape(box.rule)}</em></p>" if box.rule else ""
        yield _box(f"{name}{suffix}", text, variant, box, exchange)


def _box(name: str, text: str, variant: Variant, box: Box, exchange: Exchange) -> Item:
    misses = _foreseen(box)
    if isinstance(box, NumberBox):
        answer = Answer(_decimal(float(box.value)), 1.0, "", _width(box))
        misses = tuple(
            Answer(_decimal(float(miss.value)), 0.0, _told(miss.hint), _width(box))
            for miss in box.near_misses
        )
        return _item(name, "number", variant, text=text, answers=(answer, *misses))
    said = f"{variant.question.type}: принимается только точно такая запись"
    exchange.lose(variant.question.id, said)
    answers = (Answer(box.key, 1.0), *misses)
    return _item(name, "text", variant, text=text, answers=answers)


def _foreseen(box: Box) -> tuple[Answer, ...]:
    hints = [miss.hint for miss in getattr(box, "near_misses", ())]
    texts = box.near_texts()
    return tuple(
        Answer(text, 0.0, _told(hint)) for text, hint in zip(texts, hints, strict=False)
    )


def _width(box: NumberBox) -> float:
    """How far from the key a number may be."""
    absolute, relative = box.tolerance.absolute, box.tolerance.relative
    return float(absolute) + float(relative) * abs(float(box.value))


def _decimal(value: float) -> str:
    return f"{value:.12g}"


def _code(name: str, variant: Variant, drawn: CodeOutput) -> Item:
    text = foreign_html(str(variant.text))
    text += f"<pre><code>{escape(drawn.code)}</code></pre>"
    misses = (Answer(m.value, 0.0, _told(m.hint)) for m in drawn.near_misses)
    answers = (Answer(drawn.answer, 1.0), *misses)
    return _item(name, "text", variant, text=text, answers=answers)


def _essay(name: str, variant: Variant, drawn: Open) -> Item:
    points = "".join(f"<li>{_criterion(one)}</li>" for one in drawn.criteria)
    notes = f"<ul>{points}</ul>{foreign_html(str(drawn.sample_html))}"
    return _item(name, "essay", variant, grader_notes=notes)


def _criterion(one: Criterion) -> str:
    """A fact as it is; a rubric's row with its levels, in one line."""
    name = foreign_html(str(one.html))
    levels = [
        f"{level.points_text} — {foreign_html(str(level.html))}"
        for level in one.levels
        if level.html
    ]
    return f"{name}: {'; '.join(levels)}" if levels else name
