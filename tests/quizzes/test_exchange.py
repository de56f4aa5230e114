"""Questions to Moodle XML and GIFT and back; what is lost is told."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from quizsite.quizzes.exchange import FORMATS, gift, moodle, read_file
from quizsite.quizzes.exchange.incoming import to_yaml
from quizsite.quizzes.exchange.items import Exchange, Unreadable, own_markdown
from quizsite.quizzes.exchange.outgoing import export
from quizsite.quizzes.questions import load_quiz_file
from quizsite.quizzes.soundness import quiz_files
from tests.quizzes.conftest import RUBRIC

FILES = quiz_files(settings.CHAPTERS_DIR)
GIFT = r"""
// comment
$CATEGORY: top/x

::Capital::What is the capital of Russia? {=Moscow#Right. ~Kazan#No\: a republic's.
~Omsk ####It is on the Moskva river.}

::Sum::2+2 {#=4:0.1 =%50%3:0 }

Is $1<2$? {T}

::Pairs::Match {=a -> 1 =b -> 2 = -> 3}

::Word::The [html]<b>tensor</b> {=rank =%0%order#No.} has axes.

::Several::Which? {~%50%one ~%50%two ~%-100%three#Not this.}

::Essay::Explain. {}

::Broken::No braces
"""
MOODLE = """<?xml version="1.0"?><quiz>
<question type="category"><category><text>x</text></category></question>
<question type="multichoice"><name><text>One</text></name>
 <questiontext format="html"><text><![CDATA[<p>Is \\(a_1*b\\) &lt; 3?</p>]]></text></questiontext>
 <generalfeedback><text>Because.</text></generalfeedback><single>true</single>
 <answer fraction="100"><text>yes</text><feedback><text></text></feedback></answer>
 <answer fraction="0"><text>no</text><feedback><text>Wrong way.</text></feedback></answer>
</question>
<question type="truefalse"><name><text>TF</text></name>
 <questiontext><text>True?</text></questiontext>
 <answer fraction="0"><text>true</text></answer>
 <answer fraction="100"><text>false</text></answer></question>
<question type="numerical"><name><text>N</text></name>
 <questiontext><text>Half?</text></questiontext>
 <answer fraction="100"><text>0.5</text><tolerance>0.01</tolerance></answer></question>
<question type="cloze"><name><text>Cloze</text></name></question>
</quiz>"""  # noqa: E501


def kinds(exchange: Exchange) -> list[str]:
    return [item.kind for item in exchange.items]


def test_a_rubric_goes_along_with_its_levels(read):
    exchange = export(read(RUBRIC).questions)
    (item,) = exchange.items
    assert "Польза: 0 — не названа; 1 — названа; 3 — названа и доказана" in (
        item.grader_notes
    )


def test_gift_is_read():
    exchange = gift.read(GIFT)
    assert kinds(exchange) == [
        "single", "number", "single", "matching", "text", "multiple", "essay",
    ]  # fmt: skip
    capital, total, truth, pairs, word, several, _ = exchange.items
    assert [(a.text, a.credit) for a in capital.answers][:2] == [
        ("Moscow", 1.0),
        ("Kazan", 0.0),
    ]
    assert capital.answers[1].feedback == "No: a republic's."
    assert capital.explanation == "It is on the Moskva river."
    assert (total.answers[0].text, total.answers[0].tolerance) == ("4", 0.1)
    assert [answer.credit for answer in truth.answers] == [1.0, 0.0]
    assert pairs.pairs == (("a", "1"), ("b", "2"))
    assert pairs.distractors == ("3",)
    assert "_____" in word.text
    assert [answer.credit for answer in several.answers] == [0.5, 0.5, -1.0]
    assert [loss.question for loss in exchange.losses] == ["Broken"]


def test_moodle_is_read():
    exchange = moodle.read(MOODLE.encode())
    assert kinds(exchange) == ["single", "single", "number"]
    assert [loss.question for loss in exchange.losses] == ["Cloze"]
    questions = yaml.safe_load(to_yaml(exchange, "x", 2))["questions"]
    one, truth, half = questions
    assert one["text"] == "Is $a_1*b$ < 3?"
    assert one["options"][1] == {"text": "no", "correct": False, "hint": "Wrong way."}
    assert [option["correct"] for option in truth["options"]] == [False, True]
    assert half["answer"] == 0.5
    assert half["tolerance"] == {"computed": {"rtol": 1e-9, "atol": 0.01}}
    assert {q["section"] for q in questions} == {2}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("folder", FILES)
def test_every_chapter_comes_back(folder: str, name: str, tmp_path: Path):
    """What was exported is read again and loads, type by type the same."""
    quiz = load_quiz_file(FILES[folder], proofs=0)
    sent = export(quiz.questions, variants=2)
    written = FORMATS[name].write(sent.items, quiz.title)
    got = read_file(written.encode())
    assert kinds(got) == kinds(sent)
    for there, here in zip(got.items, sent.items, strict=True):
        assert there.name == here.name
        assert len(there.answers) == len(here.answers)
        assert own_markdown(there.text) == own_markdown(here.text)
        for one, other in zip(there.answers, here.answers, strict=True):
            assert one.credit == pytest.approx(other.credit, abs=1e-6)
            assert one.tolerance == pytest.approx(other.tolerance)
    path = tmp_path / "quiz.yaml"
    path.write_text(to_yaml(got, quiz.title, 1), encoding="utf-8")
    assert len(load_quiz_file(path, proofs=3).questions) == len(got.items)


def test_what_a_format_cannot_say_is_told():
    quiz = load_quiz_file(FILES["08-conv-images"], proofs=0)
    said = {(one.question, one.message) for one in export(quiz.questions).losses}
    assert ("conv-cost", "несколько полей: стал вопросами (2)") in said
    assert any(name == "pixel-luminance" and "параметр" in text for name, text in said)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"<quiz>", "это не XML"),
        (b"<html></html>", "корневой элемент"),
        (b'<!DOCTYPE q [<!ENTITY x "y">]><quiz>&x;</quiz>', "DOCTYPE"),
        (b"", "нет ни одного вопроса"),
        (b"\xff\xfe", "UTF-8"),
        (b"<" + b" " * (9 << 20), "больше"),
    ],
)
def test_what_is_of_no_format_is_refused(data: bytes, problem: str):
    with pytest.raises(Unreadable, match=problem):
        read_file(data)


pieces = st.sampled_from(
    ["::a::", "{", "}", "=", "~", "%50%", "#", "####", "->", "\\", "[html]", "1..2",
     "\n\n", " x ", "T", "<quiz>", "<question type='numerical'>", "<answer>", "</quiz>"]
)  # fmt: skip


@given(st.lists(pieces, max_size=30).map("".join))
def test_whatever_is_read_becomes_a_file_or_is_refused(text: str):
    try:
        exchange = read_file(text.encode())
    except Unreadable:
        return
    assert isinstance(yaml.safe_load(to_yaml(exchange, "x", 1)), dict)


def test_the_commands_write_files_and_tell_losses(tmp_path: Path):
    out, err = StringIO(), StringIO()
    target = tmp_path / "x.xml"
    call_command("export_questions", "mlp", output=target, stdout=out, stderr=err)
    assert "<quiz>" in target.read_text()
    assert "параметров" in err.getvalue()
    call_command("import_questions", target, section=3, stdout=out, stderr=err)
    assert "section: 3" in out.getvalue()


@pytest.mark.parametrize(
    "args",
    [("export_questions", "none"), ("import_questions", Path("no-such-file"))],
)
def test_bad_arguments_are_refused(args):
    with pytest.raises(CommandError) as caught:
        call_command(*args)
    assert caught.value.returncode == 2


def test_no_encoding_hides_a_document_type():
    bomb = '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "b">]><quiz>&a;</quiz>'
    for data in (bomb.encode(), bomb.encode("utf-16-le"), bomb.encode("utf-16")):
        with pytest.raises(Unreadable):
            read_file(data)


def test_a_file_of_nothing_but_braces_is_told_at_once():
    assert "нет ответов" in str(gift.read("{" * 1_000_000).losses[0])


@pytest.mark.parametrize("answer", ["*", "half", "", "nan", "1e999"])
def test_a_number_that_is_none_is_told_as_lost(answer):
    exchange = read_file(
        MOODLE.replace("<text>0.5</text>", f"<text>{answer}</text>").encode()
    )
    assert "answer: 0\n" in to_yaml(exchange, "Сети", 1)
    assert any("нет верного ответа" in str(loss) for loss in exchange.losses)
