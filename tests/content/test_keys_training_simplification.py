"""Keys of the quiz on simpler training, each found again by torch."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.content.bank import (
    Drawn,
    assert_right,
    in_every_variant_of,
    right_options,
    shape_of,
    variants,
)
from tests.content.test_training_keys import printed

DOUBLE = torch.float64


@in_every_variant_of("unrolled-paths", 10)
def test_paths_through_an_unrolled_network(drawn: Drawn):
    branches = product((0, 1), repeat=int(drawn["L"]))
    assert_right(drawn, str(sum(1 for _ in branches)))


@in_every_variant_of("clipped-gradient")
def test_a_gradient_clipped_by_its_norm(drawn: Drawn):
    a = int(drawn["a"])
    weight = nn.Parameter(torch.zeros(2, dtype=DOUBLE))
    weight.grad = torch.tensor([3.0 * a, -4.0 * a], dtype=DOUBLE)
    nn.utils.clip_grad_norm_([weight], float(drawn["c"]))
    key = [float(value) for value in drawn.box().values]
    assert key == pytest.approx(weight.grad.tolist(), rel=1e-5)


@in_every_variant_of("overwritten-input")
def test_what_a_block_with_an_overwritten_input_prints(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


@in_every_variant_of("residual-jacobian")
def test_the_derivative_of_a_residual_block(drawn: Drawn):
    a, b = float(drawn["a"]), float(drawn["b"])
    for point in (-0.9, -0.2, 0.0, 0.35, 0.8):
        x = torch.tensor(point, dtype=DOUBLE, requires_grad=True)
        (x + a * torch.tanh(b * x)).backward()
        assert x.grad is not None
        key = drawn.box().formula.expression.evaluate({"x": point})
        assert key == pytest.approx(x.grad.item(), abs=1e-12)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("{ab}*(1 - tanh({b}*x)^2)", "residual-sum"),
        ("1 + 4*{a}/(exp({b}*x) + exp(-{b}*x))^2", "chain-rule"),
        ("1 + {ab}*(1 + tanh({b}*x)^2)", "sign"),
    ],
)
def test_a_slip_in_the_derivative_is_named(written: str, tag: str):
    for drawn in variants("residual-jacobian", 6):
        a, b = int(drawn["a"]), int(drawn["b"])
        marked = drawn.mark(written.format(a=a, b=b, ab=a * b))
        assert (marked.mark, marked.tags) == (0, (tag,))


def test_only_a_projection_makes_the_addition_possible():
    x = torch.randn(2, 8, 6, 6)
    branch = nn.Conv2d(8, 16, 3, stride=2, padding=1)(x)
    assert (nn.Conv2d(8, 16, 1, stride=2)(x) + branch).shape == branch.shape
    for attempt in (
        lambda: x + branch,
        lambda: x * branch,
        lambda: x.reshape(branch.shape),
    ):
        with pytest.raises(RuntimeError):
            attempt()


@in_every_variant_of("normalize-column")
def test_a_column_is_normalized(drawn: Drawn):
    column = torch.tensor([[float(drawn[f"x{i}"])] for i in range(1, 5)], dtype=DOUBLE)
    layer = nn.BatchNorm1d(1, eps=1e-12, dtype=DOUBLE)
    assert_right(drawn, f"{layer(column)[0].item():.3f}")


@in_every_variant_of("running-mean")
def test_the_running_mean_after_some_steps(drawn: Drawn):
    mu = float(drawn["mu"])
    layer = nn.BatchNorm1d(1, momentum=float(drawn["m"]), dtype=DOUBLE)
    for _ in range(int(drawn["n"])):
        layer(torch.tensor([[mu - 1], [mu + 1]], dtype=DOUBLE))
    assert layer.running_mean is not None
    assert_right(drawn, f"{layer.running_mean.item():.3f}")


@in_every_variant_of("batchnorm-numbers")
def test_numbers_that_a_layer_holds(drawn: Drawn):
    layer = nn.BatchNorm2d(int(drawn["C"]))
    counts = {
        "parameters": sum(one.numel() for one in layer.parameters()),
        "buffers": sum(one.numel() for one in layer.buffers()),
    }
    assert_right(drawn, {name: str(count) for name, count in counts.items()})


def test_the_modes_of_batch_normalization():
    """Every statement of the question, tried."""
    [drawn] = variants("batchnorm-modes", 1)
    layer, x = nn.BatchNorm1d(3), torch.randn(4, 3) + 5
    with torch.no_grad():
        layer.bias.fill_(2)
        neighbours = torch.cat([x[:1], torch.randn(3, 3)])
        depends = not torch.allclose(layer(x)[0], layer(neighbours)[0])
        layer.eval()
        mean = layer.running_mean
        assert mean is not None
        before = mean.clone()
        by_running = torch.allclose(layer(x)[0], layer(neighbours)[0])
        shifted = torch.allclose(layer(mean[None]), torch.full((1, 3), 2.0))
        unchanged = torch.equal(before, mean)
    assert layer(x).requires_grad  # eval() does not switch gradients off
    assert not any(buffer.requires_grad for buffer in layer.buffers())
    layer.train()
    with pytest.raises(ValueError):
        layer(x[:1])
    assert depends and by_running and shifted and unchanged
    assert len(right_options(drawn)) == 4


def test_a_bias_before_batch_normalization_changes_nothing():
    [drawn] = variants("bias-before-batchnorm", 1)
    x, bias = torch.randn(8, 3, dtype=DOUBLE), torch.randn(3, dtype=DOUBLE)
    bias.requires_grad_()
    norm = nn.BatchNorm1d(3, dtype=DOUBLE)
    torch.testing.assert_close(norm(x + bias), norm(x))
    norm(x + bias).square().sum().backward()
    assert bias.grad is not None
    assert bias.grad.abs().max() < 1e-12
    torch.testing.assert_close((x + bias).std(0), x.std(0))
    assert "вычитается" in right_options(drawn)[0]


@pytest.mark.parametrize("sizes", [(2, 3, 5), (1, 4, 6)])
def test_shapes_of_the_statistics(sizes: tuple[int, int, int]):
    x = torch.randn(sizes)
    [drawn] = variants("statistics-shapes", 1)
    known = dict(zip("BTD", sizes, strict=True))
    over_batch = nn.BatchNorm1d(sizes[2])
    over_batch(x.transpose(1, 2))  # torch wants the features on the second axis
    assert over_batch.running_mean is not None
    assert shape_of(drawn, "batch", known) == over_batch.running_mean.shape
    mean = shape_of(drawn, "layer", known)
    assert mean == x.mean(-1).shape
    by_hand = (x - x.mean(-1, keepdim=True)) / x.std(-1, correction=0, keepdim=True)
    layer = nn.LayerNorm(sizes[2], eps=0.0)
    torch.testing.assert_close(layer(x), by_hand, rtol=1e-4, atol=1e-4)


AXES = {
    "Батч-нормализация": nn.BatchNorm2d(4, affine=False),
    "слоя": nn.LayerNorm([4, 5, 6], elementwise_affine=False),
    "экземпляра": nn.InstanceNorm2d(4),
    "групповая": nn.GroupNorm(2, 4, affine=False),
}
NAMES = {"по B, H и W": (0, 2, 3), "по C, H и W": (1, 2, 3), "по H и W": (2, 3)}


def test_axes_of_normalizations():
    [drawn] = variants("normalization-axes", 1)
    matching: Any = drawn.variant.drawn
    x = torch.randn(3, 4, 5, 6)
    seen = 0
    for row in matching.rows:
        right = str(matching.rights[int(row.right) - 1]).replace("\u00a0", " ")
        [layer] = [
            layer for name, layer in AXES.items() if name.lower() in row.label.lower()
        ]
        if right in NAMES:
            axes: Any = NAMES[right]
            variance = x.var(axes, correction=0, keepdim=True)
            wanted = (x - x.mean(axes, keepdim=True)) / (variance + 1e-5).sqrt()
        else:
            groups = x.reshape(3, 2, -1)
            variance = groups.var(-1, correction=0, keepdim=True)
            centred = groups - groups.mean(-1, keepdim=True)
            wanted = (centred / (variance + 1e-5).sqrt()).reshape(x.shape)
        torch.testing.assert_close(layer(x), wanted)
        seen += 1
    assert seen == 4


@in_every_variant_of("layer-norm-value")
def test_a_value_of_layer_normalization(drawn: Drawn):
    x = torch.tensor([float(drawn[f"x{i}"]) for i in (1, 2, 3)], dtype=DOUBLE)
    gamma, beta = (
        torch.full((3,), float(drawn[name]), dtype=DOUBLE) for name in ("gamma", "beta")
    )
    y = F.layer_norm(x, (3,), gamma, beta, eps=0.0)
    assert_right(drawn, f"{y[1].item():.3f}")


def _clipped(drawn: Drawn, limit: float) -> float:
    first = torch.tensor([float(drawn["u"]), float(drawn["sign"] * drawn["v"])])
    gradients = [first.to(DOUBLE), torch.tensor([-float(drawn["sign"] * drawn["w"])])]
    params = [nn.Parameter(torch.zeros_like(one)) for one in gradients]
    for param, gradient in zip(params, gradients, strict=True):
        param.grad = gradient.clone()
    nn.utils.clip_grad_norm_(params, limit)
    assert params[0].grad is not None
    return float(params[0].grad[0] / gradients[0][0])


@in_every_variant_of("clip-factor")
def test_the_factor_of_clipping(drawn: Drawn):
    small, large = (_clipped(drawn, float(drawn[name])) for name in ("c", "large"))
    assert_right(drawn, {"small": f"{small:.3f}", "large": f"{large:.3f}"})


def test_only_clipping_by_value_turns_the_gradient():
    [drawn] = variants("clip-direction", 1)
    gradient = torch.tensor([10.0, 1.0])

    def turned(clip: Any) -> bool:
        param = nn.Parameter(torch.zeros(2))
        param.grad = gradient.clone()
        clip([param], 1.0)
        return bool(F.cosine_similarity(param.grad, gradient, dim=0) < 0.999)

    assert turned(nn.utils.clip_grad_value_)
    assert not turned(nn.utils.clip_grad_norm_)
    [right] = right_options(drawn)
    assert "по значению" in right.replace("\u00a0", " ")
