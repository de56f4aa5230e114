"""What exercises ask of a GPU, as far as it can be proved without one."""

from __future__ import annotations

import pytest
import torch

from exercises.spec import Check, Exercise, all_exercises
from graders.cases import Prepared, prepare
from graders.compare import compare
from graders.reference import react, trusted
from graders.trees import weight

LARGEST = 32 << 20  # bytes of inputs: more would take the time that is measured
WANTING = [exercise for exercise in all_exercises() if exercise.wants_gpu]


def on_gpu(exercise: Exercise) -> list[Check]:
    return [check for check in exercise.checks if check.device == "gpu"]


def cases(exercise: Exercise) -> list[Prepared]:
    code = trusted(exercise)
    return [
        case for check in on_gpu(exercise) for case in prepare(code, check, "5eed" * 8)
    ]


def test_the_exercises_that_were_meant_to_ask_for_one_do() -> None:
    assert {exercise.slug for exercise in WANTING} >= {
        "det_nms",
        "graph_message_passing",
        "img_conv2d_im2col",
        "simp_layernorm_fused",
        "tr_flash_attention",
    }


@pytest.mark.parametrize("exercise", WANTING, ids=lambda one: one.slug)
def test_the_reference_answers_as_expected_in_the_precision_of_the_inputs(
    exercise: Exercise,
) -> None:
    code = trusted(exercise)
    for case in cases(exercise):
        answer = react(code.probe, code.reference, case.inputs)
        assert not answer.raised, answer.message
        found = compare(answer.value, case.expected.value, case.case.tolerance)
        assert found.mismatch is None
        assert weight(case.inputs) < LARGEST


@pytest.mark.parametrize("exercise", WANTING, ids=lambda one: one.slug)
def test_both_values_and_time_are_asked(exercise: Exercise) -> None:
    asked = {case.case.times is not None for case in cases(exercise)}
    assert asked == {True, False}


@pytest.mark.parametrize("exercise", WANTING, ids=lambda one: one.slug)
def test_the_statement_says_what_a_gpu_is_for(exercise: Exercise) -> None:
    assert "видеокарт" in exercise.statement
    assert "Баллов это" in exercise.statement


@pytest.mark.parametrize("seed", range(5))
def test_all_boxes_decided_at_once_stay_as_one_by_one(seed: int) -> None:
    """On a GPU the reference takes another way."""
    (nms,) = (one for one in WANTING if one.slug == "det_nms")
    reference = trusted(nms).reference
    g = torch.Generator().manual_seed(seed)
    corner = torch.rand(700, 2, generator=g) * 20
    boxes = torch.cat([corner, corner + 1 + torch.rand(700, 2, generator=g) * 4], 1)
    scores = torch.rand(700, generator=g)
    order = scores.argsort(descending=True, stable=True)
    at_once = order[reference.staying(boxes[order], 0.3)]
    assert torch.equal(at_once, reference.nms(boxes, scores, 0.3))
