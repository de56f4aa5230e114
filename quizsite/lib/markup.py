"""Markdown with mathematics to safe HTML; the only module that imports bleach.

Three walls: raw HTML is off in the Markdown parser, bleach's allow-list follows,
and the Content-Security-Policy forbids inline script behind both.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import bleach
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin

ALLOWED_TAGS = frozenset(
    {"a", "blockquote", "br", "code", "div", "em", "h2", "h3", "h4", "hr", "li", "ol"}
    | {"p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
MAX_CHARS = 100_000  # longer than any text here has reason to be; the rest is cut off
CACHED_CHARS = 20_000  # a longer text is rendered anew: the cache must stay small
ALLOWED_CLASSES = frozenset({"math inline", "math block"})


def _allow_attribute(tag: str, name: str, value: str) -> bool:
    match tag, name:
        case "span" | "div", "class":
            return value in ALLOWED_CLASSES
        case "code", "class":
            return value.startswith("language-") and value[9:].isalnum()
        case "a", "href" | "title" | "rel":
            return True
        case "ol", "start":
            return value.isdigit()
    return False


def _math_renderer(tag: str, kind: str) -> Any:
    def render(
        self: RendererProtocol,
        tokens: Sequence[Token],
        index: int,
        options: OptionsDict,
        env: Any,
    ) -> str:
        formula = escape(tokens[index].content.strip())
        return f'<{tag} class="math {kind}">{formula}</{tag}>'

    return render


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.use(
        dollarmath_plugin, allow_labels=False, allow_digits=True, double_inline=True
    )
    parser.add_render_rule("math_inline", _math_renderer("span", "inline"))
    parser.add_render_rule("math_inline_double", _math_renderer("span", "block"))
    parser.add_render_rule("math_block", _math_renderer("div", "block"))
    return parser


_PARSER = _parser()


def _clean(html: str) -> SafeString:
    cleaned = bleach.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes=_allow_attribute,
        protocols={"http", "https", "mailto"},
    )
    return mark_safe(cleaned)


def render_markdown(text: str) -> SafeString:
    """Block-level Markdown with ``$…$`` and ``$$…$$`` as safe HTML."""
    return (_cached_blocks if len(text) <= CACHED_CHARS else _blocks)(text)


def render_inline(text: str) -> SafeString:
    """The same for one line: no paragraph around it."""
    return (_cached_line if len(text) <= CACHED_CHARS else _line)(text)


def _blocks(text: str) -> SafeString:
    return _clean(_PARSER.render(text[:MAX_CHARS]))


def _line(text: str) -> SafeString:
    return _clean(_PARSER.renderInline(text[:MAX_CHARS].strip()))


_cached_blocks = lru_cache(maxsize=1024)(_blocks)
_cached_line = lru_cache(maxsize=4096)(_line)
