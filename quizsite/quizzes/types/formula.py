"""A formula in given symbols: right if it is equal to the key, however written."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from quizsite.lib.expressions import Expression, ExpressionError, suggestion
from quizsite.lib.formulas.equality import Formula, compared, compared_quickly
from quizsite.lib.formulas.points import Agreement
from quizsite.lib.formulas.reading import Form, read_formula
from quizsite.lib.formulas.specialise import specialise
from quizsite.lib.formulas.writing import to_latex, to_text
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import NearMiss, NearValue, read_near_misses
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict, echo_of
from quizsite.quizzes.types.domains import Domain, read_domain
from quizsite.quizzes.types.fields import field_documents, read_label
from quizsite.quizzes.types.usual_formulas import near_formula
from quizsite.quizzes.types.witness import at, witnessed

FORMS = {
    "simplified": "упростите ответ",
    "no_floats": "без десятичных дробей",
}

SIGNS = "можно + − * / ^, скобки, ln, exp, sqrt и\u00a0другие функции"


@dataclass(frozen=True)
class FormulaBox(Box):
    formula: Formula
    near_misses: tuple[NearValue[Formula], ...]
    domain: Domain
    form: Form
    wide = True

    @property
    def key(self) -> str:
        return to_text(self.formula.expression.tree)

    def near_texts(self) -> list[str]:
        return [to_text(miss.value.expression.tree) for miss in self.near_misses]

    def check(self) -> None:
        """The key has a value at every point; no near miss is equal to it."""
        for index, point in enumerate(self.formula.points):
            try:
                self.formula.sampled.at(index)
            except ExpressionError as error:
                where = at(point)
                raise VariantError(f"ключ {where}: {error.message}") from error
        for miss in self.near_misses:
            agreement = compared_quickly(miss.value, self.formula).agreement
            if agreement is not Agreement.DIFFERENT:
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where} не отличить от ключа {self.key}")

    def read(self, text: str) -> tuple[Expression, str]:
        formula = read_formula(text, self.domain.names, self.form)
        return formula, echo_of(f"${to_latex(formula.tree)}$", text)

    def shown(self, text: str) -> SafeString:
        try:
            latex = to_latex(read_formula(text, self.domain.names).tree)
        except ExpressionError:
            return super().shown(text)
        return format_html('<span class="math inline">{}</span>', latex)

    def judge(self, value: Expression) -> Verdict:
        given = Formula(value, self.formula.points, self.formula.facts)
        quick = compared_quickly(given, self.formula)
        if quick.equal:
            return Verdict(True)
        for miss in self.near_misses:
            if compared_quickly(given, miss.value).equal:
                return Verdict(False, miss.near, witnessed(quick.witness))
        full = compared(given, self.formula) if quick.undecided else quick
        if full.equal or full.undecided:
            return Verdict(full.equal, undecided=full.undecided)
        near = near_formula(given, self.formula, self.domain.whole)
        return Verdict(False, near, witnessed(full.witness))


@dataclass(frozen=True)
class FormulaField:
    id: str
    label: Template | None
    answer: Expression
    near_misses: tuple[NearMiss[Expression], ...]
    domain: Domain
    form: Form
    rule: str

    def draw(self, values: Values) -> FormulaBox:
        misses = tuple(
            NearValue(self._formula(miss.answer, values), miss.near(values))
            for miss in self.near_misses
        )
        label, html = read_label(self.label, values)
        formula = self._formula(self.answer, values)
        return FormulaBox(
            self.id, label, html, "", self.rule, formula, misses, self.domain, self.form
        )

    def _formula(self, expression: Expression, values: Values) -> Formula:
        try:
            special = specialise(expression, values)
        except ExpressionError as error:
            raise VariantError(f"{expression.source}: {error.message}") from error
        return Formula(special, self.domain.points, self.domain.facts)


@dataclass(frozen=True)
class FormulaBody(Body):
    fields: tuple[FormulaField, ...]
    type = "formula"
    required = frozenset()
    optional = frozenset({"answer", "near_misses", "symbols", "form", "fields"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        domain = read_domain(document, scope)
        parts = field_documents(document, {"answer"}, {"answer", "near_misses", "form"})
        return cls(tuple(_read_field(part, scope, domain) for part in parts))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        return Boxes(tuple(one.draw(values) for one in self.fields))


def _read_field(document: Document, scope: Scope, domain: Domain) -> FormulaField:
    def read_answer(part: Document) -> Expression:
        expression = scope.expression(part, domain.names)
        _refuse_open_conditions(part, expression, domain)
        return expression

    forms = _read_forms(document)
    return FormulaField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        read_answer(document.child("answer")),
        read_near_misses(document, scope, read_answer),
        domain,
        Form(**dict.fromkeys(forms, True)),
        _rule(domain, forms),
    )


def _refuse_open_conditions(
    document: Document, expression: Expression, domain: Domain
) -> None:
    """Conditions choose by parameters, which are numbers once a variant is drawn."""
    tests = [n.test for n in ast.walk(expression.tree) if isinstance(n, ast.IfExp)]
    inside = {id(node) for test in tests for node in ast.walk(test)}
    for test in tests:
        used = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        for name in sorted(used & set(domain.names)):
            raise document.error(f"условие не может зависеть от обозначения «{name}»")
    for node in ast.walk(expression.tree):
        truth = isinstance(node, ast.Compare | ast.BoolOp | ast.Not)
        if truth and id(node) not in inside:
            raise document.error("нужна формула, а не условие")


def _read_forms(document: Document) -> list[str]:
    """``form: [simplified, no_floats]``."""
    if "form" not in document.value:
        return []
    parts = list(document.child("form").items())
    for part in parts:
        name = part.expect(str)
        if name not in FORMS:
            known = ", ".join(FORMS)
            hint = suggestion(name, FORMS) or f"; есть {known}"
            raise part.error(f"нет требования «{name}»{hint}")
    return [part.value for part in parts]


def _rule(domain: Domain, forms: list[str]) -> str:
    rule = "точное выражение, например ln(2)/3"
    if domain.names:
        rule = f"выражение через {', '.join(domain.names)}"
    return "; ".join([rule, SIGNS, *(FORMS[form] for form in forms)])
