"""Keys of the quiz on regularization, each found again by torch or by trying."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from tests.content.bank import (
    Drawn,
    assert_right,
    in_every_variant_of,
    right_options,
    variants,
)
from tests.content.test_training_keys import printed

DOUBLE = torch.float64


def scalar(value: Any) -> torch.Tensor:
    return torch.tensor(float(value), dtype=DOUBLE)


@in_every_variant_of("fitting-regime")
def test_the_regime_follows_from_the_curves(drawn: Drawn):
    train, valid = ([float(drawn[f"{name}{i}"]) for i in range(1, 6)] for name in "tv")
    if train[-1] > 0.8 * float(drawn["constant"]):
        wanted = "недообучена"
    elif valid[-1] > 1.2 * min(valid):
        wanted = "переобучается"
    else:
        wanted = "обучена хорошо"
    [right] = right_options(drawn)
    assert wanted in right


@in_every_variant_of("l2-step")
def test_a_step_with_weight_decay(drawn: Drawn):
    weight = nn.Parameter(scalar(drawn["w"]))
    weight.grad = scalar(drawn["g"])
    optimizer = torch.optim.SGD(
        [weight], lr=float(drawn["eta"]), weight_decay=float(drawn["lam"])
    )
    optimizer.step()
    assert_right(drawn, f"{weight.item():.4f}")


@pytest.mark.parametrize("s", [0.1, 0.7, 1.6])
@pytest.mark.parametrize("weights", [(1.2, -0.4), (-2.0, 0.3), (0.0, 1.5)])
def test_what_noise_at_the_inputs_adds_to_the_loss(
    s: float, weights: tuple[float, ...]
):
    """The mean over noises of ±s: a square needs no more than their variance."""
    weight = torch.tensor(weights, dtype=DOUBLE)
    x, off = torch.tensor([0.8, -1.3], dtype=DOUBLE), 0.37  # ŷ − y without noise
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0], dtype=DOUBLE)] * 2)
    noisy = (x + s * signs) @ weight - x @ weight + off
    grown = (noisy.square().mean() - off**2).item()
    [drawn] = variants("input-noise", 1)
    known = {"s": s, "w1": weights[0], "w2": weights[1]}
    key = drawn.box().formula.expression.evaluate(known)
    assert key == pytest.approx(grown, abs=1e-12)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("s*(w1^2 + w2^2)", "variance-or-deviation"),
        ("s^2*w1^2 + 2*s^2*w1*w2 + s^2*w2^2", "input-noise"),
        ("s^2*abs(w1) + s^2*abs(w2)", "l1-or-l2"),
        ("(s*w1)^2/2 + (s*w2)^2/2", "factor-two"),
        ("0", "input-noise"),
    ],
)
def test_a_slip_about_noise_is_named(written: str, tag: str):
    [drawn] = variants("input-noise", 1)
    marked = drawn.mark(written)
    assert (marked.mark, marked.tags) == (0, (tag,))


@in_every_variant_of("l1-proximal")
def test_a_proximal_step(drawn: Drawn):
    """The minimum of (w − u)²/2 + ηλ|w|, searched for on a fine grid."""
    grid = torch.linspace(-2, 2, 40_001, dtype=DOUBLE)
    threshold = float(drawn["eta"] * drawn["lam"])
    weights = {
        name: grid[((grid - float(u)) ** 2 / 2 + threshold * grid.abs()).argmin()]
        for name, u in (("first", drawn["u1"]), ("second", drawn["u2"]))
    }
    assert_right(drawn, {name: f"{w.item():.3f}" for name, w in weights.items()})


def rights_of(question: str) -> dict[str, str]:
    [drawn] = variants(question, 1)
    matching: Any = drawn.variant.drawn
    return {row.label: matching.rights[int(row.right) - 1] for row in matching.rows}


def test_which_penalty_does_what():
    w = torch.tensor([0.1, 1.0, 4.0], dtype=DOUBLE, requires_grad=True)
    grads = {
        "L1": torch.autograd.grad(w.abs().sum(), w)[0],
        "L2": torch.autograd.grad(w.square().sum() / 2, w)[0],
    }
    densities = {
        "Лапласа": -torch.distributions.Laplace(scalar(0), scalar(1)).log_prob(w),
        "нормальному": -torch.distributions.Normal(scalar(0), scalar(1)).log_prob(w),
    }
    for label, right in rights_of("l1-or-l2").items():
        grad = grads[right.split()[-1]]
        if "умножается" in label:
            assert torch.allclose(grad / w.detach(), scalar(1).expand(3))
        elif "уменьшается" in label:
            assert torch.allclose(grad, grad[0].expand(3))
        elif "нулевыми" in label:
            assert grad[0] == grad[-1]  # the pull does not fade near zero
        else:
            [prior] = [p for name, p in densities.items() if name in label]
            assert torch.allclose(torch.autograd.grad(prior.sum(), w)[0], grad)


@in_every_variant_of("constrained-layer")
def test_parameters_of_constrained_layers(drawn: Drawn):
    m, n, r, groups = (int(drawn[name]) for name in ("m", "n", "r", "groups"))
    low_rank = nn.Sequential(
        nn.Linear(m, r, bias=False, device="meta"),
        nn.Linear(r, n, bias=False, device="meta"),
    )
    grouped = nn.Conv1d(m, n, 1, groups=groups, bias=False, device="meta")
    counts = {
        name: str(sum(one.numel() for one in layer.parameters()))
        for name, layer in (("low_rank", low_rank), ("grouped", grouped))
    }
    assert_right(drawn, counts)


@in_every_variant_of("trainable-after-freezing")
def test_what_is_left_to_train(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


def stopped(losses: list[float], patience: int) -> tuple[int, int]:
    """After which epoch training ends, and which was the best."""
    best, since = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best]:
            best, since = epoch, 0
        else:
            since += 1
        if since == patience:
            return epoch + 1, best + 1
    raise AssertionError("it never stops")


@in_every_variant_of("early-stopping")
def test_early_stopping(drawn: Drawn):
    losses = [float(drawn[f"e{epoch}"]) for epoch in range(1, 12)]
    stop, best = stopped(losses, int(drawn["p"]))
    assert losses[best - 1] == pytest.approx(float(drawn["base"]))
    assert_right(drawn, {"stop": str(stop), "best": str(best)})


@in_every_variant_of("mixup-label")
def test_a_mixed_label(drawn: Drawn):
    one_hot = torch.eye(3, dtype=DOUBLE)
    first, second = one_hot[int(drawn["a"]) - 1], one_hot[int(drawn["b"]) - 1]
    label = torch.lerp(second, first, float(drawn["lam"]))
    assert_right(drawn, {f"y{i + 1}": f"{label[i].item():.6g}" for i in range(3)})


def test_the_variance_after_dropout():
    """Against torch's own dropout, at five standard errors."""
    torch.manual_seed(0)
    for drawn in variants("dropout-variance", 10):
        p, x = float(drawn["p"]), float(drawn["x"])
        out = nn.Dropout(p)(torch.full((200_000,), x, dtype=DOUBLE))
        key = float(str(drawn.variant.key).replace(",", ".").replace("−", "-"))
        assert out.var().item() == pytest.approx(key, rel=0.05)
        values = torch.tensor([0.0, x / (1 - p)], dtype=DOUBLE)
        chances = torch.tensor([p, 1 - p], dtype=DOUBLE)
        mean = (chances * values).sum()
        assert_right(drawn, f"{(chances * (values - mean) ** 2).sum().item():.3f}")


@in_every_variant_of("global-pruning")
def test_global_pruning(drawn: Drawn):
    s = float(drawn["s"])
    first = nn.Linear(4, 1, bias=False)
    second = nn.Linear(4, 1, bias=False)
    weights = ([0.9, -0.8, 0.6, -0.15], [-0.4, 0.3, 0.1, -0.05])
    for layer, row in zip((first, second), weights, strict=True):
        layer.weight = nn.Parameter(s * torch.tensor([row], dtype=DOUBLE))
    prune.global_unstructured(
        [(first, "weight"), (second, "weight")],
        prune.L1Unstructured,
        amount=int(drawn["r"]),
    )
    left = torch.cat([first.weight, second.weight]).abs()
    answer = {
        "first": str(int((first.weight != 0).sum())),
        "second": str(int((second.weight != 0).sum())),
        "least": f"{left[left > 0].min().item():.6g}",
    }
    assert_right(drawn, answer)
