"""What a question's expressions and texts may use, and reading them from a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from quizsite.lib.expressions import (
    Expression,
    ExpressionError,
    Number,
    parse_expression,
    suggestion,
)
from quizsite.lib.numbers import Style
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.texts import Template, TemplateError, parse_template


def read_expression(document: Document, names: Iterable[str] = ()) -> Expression:
    """An author's expression that uses only ``names``.

    Raises:
        DocumentError: with the character where it goes wrong.
    """
    raw = document.expect((str, int, float))
    source = raw if isinstance(raw, str) else repr(raw)
    try:
        expression = parse_expression(source)
    except ExpressionError as error:
        where = f"символ {error.offset + 1} в «{source}»"
        raise document.error(f"{error.message}: {where}") from error
    _refuse_unknown(document, expression.names, set(names))
    return expression


def read_constant(document: Document) -> Number:
    """A number; YAML takes ``1e-3`` for text, so text is read as well."""
    try:
        return read_expression(document).evaluate({})
    except ExpressionError as error:
        raise document.error(error.message) from error


def _refuse_unknown(document: Document, used: Iterable[str], known: set[str]) -> None:
    for name in sorted(set(used) - known):
        raise document.error(f"неизвестное имя «{name}»{suggestion(name, known)}")


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one question: its parameters and what is let."""

    names: frozenset[str]
    lets: Mapping[str, Expression] = field(default_factory=dict)

    def behind(self, expression: Expression) -> list[Expression]:
        """The expression and the lets that it depends on, directly or not."""
        found, waiting = [expression], set(expression.names)
        known = set(waiting)
        while waiting:
            let = self.lets.get(waiting.pop())
            if let is not None:
                found.append(let)
                waiting |= let.names - known
                known |= let.names
        return found

    def expression(self, document: Document, extra: Iterable[str] = ()) -> Expression:
        return read_expression(document, self.names | set(extra))

    def template(self, document: Document, style: Style | None = None) -> Template:
        """A text with slots; a bare number is taken as text."""
        raw = document.expect((str, int, float))
        source = raw if isinstance(raw, str) else repr(raw)
        if not source.strip():
            raise document.error("пустой текст")
        try:
            template = parse_template(source, style)
        except TemplateError as error:
            raise document.error(str(error)) from error
        _refuse_unknown(document, template.names, set(self.names))
        return template

    def optional(
        self, document: Document, key: str, style: Style | None = None
    ) -> Template | None:
        if key not in document.value:
            return None
        return self.template(document.child(key), style)

    def templates(self, document: Document, key: str) -> tuple[Template, ...]:
        """A list of texts, empty if the key is absent."""
        if key not in document.value:
            return ()
        return tuple(self.template(one) for one in document.child(key).items())
