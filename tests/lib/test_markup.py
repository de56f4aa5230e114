"""Markdown in, safe HTML out: a corpus of attacks, with nh3 as an independent judge."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.lib import markup
from quizsite.lib.markup import render_inline, render_markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<form action=//evil.example><input name=password></form>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61;vascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '```html" onmouseover="alert(1)\nx\n```',
    "```<script>alert(1)</script>\nx\n```",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "$<script>alert(1)</script>$",
    '$"><img src=x onerror=alert(1)>$',
    "$$</div><script>alert(1)</script>$$",
    "$$x$$ (<img src=x onerror=alert(1)>)",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\htmlData{onclick=alert(1)}{x}$",
    r"$\htmlStyle{position:fixed}{x}$",
    r"$\includegraphics{https://evil.example/pixel.png}$",
    r"$\url{javascript:alert(1)}$",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
    "<<script>script>alert(1)</script>",
    "</span></div></body><script>alert(1)</script>",
]
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "span": {"class"},
    "div": {"class"},
    "code": {"class"},
    "ol": {"start"},
}


class Outline(HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, frozenset[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, frozenset(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(html: str) -> None:
    """nh3, another parser and another author, finds nothing to take away."""
    judged = nh3.clean(
        html,
        tags=set(markup.ALLOWED_TAGS),
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    ours, theirs = Outline(html), Outline(judged)
    assert ours.tags == theirs.tags
    assert ours.text == theirs.text


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_harmless(attack):
    assert_harmless(render_markdown(attack))
    assert_harmless(render_inline(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_inside_other_markup_comes_out_harmless(attack):
    for frame in ("> {}", "- {}", "**{}**", "[{}](https://a.example)", "# {}"):
        assert_harmless(render_markdown(frame.format(attack)))


@given(st.text(alphabet="<>&\"'/=$`*[]()!\\#|:- \nabjsx\t", max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_brings_anything_in(text):
    assert_harmless(render_markdown(text))


def test_the_judge_would_notice():
    with pytest.raises(AssertionError):
        assert_harmless("<p onclick='alert(1)'>x</p>")
    with pytest.raises(AssertionError):
        assert_harmless("<a href='javascript:alert(1)'>x</a>")


def test_dangerous_latex_stays_text_for_katex_which_trusts_nothing():
    html = render_markdown(r"$\href{javascript:alert(1)}{x}$")
    expected = r'<span class="math inline">\href{javascript:alert(1)}{x}</span>'
    assert expected in html
    assert "<a" not in html


def test_mathematics_is_marked_up():
    assert '<span class="math inline">x^2</span>' in render_inline("$x^2$")
    assert '<div class="math block">\na &lt; b\n</div>'.replace("\n", "") in (
        render_markdown("$$\na < b\n$$").replace("\n", "")
    )


def test_an_escaped_dollar_begins_no_formula():
    assert "math" not in render_markdown(r"стоит 5 \$ и 10 \$")


def test_ordinary_markdown_works():
    html = render_markdown("**да** [сюда](https://a.example)\n\n```python\nx = 1\n```")
    assert "<strong>да</strong>" in html
    assert '<a href="https://a.example">сюда</a>' in html
    assert '<code class="language-python">x = 1\n</code>' in html


def test_an_image_is_not_loaded_from_elsewhere():
    assert "<img" not in render_markdown("![x](https://evil.example/pixel.png)")


def test_a_line_gets_no_paragraph():
    assert render_inline("a *b*") == "a <em>b</em>"


@pytest.mark.parametrize("unit", ["$a$ ", "[", "> ", "*a_ ", "<b>", "- ", "`", "$$\n"])
def test_a_huge_text_is_cut_off(unit):
    html = render_markdown(unit * (markup.MAX_CHARS // 2))
    assert len(html) < 50 * markup.MAX_CHARS


def test_deep_nesting_does_not_end_the_process():
    assert_harmless(render_markdown(">" * 5000 + "x"))
    assert_harmless(render_markdown("- " * 5000 + "x"))
    assert_harmless(render_markdown("[" * 5000 + "x" + "](a)" * 5000))
