"""Moodle XML, as https://docs.moodle.org/en/Moodle_XML_format describes it.

A file is hostile until read: a document type (and with it any entity) is refused, and
nothing is fetched.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from quizsite.quizzes.exchange.items import (
    Answer,
    Exchange,
    Item,
    Unreadable,
    has_images,
)

MAX_BYTES = 8 << 20
_TYPES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "number": "numerical",
    "text": "shortanswer",
    "matching": "matching",
    "essay": "essay",
}


def write(items: list[Item], category: str) -> str:
    """A file with the questions in one category."""
    quiz = ET.Element("quiz")
    head = ET.SubElement(quiz, "question", type="category")
    _text(head, "category", f"$course$/top/{category}")
    for item in items:
        _write(quiz, item)
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="unicode", xml_declaration=False) + "\n"


def _write(quiz: ET.Element, item: Item) -> None:
    node = ET.SubElement(quiz, "question", type=_TYPES[item.kind])
    _text(node, "name", item.name)
    _text(node, "questiontext", item.text, format="html")
    _text(node, "generalfeedback", item.explanation, format="html")
    _plain(node, "defaultgrade", f"{item.points:g}")
    if item.kind in ("single", "multiple"):
        _plain(node, "single", str(item.kind == "single").lower())
        _plain(node, "shuffleanswers", "true")
        _plain(node, "answernumbering", "none")
    if item.kind == "text":
        _plain(node, "usecase", "0")
    if item.kind == "essay":
        _plain(node, "responseformat", "editor")
        _text(node, "graderinfo", item.grader_notes, format="html")
    for answer in item.answers:
        _write_answer(node, item, answer)
    for left, right in (*item.pairs, *(("", one) for one in item.distractors)):
        row = ET.SubElement(node, "subquestion", format="html")
        _plain(row, "text", left)
        _text(row, "answer", right)
    for hint in item.hints:
        _text(node, "hint", hint, format="html")


def _write_answer(node: ET.Element, item: Item, answer: Answer) -> None:
    kind = "html" if item.kind in ("single", "multiple") else "plain_text"
    fraction = f"{100 * answer.credit:.5f}"
    row = ET.SubElement(node, "answer", fraction=fraction, format=kind)
    _plain(row, "text", answer.text)
    _text(row, "feedback", answer.feedback, format="html")
    if item.kind == "number":
        _plain(row, "tolerance", f"{answer.tolerance:.12g}")


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    """``<tag><text>…</text></tag>``, as most of the format's fields are."""
    _plain(ET.SubElement(parent, tag, attributes), "text", text)


def _plain(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def read(data: bytes) -> Exchange:
    """The questions of a file.

    Raises:
        Unreadable: it is too large, no XML, or not Moodle's.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(f"файл больше {MAX_BYTES >> 20} МБ: разделите его")
    try:
        # As text: another encoding could hide a document type.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("файл не в кодировке UTF-8: сохраните его в ней") from error
    if "\0" in text:  # UTF-16 without its mark, which the parser would guess
        raise Unreadable("файл не в кодировке UTF-8: сохраните его в ней")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("в файле есть DOCTYPE: удалите его и все ENTITY")
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise Unreadable(f"это не XML: {error}") from None
    if root.tag != "quiz":
        raise Unreadable("это не Moodle XML: корневой элемент должен быть <quiz>")
    exchange = Exchange()
    for number, node in enumerate(root.findall("question"), start=1):
        if node.get("type") != "category":
            _read(node, number, exchange)
    return exchange


def _read(node: ET.Element, number: int, exchange: Exchange) -> None:
    name = _inner(node, "name") or f"вопрос {number}"
    kind = node.get("type", "")
    reader = _READERS.get(kind)
    if reader is None:
        exchange.lose(name, f"тип {kind or '?'} не переносится: вопрос пропущен")
        return
    if has_images(_inner(node, "questiontext")):
        exchange.lose(name, "рисунки не переносятся")
    exchange.items.append(reader(node, name))


def _inner(node: ET.Element, tag: str) -> str:
    return (node.findtext(f"{tag}/text") or "").strip()


def _common(node: ET.Element) -> dict[str, object]:
    hints = tuple(
        h for one in node.findall("hint") if (h := one.findtext("text") or "")
    )
    return {
        "text": _inner(node, "questiontext"),
        "explanation": _inner(node, "generalfeedback"),
        "hints": hints,
        "points": _number(node.findtext("defaultgrade"), 1.0),
    }


def _number(text: str | None, default: float) -> float:
    try:
        return float(text or default)
    except ValueError:
        return default


def _answers(node: ET.Element) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            (one.findtext("text") or "").strip(),
            _number(one.get("fraction"), 0.0) / 100,
            _inner(one, "feedback"),
            _number(one.findtext("tolerance"), 0.0),
        )
        for one in node.findall("answer")
    )


def _choice(node: ET.Element, name: str) -> Item:
    single = (node.findtext("single") or "true").strip() in ("true", "1")
    kind = "single" if single else "multiple"
    return Item(name, kind, answers=_answers(node), **_common(node))  # type: ignore[arg-type]


def _true_false(node: ET.Element, name: str) -> Item:
    words = {"true": "Верно", "false": "Неверно"}
    answers = tuple(
        Answer(words.get(one.text, one.text), one.credit, one.feedback)
        for one in _answers(node)
    )
    return Item(name, "single", answers=answers, **_common(node))  # type: ignore[arg-type]


def _typed(node: ET.Element, name: str) -> Item:
    kind = "number" if node.get("type") == "numerical" else "text"
    return Item(name, kind, answers=_answers(node), **_common(node))  # type: ignore[arg-type]


def _matching(node: ET.Element, name: str) -> Item:
    rows = [
        ((one.findtext("text") or "").strip(), _inner(one, "answer"))
        for one in node.findall("subquestion")
    ]
    pairs = tuple(row for row in rows if row[0])
    extra = tuple(right for left, right in rows if not left)
    return Item(name, "matching", pairs=pairs, distractors=extra, **_common(node))  # type: ignore[arg-type]


def _essay(node: ET.Element, name: str) -> Item:
    notes = _inner(node, "graderinfo")
    return Item(name, "essay", grader_notes=notes, **_common(node))  # type: ignore[arg-type]


_READERS = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "numerical": _typed,
    "shortanswer": _typed,
    "matching": _matching,
    "match": _matching,
    "essay": _essay,
}
