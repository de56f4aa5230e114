"""An author is told the file, the line and the field of every fault."""

from __future__ import annotations

import pytest

from quizsite.lib.sourced_yaml import Document, DocumentError, read_document


@pytest.fixture
def document(tmp_path):
    def read(text: str) -> Document:
        path = tmp_path / "quiz.yaml"
        path.write_text(text, encoding="utf-8")
        return read_document(path)

    return read


def fault(call) -> tuple[int, str, str]:
    with pytest.raises(DocumentError) as caught:
        call()
    error = caught.value
    assert str(error) == f"{error.path}:{error.line}: {error.field}: {error.message}"
    return error.line, error.field, error.message


def test_values_come_with_their_lines(document):
    root = document("title: Имя\nquestions:\n  - id: a\n  - id: b\n")
    second = root.child("questions").child(1).child("id")
    assert (second.value, second.line, second.field) == ("b", 4, "questions[1].id")


def test_a_wrong_type_is_named_in_russian(document):
    root = document("a: 1\npoints: много\n")
    line, field, message = fault(lambda: root.get("points", (int, float)))
    assert (line, field) == (2, "points")
    assert message == "ожидалось целое число или число, а здесь 'много'"


def test_true_is_no_number(document):
    assert fault(lambda: document("points: true\n").get("points", int))[0] == 1


def test_a_missing_field_is_named(document):
    call = document("a: 1\n").keys
    message = fault(lambda: call(required={"a", "b"}))[2]
    assert message == "нет обязательного поля «b»"


def test_a_mistyped_field_gets_a_suggestion(document):
    root = document("slug: x\nexplanaton: y\n")
    call = root.keys
    line, _, message = fault(lambda: call(required={"slug"}, optional={"explanation"}))
    assert line == 2
    assert message == "неизвестное поле «explanaton»; может быть, «explanation»?"


def test_a_key_given_twice_is_refused(document):
    line, field, message = fault(lambda: document("a: 1\nb: 2\na: 3\n"))
    assert (line, field) == (3, "YAML")
    assert "'a'" in message


def test_broken_yaml_is_told_with_its_line(document):
    assert fault(lambda: document("a: 1\nb: [1,\n"))[1] == "YAML"


@pytest.mark.parametrize("text", ["", "# одни слова\n", "---\n"])
def test_an_empty_file_is_refused(document, text):
    fault(lambda: document(text).keys(required={"a"}))


@pytest.mark.parametrize("text", ["[1, 2]\n", "слово\n", "12\n", "null\n"])
def test_a_file_that_is_no_mapping_is_refused(document, text):
    message = fault(lambda: document(text).keys(required={"a"}))[2]
    assert message == "ожидался словарь «ключ: значение»"


@pytest.mark.parametrize("text", ["? [1]\n: x\n", "{1: x}\n", "? {a: 1}\n: x\n"])
def test_a_key_that_is_no_text_is_refused(document, text):
    fault(lambda: document(text).keys(required={"a"}))


def test_a_number_as_a_key_is_unknown_like_any_other(document):
    root = document("a: 1\n7: x\n")
    line, field, message = fault(lambda: root.keys(required={"a"}))
    assert (line, field, message) == (2, "7", "неизвестное поле «7»")


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['true']", "!!python/name:os.system"]
)
def test_yaml_makes_no_python_objects(document, tag):
    assert fault(lambda: document(f"a: {tag}\n"))[1] == "YAML"


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "quiz.yaml"
    path.write_bytes("название: Сети".encode("cp1251"))
    assert fault(lambda: read_document(path))[:2] == (1, "файл")


def test_a_missing_file_is_refused(tmp_path):
    assert fault(lambda: read_document(tmp_path / "none.yaml"))[:2] == (1, "файл")


def test_two_documents_in_a_file_are_refused(document):
    assert fault(lambda: document("a: 1\n---\na: 2\n"))[1] == "YAML"


def test_a_bomb_of_aliases_is_refused(document):
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    bomb = "l0: &l0 [x]\n" + "\n".join(levels) + "\n"
    root = document(bomb)  # aliases are shared, not copied: this costs nothing
    assert root.child("l8").value[0][0] is root.child("l7").value[0]


def test_deep_nesting_is_a_fault_not_a_crash(document):
    fault(lambda: document("[" * 100_000))


def test_an_alias_inside_its_own_anchor_is_refused(document):
    message = fault(lambda: document("a: &a [1, *a]\n"))[2]
    assert message == "ссылка на саму себя"


def test_an_impossible_date_is_refused(document):
    assert fault(lambda: document("a: 2026-13-45\n"))[1] == "YAML"
