"""Keys of the quiz on convolutions for images, each found again by torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.content.bank import (
    Drawn,
    assert_right,
    in_every_variant_of,
    right_options,
    variants,
)

DOUBLE = torch.float64


def matrix(*rows: list[Any]) -> Tensor:
    return torch.tensor([[float(one) for one in row] for row in rows], dtype=DOUBLE)


def drawn_matrix(drawn: Drawn, rows: str, columns: int) -> Tensor:
    return matrix(*([drawn[f"{r}{c}"] for c in range(1, columns + 1)] for r in rows))


def convolved(image: Tensor, kernel: Tensor, padding: int = 0) -> Tensor:
    return F.conv2d(image[None, None], kernel[None, None], padding=padding)[0, 0]


SOBEL = matrix([-1, 0, 1], [-2, 0, 2], [-1, 0, 1])
SHARPEN = matrix([0, -1, 0], [-1, 5, -1], [0, -1, 0])


@in_every_variant_of("pixel-luminance")
def test_the_luminance_of_a_pixel(drawn: Drawn):
    pixel = torch.tensor([float(drawn[name]) for name in "rgb"], dtype=DOUBLE)
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=DOUBLE)
    assert weights.sum().item() == pytest.approx(1)
    assert_right(drawn, f"{(weights @ pixel).item():.2f}")


@in_every_variant_of("kernel-response")
def test_responses_of_kernels(drawn: Drawn):
    patch = drawn_matrix(drawn, "abc", 3)
    responses = {"sobel": SOBEL, "sharpen": SHARPEN}
    answer = {
        name: f"{convolved(patch, kernel).item():.0f}"
        for name, kernel in responses.items()
    }
    assert_right(drawn, answer)


def test_effects_of_kernels():
    """Each kernel does to an image what its description says."""
    torch.manual_seed(0)
    image = torch.rand(9, 9, dtype=DOUBLE)
    horizontal = torch.zeros(9, 9, dtype=DOUBLE)
    horizontal[5:] = 1
    vertical = horizontal.T
    one = torch.zeros(3, 3, dtype=DOUBLE)
    one[1, 1] = 1
    left = torch.zeros(3, 3, dtype=DOUBLE)
    left[1, 2] = 1
    inner = image[1:-1, 1:-1]
    assert torch.equal(convolved(image, one), inner)
    blurred = convolved(image, torch.full((3, 3), 1 / 9, dtype=DOUBLE))
    assert blurred.std() < inner.std() < convolved(image, SHARPEN).std()
    assert torch.equal(convolved(image, left), image[1:-1, 2:])
    assert convolved(horizontal, SOBEL.T).abs().max() == 4
    assert convolved(vertical, SOBEL.T).abs().max() == 0


@in_every_variant_of("conv-chain-shape", 20)
def test_the_shape_after_a_chain(drawn: Drawn):
    h, w, c1, c2, k1, s1, p1 = (
        int(drawn[name]) for name in ("h", "w", "c1", "c2", "k1", "s1", "p1")
    )
    net = nn.Sequential(
        nn.Conv2d(3, c1, k1, s1, p1, device="meta"),
        nn.MaxPool2d(2),
        nn.Conv2d(c1, c2, 3, device="meta"),
    )
    sizes = net(torch.empty(5, 3, h, w, device="meta")).shape
    assert_right(drawn, "B, " + ", ".join(str(size) for size in sizes[1:]))


@in_every_variant_of("conv-cost", 20)
def test_the_cost_of_a_convolution(drawn: Drawn):
    cin, cout, k, groups, side = (
        int(drawn[name]) for name in ("cin", "cout", "k", "g", "side")
    )
    layer = nn.Conv2d(cin, cout, k, padding=(k - 1) // 2, groups=groups, device="meta")
    outputs = layer(torch.empty(1, cin, side, side, device="meta")).numel()
    counts = {
        "parameters": sum(one.numel() for one in layer.parameters()),
        "multiplications": outputs * layer.weight[0].numel(),
    }
    assert_right(drawn, {name: str(count) for name, count in counts.items()})


@in_every_variant_of("receptive-field", 20)
def test_a_receptive_field(drawn: Drawn):
    """How many inputs get a gradient from one output."""
    k1, k2, k3, s1, s2 = (int(drawn[n]) for n in ("k1", "k2", "k3", "s1", "s2"))
    x = torch.zeros(1, 1, 200, dtype=DOUBLE, requires_grad=True)
    y = x
    for k, s in ((k1, s1), (k2, s2), (k3, 1)):
        y = F.conv1d(y, torch.ones(1, 1, k, dtype=DOUBLE), stride=s)
    y[0, 0, 2].backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero().flatten()
    assert_right(drawn, str(int(touched[-1] - touched[0]) + 1))


@in_every_variant_of("max-pooling")
def test_max_pooling(drawn: Drawn):
    pooled = F.max_pool2d(drawn_matrix(drawn, "abcd", 4)[None, None], 2)[0, 0]
    numbers = [f"{one:.0f}" for one in pooled.flatten().tolist()]
    assert_right(drawn, dict(zip("pqrt", numbers, strict=True)))


def test_what_pooling_does():
    """Every statement of the question, tried."""
    [drawn] = variants("pooling-facts", 1)
    torch.manual_seed(0)
    x = torch.randn(1, 3, 8, 8, requires_grad=True)
    assert not list(nn.MaxPool2d(2).parameters()) + list(nn.AvgPool2d(2).parameters())
    F.max_pool2d(x, 2).sum().backward()
    assert x.grad is not None
    windows = F.unfold(x.grad, 2, stride=2).reshape(3, 4, -1)
    assert ((windows != 0).sum(1) == 1).all()
    assert nn.AdaptiveAvgPool2d(1)(x).flatten(1).shape == (1, 3)
    smooth = F.avg_pool2d(torch.randn(1, 1, 64, 64), 5, 1, 2)
    shifted = smooth.roll(1, -1)
    change = (F.max_pool2d(smooth, 4) - F.max_pool2d(shifted, 4)).abs().mean()
    assert 0 < change < (smooth - shifted).abs().mean()
    assert len(right_options(drawn)) == 4


def parameters(layer: nn.Module) -> int:
    return sum(one.numel() for one in layer.parameters())


def test_kinds_of_convolution():
    """What each description claims, of torch's layers."""
    x = torch.randn(1, 8, 9, 9)
    point, depth = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3, padding=1, groups=8)
    other = x.clone()
    other[:, 1:] = 0
    assert torch.equal(depth(x)[:, 0], depth(other)[:, 0])
    moved = x.roll(1, -1)
    torch.testing.assert_close(point(moved), point(x).roll(1, -1))
    assert parameters(nn.Conv2d(8, 8, 3, groups=4, bias=False)) * 4 == parameters(
        nn.Conv2d(8, 8, 3, bias=False)
    )
    dilated = nn.Conv2d(1, 1, 3, dilation=2)
    assert parameters(dilated) == parameters(nn.Conv2d(1, 1, 3))
    assert dilated(torch.zeros(1, 1, 5, 5)).shape[-2:] == (1, 1)
    grown = nn.ConvTranspose2d(8, 4, 2, stride=2)(x)
    assert grown.shape[-2:] == (18, 18)


