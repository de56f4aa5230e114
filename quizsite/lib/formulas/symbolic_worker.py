"""The process in which SymPy works; started by :mod:`symbolic`, never imported.

Standard input brings one JSON object a line, ``{"left": …, "right": …, "symbols": …}``;
standard output answers each with ``{"equal": true | false | null}``. Trees are lists,
``["+", ["name", "x"], ["number", "1/2"]]``, and SymPy's objects are built from them
one by one with ``evaluate=False``: no text is ever parsed here. Memory and processor
time are limited before the first line is read; the parent holds the clock.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

import sympy

MEMORY = 1 << 30  # of address space, SymPy included
SECONDS = 4  # of processor time for one line
IDLE_SECONDS = 600  # without a line; then the memory is given back
LONGEST = 100_000  # bytes of a line

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: sympy.Add(a, b, evaluate=False),
    "-": lambda a, b: sympy.Add(a, _negative(b), evaluate=False),
    "*": lambda a, b: sympy.Mul(a, b, evaluate=False),
    "/": lambda a, b: sympy.Mul(a, _power(b, sympy.Integer(-1)), evaluate=False),
    "^": lambda a, b: _power(a, b),
    "//": lambda a, b: sympy.floor(a / b),
    "%": lambda a, b: a - b * sympy.floor(a / b),
}
UNARY: dict[str, Callable[..., Any]] = {
    "-": lambda a: _negative(a),
    "sqrt": lambda a: _power(a, sympy.Rational(1, 2)),
    "ln": lambda a: sympy.log(a, evaluate=False),
    "log": lambda a: sympy.log(a, evaluate=False),
    "log2": lambda a: sympy.log(a) / sympy.log(2),
    "log10": lambda a: sympy.log(a) / sympy.log(10),
    "lg": lambda a: sympy.log(a) / sympy.log(10),
    "exp": lambda a: sympy.exp(a, evaluate=False),
    "sin": lambda a: sympy.sin(a, evaluate=False),
    "cos": lambda a: sympy.cos(a, evaluate=False),
    "tan": lambda a: sympy.tan(a, evaluate=False),
    "tg": lambda a: sympy.tan(a, evaluate=False),
    "tanh": lambda a: sympy.tanh(a, evaluate=False),
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
    "factorial": lambda a: sympy.factorial(a, evaluate=False),
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "abs": sympy.Abs,
}
MANY: dict[str, Callable[..., Any]] = {"min": sympy.Min, "max": sympy.Max}
CONSTANTS = {"pi": sympy.pi, "e": sympy.E}


def _negative(value: Any) -> Any:
    return sympy.Mul(sympy.Integer(-1), value, evaluate=False)


def _power(base: Any, exponent: Any) -> Any:
    return sympy.Pow(base, exponent, evaluate=False)


def build(tree: list[Any], names: dict[str, Any]) -> Any:
    """SymPy's object for a tree.

    Raises:
        KeyError: an operation or a name is unknown.
    """
    kind, *parts = tree
    if kind == "number":
        return sympy.Rational(parts[0])
    if kind == "name":
        return names[parts[0]] if parts[0] in names else CONSTANTS[parts[0]]
    operands = [build(part, names) for part in parts]
    if kind in MANY:
        return MANY[kind](*operands)
    return (UNARY if len(operands) == 1 else BINARY)[kind](*operands)


def equal(job: dict[str, Any]) -> bool | None:
    """Whether two formulas are equal; None: SymPy does not know."""
    names = {
        name: sympy.Symbol(name, **facts) for name, facts in job["symbols"].items()
    }
    left, right = build(job["left"], names), build(job["right"], names)
    difference = left.doit() - right.doit()
    if sympy.expand(difference) == 0 or sympy.simplify(difference) == 0:
        return True
    decided = difference.equals(0)
    return None if decided is None else bool(decided)


def answer(line: bytes) -> bool | None:
    try:
        return equal(json.loads(line))
    except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError):
        return None
    except (NotImplementedError, RecursionError, MemoryError):
        return None


def limit() -> None:
    """Memory for good; files and core dumps never; time is granted line by line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))


def grant_time() -> None:
    """Some seconds more than were used: an orphan ends itself."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + SECONDS, hard))


def next_line() -> bytes:
    signal.alarm(IDLE_SECONDS)
    line = sys.stdin.buffer.readline(LONGEST)
    signal.alarm(0)
    return line


def main() -> None:
    limit()
    while line := next_line():
        grant_time()
        sys.stdout.write(json.dumps({"equal": answer(line)}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
