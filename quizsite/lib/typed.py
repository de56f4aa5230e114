"""What a person types, turned into the expression language.

Repairs are those that leave no doubt: the decimal comma, thin spaces, U+2212, ``×``,
``^``, powers and indices set high and low, Greek letters, Cyrillic letters that look
like Latin ones, and the multiplication sign that nobody writes in ``2x`` and
``2(x + 1)``. What could be meant in two ways (``1/2x``, ``2^3x``) is refused. Every
character keeps its origin, so an error points at what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from quizsite.lib.arithmetic import CONSTANTS, FUNCTIONS
from quizsite.lib.expressions import (
    KEYWORDS,
    MAX_LENGTH,
    TOKEN,
    Expression,
    ExpressionError,
    parse_expression,
    suggestion,
)

LOOK_ALIKES = dict(zip("АВСЕНІКМОРТХаеікорстух", "ABCEHIKMOPTXaeikopctyx", strict=True))
_GREEK = "α alpha β beta γ gamma δ delta ε eps ζ zeta η eta θ theta κ kappa λ lam μ mu "
_GREEK += "ν nu ξ xi π pi ρ rho σ sigma τ tau φ phi χ chi ψ psi ω omega"
GREEK = dict(zip(_GREEK.split()[::2], _GREEK.split()[1::2], strict=True))
ALIASES = {"th": "tanh", "sigma": "sigmoid"}  # of functions
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SIGNS = {
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014", "-"),
    **dict.fromkeys("×·⋅∙∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\t", " "),
    "^": "**",
    ";": ",",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
}
_SPACE = "[ \u00a0\u2007\u2009\u200a\u202f]"
_REPAIR = re.compile(
    rf"(?P<group>(?<=\d){_SPACE}(?=\d{{3}}(?!\d)))"
    r"|(?P<comma>(?<=\d),(?=\d))"
    r"|(?P<root>√\s*(?P<of>\d+(?:[.,]\d+)?|[A-Za-z]\w*(?!\w|\s*\())?)"
    r"|(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)"
    r"|(?P<index>[₀₁₂₃₄₅₆₇₈₉]+)"
    r"|(?P<greek>[" + "".join(GREEK) + r"])"
    r"|(?P<letter>[" + "".join(LOOK_ALIKES) + r"])"
    r"|(?P<sign>[" + re.escape("".join(_SIGNS)) + r"])"
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """Typed text in the expression language, with the origin of each character."""

    text: str
    origins: tuple[int, ...]

    def origin(self, offset: int) -> int:
        return self.origins[min(offset, len(self.origins) - 1)] if self.origins else 0

    def moved(self, error: ExpressionError) -> ExpressionError:
        return ExpressionError(error.message, self.origin(error.offset))


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression as read, and the text that it was read from."""

    expression: Expression
    repaired: Repaired

    def error(self, message: str, offset: int) -> ExpressionError:
        """An error at a character of the expression, moved to what was typed."""
        lead = len(self.repaired.text) - len(self.repaired.text.lstrip())
        return self.repaired.moved(ExpressionError(message, offset + lead))


def read_typed(
    text: str, *, names: Iterable[str] = (), decimal_comma: bool = True
) -> Typed:
    """An expression a reader typed, which may use ``names``.

    Raises:
        ExpressionError: in Russian, pointing at the character that was typed.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"слишком длинно: больше {MAX_LENGTH} знаков", MAX_LENGTH)
    known = list(names)
    repaired = repair(text, names=known, decimal_comma=decimal_comma)
    try:
        expression = parse_expression(repaired.text)
    except ExpressionError as error:
        raise repaired.moved(error) from error
    _refuse_unknown(expression, repaired, known)
    return Typed(expression, repaired)


def _refuse_unknown(
    expression: Expression, repaired: Repaired, known: list[str]
) -> None:
    for name in sorted(expression.names - set(known)):
        hint = _product_hint(name, known) or suggestion(name, known)
        if known and not hint:
            hint = f"; можно: {', '.join(known)}"
        found = re.search(rf"\b{re.escape(name)}\b", repaired.text)
        offset = repaired.origin(found.start()) if found else 0
        raise ExpressionError(f"неизвестное имя «{name}»{hint}", offset)


def _product_hint(name: str, known: list[str]) -> str:
    product = len(name) > 1 and set(name) <= set(known)
    return f"; если это произведение, пишите {'*'.join(name)}" if product else ""


def look_alikes_in(text: str) -> str:
    """What to tell the reader about Cyrillic letters taken for Latin; else nothing."""
    found = dict.fromkeys(letter for letter in text if letter in LOOK_ALIKES)
    pairs = ", ".join(f"{one} → {LOOK_ALIKES[one]}" for one in found)
    return f"русские буквы прочитаны как латинские: {pairs}" if pairs else ""


# --- characters -----------------------------------------------------------------------


def repair(
    text: str, *, names: Iterable[str] = (), decimal_comma: bool = True
) -> Repaired:
    """What was typed, in the expression language.

    Raises:
        ExpressionError: a sign was left out where two would make sense.
    """
    pieces: list[tuple[str, int]] = []
    position = 0
    for match in _REPAIR.finditer(text):
        pieces += [(text[i], i) for i in range(position, match.start())]
        new = _replacement(match, decimal_comma)
        pieces += [(character, match.start()) for character in new]
        position = match.end()
    pieces += [(text[i], i) for i in range(position, len(text))]
    repaired = Repaired("".join(c for c, _ in pieces), tuple(i for _, i in pieces))
    try:
        return _with_signs(repaired, frozenset(names))
    except ExpressionError as error:
        raise repaired.moved(error) from error


def _replacement(match: re.Match[str], decimal_comma: bool) -> str:
    found = match[0]
    match match.lastgroup:
        case "group":
            return ""
        case "comma":
            return "." if decimal_comma else ","
        case "root" | "of":
            inner = (match["of"] or "").replace(",", ".")
            return f"sqrt({inner})" if inner else "sqrt "
        case "power":
            return f"**({''.join(_SUPERSCRIPTS[c] for c in found)})"
        case "index":
            return "".join(_SUBSCRIPTS[c] for c in found)
        case "greek":
            return _apart(match, GREEK[found])
        case "letter":
            return LOOK_ALIKES[found]
    return _SIGNS[found]


def _apart(match: re.Match[str], name: str) -> str:
    """A Greek letter's name must not run into the letters beside it."""
    before = match.string[: match.start()][-1:]
    after = match.string[match.end() :][:1]
    left = " " if before.isalpha() else ""
    return f"{left}{name} " if after.isalpha() else f"{left}{name}"


