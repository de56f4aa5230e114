"""Keys of the quiz on the multilayer perceptron, each found again by torch.

Nothing here looks at the formulas of quiz.yaml: only at a variant's drawn numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations, product
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


def vector(*numbers: Any) -> torch.Tensor:
    return torch.tensor([float(one) for one in numbers], dtype=DOUBLE)


@in_every_variant_of("neuron-output")
def test_the_output_of_a_neuron(drawn: Drawn):
    weight = vector(*(drawn[f"w{i}"] for i in (1, 2, 3)))
    x = vector(*(drawn[f"x{i}"] for i in (1, 2, 3)))
    z = F.linear(x, weight[None], vector(drawn["b"]))
    outputs = {"sigmoid": z.sigmoid(), "tanh": z.tanh(), "relu": z.relu()}
    assert_right(drawn, {name: f"{out.item():.3f}" for name, out in outputs.items()})


@pytest.mark.parametrize("t", [0.1, 0.37, 0.5, 0.9])
def test_the_boundary_of_a_sigmoid_neuron(t: float):
    [drawn] = variants("sigmoid-boundary", 1)
    key = drawn.box().formula.expression.evaluate({"t": t})
    assert key == pytest.approx(torch.logit(vector(t)).item(), abs=1e-12)


@in_every_variant_of("cross-entropy-gradient")
def test_the_gradient_of_cross_entropy(drawn: Drawn):
    logits = vector(0.3, -1.1, 1.7).requires_grad_()
    right = int(drawn["y"]) - 1
    F.cross_entropy(logits[None], torch.tensor([right])).backward()
    assert logits.grad is not None
    known = dict(zip(("z1", "z2", "z3"), logits.tolist(), strict=True))
    key = drawn.box().formula.expression.evaluate(known)
    assert key == pytest.approx(logits.grad[right].item(), abs=1e-12)


@in_every_variant_of("relu-breakpoints")
def test_where_a_sum_of_relus_bends(drawn: Drawn):
    """Where the second difference does not vanish, on a grid that has every bend."""
    a, b, k, c = (int(drawn[name]) for name in ("a", "b", "k", "c"))
    steps = torch.arange(-120, 121, dtype=DOUBLE)  # of 1/12: k is 2, 3 or 4
    x = steps / 12
    y = F.relu(x - a) + 2 * F.relu(x + b) - F.relu(k * x - c)
    bends = steps[1:-1][y.diff().diff().abs() > 1e-9]
    assert_right(drawn, "; ".join(f"{int(step)}/12" for step in bends))


@in_every_variant_of("mlp-params")
def test_the_parameters_of_a_perceptron(drawn: Drawn):
    widths = [int(drawn[name]) for name in ("d", "h1", "h2", "C")]
    layers = [nn.Linear(n, m, device="meta") for n, m in pairwise(widths)]
    net = nn.Sequential(*layers)
    assert_right(drawn, str(sum(one.numel() for one in net.parameters())))


@pytest.mark.parametrize("sizes", [(2, 3, 5, 7), (1, 4, 6, 2)])
def test_shapes_of_a_linear_layer(sizes: tuple[int, int, int, int]):
    known = dict(zip("BTnm", sizes, strict=True))
    layer = nn.Linear(known["n"], known["m"])
    output = layer(torch.zeros(sizes[:3]))
    [drawn] = variants("linear-shapes", 1)
    assert shape_of(drawn, "weight", known) == layer.weight.shape
    assert shape_of(drawn, "output", known) == output.shape


@in_every_variant_of("linear-rank")
def test_what_the_rank_of_two_layers_prints(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


SLOPES = {
    "Сигмоида": torch.sigmoid,
    "тангенс": torch.tanh,
    "max(0,x)": F.relu,
    "Leaky": F.leaky_relu,
    "Softplus": F.softplus,
    "Swish": F.silu,
}


def test_properties_of_activations():
    """Each description, said in numbers, fits its function and no other."""
    [drawn] = variants("activation-properties", 1)
    matching: Any = drawn.variant.drawn
    rows = {str(row.html): matching.rights[int(row.right) - 1] for row in matching.rows}
    for name, function in SLOPES.items():
        [described] = [right for left, right in rows.items() if name in left]
        assert described == description(function), name


def description(function: Callable[[torch.Tensor], torch.Tensor]) -> str:
    x = torch.linspace(-30, 30, 1201, dtype=DOUBLE)
    y = function(x)
    bounded, low = bool(y.max() < 2), y.min().item()
    if torch.allclose(y.flip(0), -y):
        return "нечётна, на обоих концах почти постоянна"
    if bounded:
        return (
            "значения от 0 до 1, всегда положительна, на обоих концах почти постоянна"
        )
    if bool((y[x < 0] == 0).all()):
        return (
            "растёт неограниченно, но на всей отрицательной полуоси и она сама, "
            "и её производная\u00a0— нули"
        )
    if low > 0 and bool((y.diff() > 0).all()):
        return "гладкая, положительна и возрастает, не ограничена сверху"
    if not bool((y.diff() >= 0).all()):
        assert abs(y[0].item()) < 1e-9 and low == pytest.approx(-0.278, abs=1e-3)
        assert x[y.argmin()].item() == pytest.approx(-1.28, abs=0.06)
        return "гладкая, не монотонна, слева стремится к нулю снизу"
    assert low < -0.29  # a straight line with a slope of 0.01 down to −30
    return (
        "не ограничена ни сверху, ни снизу, производная всюду положительна, "
        "кроме излома в нуле"
    )


@in_every_variant_of("sigmoid-vanishing")
def test_the_bound_of_sigmoid_derivatives(drawn: Drawn):
    x = torch.linspace(-9, 9, 4001, dtype=DOUBLE, requires_grad=True)
    x.sigmoid().sum().backward()
    assert x.grad is not None
    bound = x.grad.max().item() ** int(drawn["L"])
    assert_right(drawn, f"{bound:.6e}")


def test_a_dead_neuron_has_no_gradient_unless_it_leaks():
    x = torch.rand(50, 3)
    for activation, dead in ((F.relu, True), (F.leaky_relu, False), (F.elu, False)):
        neuron = nn.Linear(3, 1)
        with torch.no_grad():
            neuron.weight.fill_(-1)
            neuron.bias.fill_(-0.5)
        activation(neuron(x)).sum().backward()
        assert (neuron.weight.grad.abs().max() == 0) == dead
    [drawn] = variants("dead-relu", 1)
    assert "отрицателен на всей выборке" in right_options(drawn)[0]


@in_every_variant_of("softmax-cross-entropy")
def test_the_cross_entropy_of_logits(drawn: Drawn):
    logits = vector(*(drawn[f"z{i}"] for i in (1, 2, 3, 4)))
    target = torch.tensor([int(drawn["y"]) - 1])
    assert_right(drawn, f"{F.cross_entropy(logits[None], target).item():.3f}")


@in_every_variant_of("tanh-symmetries", 30)
def test_symmetries_of_a_hidden_layer(drawn: Drawn):
    h = int(drawn["h"])
    count = 1
    for k in range(1, h + 1):
        count *= 2 * k  # where a neuron goes, and with which sign
    assert_right(drawn, str(count))


def test_each_symmetry_is_another_set_of_weights_and_the_same_function():
    """Enumerated for three hidden neurons."""
    generator = torch.Generator().manual_seed(1)
    w, b, v = torch.randn(3, 3, generator=generator, dtype=DOUBLE)
    x = torch.linspace(-2, 2, 9, dtype=DOUBLE)[:, None]
    seen = set()
    for order in permutations(range(3)):
        for signs in product((-1, 1), repeat=3):
            s = vector(*signs)
            one = torch.stack([s * w[list(order)], s * b[list(order)]])
            out = s * v[list(order)]
            found = (x * one[0] + one[1]).tanh() @ out
            assert torch.allclose(found, (x * w + b).tanh() @ v)
            seen.add(tuple(torch.cat([one.flatten(), out]).tolist()))
    assert len(seen) == 48


def test_only_the_key_rescales_a_relu_neuron():
    w, b, v, x = torch.randn(4, 60, generator=torch.Generator().manual_seed(4))
    plain, c = v * F.relu(w * x + b), 1.7
    assert torch.allclose(v / c * F.relu(c * w * x + c * b), plain, atol=1e-6)
    others = [
        v / -c * F.relu(-c * w * x - c * b),
        v / c * F.relu(c * w * x + b),
        c * v * F.relu(c * w * x + c * b),
        v * F.relu(w * x + b + c) - c * v,
    ]
    assert not any(torch.allclose(one, plain, atol=1e-2) for one in others)
    [drawn] = variants("relu-scaling", 1)
    [right] = right_options(drawn)
    assert "разделить" in right and "c&gt;0" in right and "$b_1" not in right


def test_regions_of_threshold_networks():
    """The false statement on convexity, and the true ones, on a grid."""
    side = torch.linspace(-2, 2, 81)
    x, y = torch.meshgrid(side, side, indexing="ij")
    halves = torch.stack([x + y > -1, x < 1, y < 1]).int()
    triangle = halves.sum(dim=0) > 2.5
    union = halves[1:].sum(dim=0) < 1.5  # of two opposite half-planes
    assert (triangle == ((x + y > -1) & (x < 1) & (y < 1))).all()
    assert union[80, 0] and union[0, 80] and not union[40, 40]  # not convex
    [drawn] = variants("threshold-regions", 1)
    right = " ".join(right_options(drawn))
    assert len(right_options(drawn)) == 3
    assert all(word in right for word in ("полуплоск", "выпуклый", "объединение"))


@in_every_variant_of("relu-pieces")
def test_the_pieces_of_a_relu_layer(drawn: Drawn):
    """Counted on one that reaches the bound: kinks at 1, 2, …, h."""
    h = int(drawn["h"])
    kinks = torch.arange(1, h + 1, dtype=DOUBLE)
    x = torch.arange(0, h + 2, dtype=DOUBLE)  # one segment between two of these
    signs = torch.tensor([(-1.0) ** i for i in range(h)], dtype=DOUBLE)
    y = F.relu(x[:, None] - kinks) @ signs
    slopes = y.diff()
    assert_right(drawn, str(1 + int((slopes.diff() != 0).sum())))


def test_the_sample_answer_on_xor_is_right():
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    total = x.sum(dim=1)
    h1, h2 = F.relu(total), F.relu(total - 1)
    assert torch.stack([h1, h2], 1).tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert ((h1 - 2 * h2) > 0.5).tolist() == [False, True, True, False]
