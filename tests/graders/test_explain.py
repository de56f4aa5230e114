"""What a student reads about a mismatch."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch

from graders.compare import compare
from graders.explain import explain, facts
from graders.sandbox.session import Opaque


def told(actual: Any, expected: Any, **names: Any) -> str:
    mismatch = compare(actual, expected).mismatch
    assert mismatch
    return explain(mismatch, names.get("names")).replace("\xa0", " ")


def test_a_forgotten_return_is_guessed() -> None:
    assert told(None, torch.ones(2)) == (
        "Функция вернула None, а ожидался тензор — забыли return?"
    )


def test_a_wrong_shape_names_each_axis() -> None:
    text = told(torch.ones(2, 5, 4), torch.ones(2, 4, 5))
    assert "ось 1: 5 вместо 4; ось 2: 4 вместо 5" in text
    assert "оси переставлены" in text


def test_a_wrong_number_of_axes_is_told_as_such() -> None:
    assert "нужно 2 оси, а не 1" in told(torch.ones(4), torch.ones(2, 2))


def test_values_are_told_with_place_error_and_allowance() -> None:
    text = told(torch.tensor([1.0, 2.5]), torch.tensor([1.0, 2.0]))
    assert "не совпадает 1 элемент из 2 (50 %)" in text
    assert (
        "на месте [1]: ожидалось 2, получено 2,5 (ошибка 0,5, относительная 0,25 при"
        in text
    )


def test_a_missing_value_is_counted() -> None:
    assert "ожидалось 2 значения, получено 1" in told([1.0], [1.0, 2.0])


def test_parts_have_their_names() -> None:
    names = {("output", 1): "weights"}
    actual = {"output": [1.0, 2.0]}
    text = told(actual, {"output": [1.0, 3.0]}, names=names)
    assert text.startswith("weights:")


@pytest.mark.parametrize(
    "name",
    ["solution.SECRET_1", "torch.SECRET_1", "torch.nn.SECRET_1", "Tensor[SECRET_1]"],
)
def test_the_name_of_a_students_class_is_not_repeated(name: str) -> None:
    text = told(Opaque(name), torch.ones(2))
    assert "SECRET" not in text
    assert "собственного класса" in text


@pytest.mark.parametrize(
    "name", ["numpy.ndarray", "torch.Size", "Tensor[torch.sparse_coo, torch.float32]"]
)
def test_a_librarys_class_is_named(name: str) -> None:
    assert name in told(Opaque(name), torch.ones(2))


@pytest.mark.parametrize(
    "actual", [Opaque("torch.SECRET_1"), {"SECRET_1": 1.0, "a": 1.0}]
)
def test_names_that_a_student_gave_are_not_among_the_facts(actual: Any) -> None:
    mismatch = compare(actual, {"a": 1.0, "b": 1.0}).mismatch
    assert mismatch
    assert "SECRET" not in repr(facts(mismatch))


@pytest.mark.parametrize(
    "actual", [None, torch.ones(3), torch.tensor([math.nan, 1]), torch.zeros(2)]
)
def test_the_facts_are_json(actual: Any) -> None:
    mismatch = compare(actual, torch.ones(2)).mismatch
    assert mismatch
    assert json.loads(json.dumps(facts(mismatch)))["difference"]
