"""Keys of the quiz on the introduction, each found again by torch.

Nothing here looks at the formulas of quiz.yaml: only at a variant's drawn numbers.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.content.bank import (
    Drawn,
    assert_right,
    in_every_variant_of,
    right_options,
    variants,
)
from tests.content.test_training_keys import printed


@in_every_variant_of("image-batch-shape")
def test_the_shape_of_a_batch_of_images(drawn: Drawn):
    picture = torch.zeros(1).expand(int(drawn["H"]), int(drawn["W"]), 3)
    batch = picture.permute(2, 0, 1).expand(int(drawn["B"]), -1, -1, -1)
    assert_right(drawn, str(tuple(batch.shape)))


def test_a_convolution_takes_channels_second():
    assert nn.Conv2d(3, 1, 3)(torch.zeros(2, 3, 5, 6)).shape == (2, 1, 3, 4)


@in_every_variant_of("raw-pixels-params")
def test_the_parameters_of_a_layer_over_pixels(drawn: Drawn):
    picture = torch.zeros(3, int(drawn["H"]), int(drawn["W"]), device="meta")
    layer = nn.Linear(picture.numel(), int(drawn["K"]), device="meta")
    assert_right(drawn, str(parameters_of(layer)))


def parameters_of(module: nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())


@in_every_variant_of("permute-reshape")
def test_what_permute_and_reshape_print(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


def test_a_view_after_permute_is_refused():
    """As the hint on RuntimeError says."""
    with pytest.raises(RuntimeError):
        torch.zeros(2, 3, 5, 6).permute(0, 2, 3, 1).view(2, -1)


@in_every_variant_of("head-share")
def test_the_trainable_share_of_a_network(drawn: Drawn):
    head = nn.Linear(int(drawn["d"]), int(drawn["C"]), device="meta")
    body = nn.Linear(int(drawn["P"]), 1, bias=False, device="meta")
    body.requires_grad_(False)
    whole = nn.ModuleList([body, head])
    trained = sum(one.numel() for one in whole.parameters() if one.requires_grad)
    assert_right(drawn, f"{trained / parameters_of(whole):.6f}")


def test_three_things_made_the_success_possible():
    [drawn] = variants("why-2010s", 1)
    right = " ".join(right_options(drawn))
    assert len(right_options(drawn)) == 3
    assert all(word in right for word in ("видеокарты", "ImageNet", "ReLU"))


def test_human_features_and_joint_training_are_the_keys():
    [features] = variants("who-builds-features", 1)
    [joint] = variants("joint-training", 1)
    assert right_options(features)[0].startswith("В первом их придумывает")
    assert "вместе по одной функции потерь" in right_options(joint)[0]
