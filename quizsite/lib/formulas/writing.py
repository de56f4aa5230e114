"""A formula as a reader would type it, and as a book prints it."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction

from quizsite.lib.numbers import format_number
from quizsite.lib.typed import GREEK

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly the parts hold together


def to_text(tree: ast.expr) -> str:
    """``(1 - t)/t``: what the reader's language reads back as the same formula."""
    return _Text().write(tree)[0]


def to_latex(tree: ast.expr) -> str:
    r"""``\frac{1 - t}{t}``."""
    return _Latex().write(tree)[0]


def name_to_latex(name: str) -> str:
    r"""``z1`` as ``z_{1}``, ``eta`` as ``\eta``."""
    return _Latex().name(name)


Written = tuple[str, int]  # with how tightly it holds together


class _Writer(ABC):
    def write(self, node: ast.expr) -> Written:
        match node:
            case ast.Constant(value=value):
                return self.number(Fraction(value))  # type: ignore[arg-type]
            case ast.Name(id=name):
                return self.name(name), ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.inside(operand, SIGN)}", SIGN
            case ast.UnaryOp(operand=operand):
                return self.write(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                sign = "+" if isinstance(op, ast.Add) else "-"
                # a - (b + c), but a + b - c
                least = PRODUCT if isinstance(op, ast.Sub) else SUM
                after = self.inside(right, least)
                if after.startswith("-"):
                    after = self.brackets(after)
                return f"{self.inside(left, SUM)} {sign} {after}", SUM
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(left, op, right)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args)
        raise AssertionError(ast.dump(node))

    def inside(self, node: ast.expr, least: int) -> str:
        """In brackets if it holds together less tightly than its place asks."""
        text, level = self.write(node)
        return text if level >= least else self.brackets(text)

    @abstractmethod
    def brackets(self, text: str) -> str: ...

    @abstractmethod
    def number(self, value: Fraction) -> Written: ...

    @abstractmethod
    def name(self, name: str) -> str: ...

    @abstractmethod
    def binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Written: ...

    @abstractmethod
    def call(self, name: str, args: list[ast.expr]) -> Written: ...


class _Text(_Writer):
    _SIGNS: Mapping[type, str] = {
        ast.Mult: "*",
        ast.Div: "/",
        ast.FloorDiv: "//",
        ast.Mod: " % ",
    }

    def brackets(self, text: str) -> str:
        return f"({text})"

    def number(self, value: Fraction) -> Written:
        text = format_number(value, "code")
        if "e" in text:  # too small to be written out
            return f"{value.numerator}/{value.denominator}", PRODUCT
        return text.replace(".", ","), PRODUCT if "/" in text else ATOM

    def name(self, name: str) -> str:
        return name

    def binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Written:
        if isinstance(op, ast.Pow):
            return f"{self.inside(left, ATOM)}^{self.inside(right, ATOM)}", POWER
        sign = self._SIGNS[type(op)]
        return f"{self.inside(left, PRODUCT)}{sign}{self.inside(right, POWER)}", PRODUCT

    def call(self, name: str, args: list[ast.expr]) -> Written:
        inner = "; ".join(self.write(one)[0] for one in args)
        return f"{name}({inner})", ATOM


_LETTERS = {
    **{name: rf"\{name}" for name in GREEK.values()},
    "eps": r"\varepsilon",
    "lam": r"\lambda",
    "phi": r"\varphi",
}
_FUNCTIONS = {
    "ln": r"\ln",
    "log": r"\ln",
    "log2": r"\log_2",
    "log10": r"\lg",
    "lg": r"\lg",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\operatorname{tg}",
    "tg": r"\operatorname{tg}",
    "tanh": r"\operatorname{th}",
    "sigmoid": r"\sigma",
    "round": r"\operatorname{round}",
    "min": r"\min",
    "max": r"\max",
}
_AROUND = {
    "abs": (r"\left|", r"\right|"),
    "floor": (r"\left\lfloor ", r"\right\rfloor "),
    "ceil": (r"\left\lceil ", r"\right\rceil "),
    "sqrt": (r"\sqrt{", "}"),
}


class _Latex(_Writer):
    def brackets(self, text: str) -> str:
        tall = r"\frac" in text
        return rf"\left({text}\right)" if tall else f"({text})"

    def number(self, value: Fraction) -> Written:
        text = format_number(value, "math")
        return text, ATOM if re.fullmatch(r"[\d,{}\\]+", text) else PRODUCT

    def name(self, name: str) -> str:
        found = re.fullmatch(r"([A-Za-z]+)_?(\w*)", name)
        base, index = found.groups() if found else (name, "")
        letter = base if len(base) == 1 else rf"\mathrm{{{base}}}"
        letter = _LETTERS.get(base, letter)
        if not index:
            return letter
        index = index if index.isdigit() or len(index) == 1 else rf"\mathrm{{{index}}}"
        return f"{letter}_{{{index.replace('_', ',')}}}"

    def binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Written:
        if isinstance(op, ast.Pow):
            return f"{self.inside(left, ATOM)}^{{{self.write(right)[0]}}}", POWER
        if isinstance(op, ast.Mult):
            after = self.inside(right, POWER)
            sign = r" \cdot " if after[:1].isdigit() else r" \, "
            return f"{self.inside(left, PRODUCT)}{sign}{after}", PRODUCT
        if isinstance(op, ast.Mod):
            inner = self.inside(left, PRODUCT), self.inside(right, POWER)
            return r"{} \bmod {}".format(*inner), PRODUCT
        fraction = rf"\frac{{{self.write(left)[0]}}}{{{self.write(right)[0]}}}"
        if isinstance(op, ast.FloorDiv):
            return rf"\left\lfloor {fraction}\right\rfloor ", ATOM
        return fraction, PRODUCT

    def call(self, name: str, args: list[ast.expr]) -> Written:
        if name == "factorial":
            return f"{self.inside(args[0], ATOM)}!", POWER
        inner = "; ".join(self.write(one)[0] for one in args)  # once: they are nested
        if name == "exp":
            return f"e^{{{inner}}}", POWER
        if name in _AROUND:
            before, after = _AROUND[name]
            return f"{before}{inner}{after}", ATOM
        return rf"{_FUNCTIONS[name]}{self.brackets(inner)}", ATOM