@in_every_variant_of("separable-gain", 20)
def test_the_gain_of_a_separable_convolution(drawn: Drawn):
    cin, cout, k = (int(drawn[name]) for name in ("cin", "cout", "k"))
    full = nn.Conv2d(cin, cout, k, bias=False, device="meta")
    depth = nn.Conv2d(cin, cin, k, groups=cin, bias=False, device="meta")
    point = nn.Conv2d(cin, cout, 1, bias=False, device="meta")
    gain = parameters(full) / (parameters(depth) + parameters(point))
    assert_right(drawn, f"{gain:.3f}")


def test_counts_of_statistics():
    for drawn in variants("statistics-counts", 6):
        n, c, g = (int(drawn[name]) for name in ("n", "c", "g"))
        x = torch.randn(n, c, 3, 3)
        counts = {
            "Батч": x.mean((0, 2, 3)).numel(),
            "слоя": x.mean((1, 2, 3)).numel(),
            "экземпляра": x.mean((2, 3)).numel(),
            "Групповая": x.reshape(n, g, -1).mean(-1).numel(),
        }
        matching: Any = drawn.variant.drawn
        for row in matching.rows:
            [wanted] = [count for name, count in counts.items() if name in row.label]
            assert matching.rights[int(row.right) - 1] == str(wanted)


@in_every_variant_of("group-norm", 20)
def test_group_normalization(drawn: Drawn):
    n, c, g, side = (int(drawn[name]) for name in ("n", "c", "g", "side"))
    x = torch.randn(n, c, side, side, dtype=DOUBLE)
    groups = x.reshape(n, g, -1)
    by_hand = (groups - groups.mean(-1, keepdim=True)) / (
        groups.var(-1, correction=0, keepdim=True) + 1e-5
    ).sqrt()
    torch.testing.assert_close(F.group_norm(x, g), by_hand.reshape(x.shape))
    answer = {"pairs": groups.mean(-1).numel(), "numbers": groups.shape[-1]}
    assert_right(drawn, {name: str(count) for name, count in answer.items()})


@in_every_variant_of("flattened-features", 20)
def test_features_after_flattening(drawn: Drawn):
    side, c, first = (int(drawn[name]) for name in ("side", "c", "first"))
    net = nn.Sequential(
        nn.Conv2d(3, first, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, c, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    ).to("meta")
    features = net(torch.empty(1, 3, side, side, device="meta"))
    assert_right(drawn, str(features.shape[1]))