# --- signs that were left out -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "number", "name" or "sign"
    text: str
    start: int


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens up to the first character that is none; that one is refused later."""
    position = 0
    while token := TOKEN.match(text, position):
        position = token.end()
        if token.lastgroup != "space":
            yield _Token(str(token.lastgroup), token[0], token.start())


def _with_signs(repaired: Repaired, names: frozenset[str]) -> Repaired:
    """With the multiplication signs and the functions' names that were meant."""
    tokens = list(_tokens(repaired.text))
    edits: list[tuple[int, int, str]] = []  # from, to, instead
    for index, (token, following) in enumerate(pairwise(tokens)):
        if renamed := _function(token, following, names):
            edits.append((token.start, token.start + len(token.text), renamed))
        elif _sign_missing(token, following, names):
            _refuse_doubtful(tokens, index)
            edits.append((following.start, following.start, "*"))
    return _edited(repaired, edits)


def _function(token: _Token, following: _Token, names: frozenset[str]) -> str:
    """The function that ``Ln(`` or ``th(`` means, if it is not written so already."""
    if token.kind != "name" or following.text != "(" or token.text in names:
        return ""
    name = ALIASES.get(token.text.lower(), token.text.lower())
    return name if name in FUNCTIONS and name != token.text else ""


def _sign_missing(left: _Token, right: _Token, names: frozenset[str]) -> bool:
    """Whether a product is meant.

    Raises:
        ExpressionError: something else may be.
    """
    if KEYWORDS & {left.text, right.text}:
        return False
    begins = right.kind in ("number", "name") or right.text == "("
    if left.kind == "name" and begins and not (left.text in names or right.text == "("):
        _refuse_bare_function(left, right)
    if left.kind == "number" or left.text == ")":
        if right.kind == "number":
            raise ExpressionError(f"пропущен знак перед {right.text}", right.start)
        return begins
    if left.kind != "name" or not begins:
        return False
    if right.text == "(":
        return left.text in names or left.text in CONSTANTS
    message = f"пропущен знак между «{left.text}» и «{right.text}»"
    raise ExpressionError(message, right.start)


def _refuse_bare_function(name: _Token, argument: _Token) -> None:
    if name.text.lower() in {*FUNCTIONS, *ALIASES}:
        example = f"{name.text.lower()}({argument.text})"
        message = f"после {name.text} нужны скобки: {example}"
        raise ExpressionError(message, argument.start)


def _refuse_doubtful(tokens: list[_Token], index: int) -> None:
    """A product without a sign after a division or in an exponent: of what?"""
    begin = _operand_start(tokens, index)
    before = tokens[begin - 1].text if begin else ""
    place = tokens[index + 1].start
    if before in ("/", "//", "%"):
        message = "неясно, всё ли это в знаменателе: поставьте скобки или знак *"
        raise ExpressionError(message, place)
    if before == "**" and tokens[index].text != ")":
        message = "неясно, всё ли это в показателе степени: поставьте скобки или знак *"
        raise ExpressionError(message, place)


def _operand_start(tokens: list[_Token], index: int) -> int:
    """Where the operand begins that ends with this token."""
    if tokens[index].text != ")":
        return index
    depth = 0
    for place in range(index, -1, -1):
        depth += (tokens[place].text == ")") - (tokens[place].text == "(")
        if depth == 0:
            called = place and tokens[place - 1].kind == "name"
            return place - 1 if called else place
    return index


def _edited(repaired: Repaired, edits: list[tuple[int, int, str]]) -> Repaired:
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for start, end, new in [*edits, (len(repaired.text), len(repaired.text), "")]:
        pieces += [repaired.text[position:start], new]
        origins += repaired.origins[position:start]
        origins += [repaired.origin(start)] * len(new)
        position = end
    return Repaired("".join(pieces), tuple(origins))
