"""Cases for use elsewhere: what is in them, and that it survives the way."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.spec import Exercise, all_exercises, load_exercise
from graders import bundle
from graders.bundle import make_bundle, public_seed
from graders.cases import derived_seed, prepare
from graders.errors import ExerciseBroken
from graders.reference import trusted
from graders.trees import tensors

SECRET = "0123456789abcdef0123456789abcdef"
ONES = [one for one in all_exercises() if one.device != "gpu"]
CASES = settings(derandomize=True, database=None, deadline=None, max_examples=200)


def checks_of(made: bundle.Bundle) -> list[dict[str, Any]]:
    return json.loads(made.cases)["checks"]


# --- what is in it


def test_the_public_examples_are_the_same_whoever_makes_them(
    attention: Exercise,
) -> None:
    seed = public_seed(attention)
    assert make_bundle(trusted(attention), seed) == make_bundle(
        trusted(attention), seed
    )


def test_hidden_checks_are_in_it_only_where_they_are_asked_for(
    attention: Exercise,
) -> None:
    public = make_bundle(trusted(attention), SECRET)
    everything = make_bundle(trusted(attention), SECRET, with_hidden=True)
    hidden = {check.name for check in attention.checks if not check.public}
    assert all(check["public"] for check in checks_of(public))
    assert {c["name"] for c in checks_of(everything)} > hidden
    assert not any(name in public.cases for name in hidden)


def test_the_secret_seed_is_not_in_it_but_each_cases_own_is(
    attention: Exercise,
) -> None:
    made = make_bundle(trusted(attention), SECRET, with_hidden=True)
    assert SECRET not in made.cases
    for check in checks_of(made):
        for case in check["cases"]:
            number = case["number"]
            assert case["seed"] == derived_seed(SECRET, check["name"], number)


def test_what_would_make_it_too_large_is_left_out_and_counted(
    attention: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LIMIT", 2000)
    made = make_bundle(trusted(attention), SECRET)
    assert len(made.tensors) < 10_000
    assert sum(check["left_out"] for check in checks_of(made)) > 0
    assert all(c["cases"] or c["left_out"] for c in checks_of(made))


def test_what_has_no_form_is_the_exercises_fault(attention: Exercise) -> None:
    with pytest.raises(ExerciseBroken, match="no form for a set"):
        bundle._Writer().node({1})


def test_values_that_are_free_are_not_given_away() -> None:
    made = make_bundle(trusted(load_exercise("reg_dropout")), SECRET)
    free = [
        case
        for check in checks_of(made)
        for case in check["cases"]
        if "properties" in case["unchecked"]
    ]
    assert free
    assert all('["T"' not in json.dumps(case["expected"]) for case in free)


def test_every_tensor_of_a_case_is_in_its_own_file(attention: Exercise) -> None:
    made = make_bundle(trusted(attention), SECRET)
    prepared = next(prepare(trusted(attention), attention.checks[0], SECRET))
    count = len([*tensors(prepared.inputs), *tensors(prepared.expected.value)])
    case = checks_of(made)[0]["cases"][0]
    assert json.dumps([case["inputs"], case["expected"]]).count('["T"') == count


# --- what comes out of it is what went in

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
DTYPES += [torch.int64, torch.uint8, torch.bool, torch.complex64]
TENSORS = st.builds(
    lambda shape, dtype, seed, step, grad: made_tensor(shape, dtype, seed, step, grad),
    st.lists(st.integers(0, 4), max_size=3),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
    st.booleans(),
    st.booleans(),
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | TENSORS
) | st.complex_numbers(allow_nan=False)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=6,
)


def made_tensor(
    shape: list[int], dtype: torch.dtype, seed: int, step: bool, grad: bool
) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    made = (torch.randn(shape, generator=g) * 3).to(dtype)
    if step and made.ndim > 1:
        made = made.transpose(0, 1).contiguous().transpose(0, 1)
    return made.requires_grad_(grad and dtype.is_floating_point)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        alike = (a.dtype, a.shape, a.requires_grad) == (
            b.dtype,
            b.shape,
            b.requires_grad,
        )
        strides = a.numel() < 2 or a.stride() == b.stride()
        return alike and strides and torch.equal(a, b)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b or (a != a and b != b))


@CASES
@given(tree=TREES)
def test_a_value_survives_the_way(replay: ModuleType, tree: Any) -> None:
    writer = bundle._Writer()
    node = json.loads(json.dumps(writer.node(tree)))
    assert same(tree, replay.value(node, replay.read_tensors(writer.blob())))
