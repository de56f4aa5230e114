"""Keys of the quiz on training, each found again by torch or by literal arithmetic.

Nothing here looks at the formulas of quiz.yaml: only at a variant's drawn numbers.
"""

from __future__ import annotations

import io
import math
from contextlib import redirect_stdout

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

DOUBLE = torch.float64


def parameter(*numbers: object) -> torch.Tensor:
    values = [float(one) for one in numbers]
    return torch.tensor(values, dtype=DOUBLE, requires_grad=True)


@in_every_variant_of("gd-step")
def test_a_step_of_gradient_descent(drawn: Drawn):
    x = parameter(drawn["x0"])
    loss = drawn["a"] * x**2 + drawn["b"] * x + drawn["c"]
    loss.sum().backward()
    torch.optim.SGD([x], lr=float(drawn["eta"])).step()
    assert_right(drawn, f"{x.item():.2f}")


@in_every_variant_of("gd-max-step")
def test_descent_converges_below_the_bound_and_not_above(drawn: Drawn):
    bound = float(drawn.box().value)
    assert descent(drawn, 0.99 * bound) < 1e-3
    assert descent(drawn, 1.01 * bound) > 1e3


def descent(drawn: Drawn, step: float) -> float:
    """How far from the minimum 1000 steps lead, starting at (1, 1, 1)."""
    curvature = torch.tensor([float(drawn[name]) for name in ("l1", "l2", "l3")])
    w = torch.ones(3, dtype=DOUBLE)
    for _ in range(1000):
        w = w - step * curvature * w
    return w.norm().item()


@in_every_variant_of("momentum-gain", 30)
def test_inertia_multiplies_the_step(drawn: Drawn):
    with_inertia = last_shift(momentum=float(drawn["mu"]))
    assert_right(drawn, f"{with_inertia / last_shift(momentum=0):.2f}")


def last_shift(momentum: float) -> float:
    w = parameter(0)
    optimizer = torch.optim.SGD([w], lr=0.01, momentum=momentum)
    w.grad = torch.ones_like(w)
    before = 0.0
    for _ in range(1500):
        before = w.item()
        optimizer.step()
    return w.item() - before


@in_every_variant_of("minibatch-std")
def test_the_spread_of_a_batch_mean(drawn: Drawn):
    spread = [
        torch.distributions.Binomial(float(size), torch.tensor(0.3)).stddev / size
        for size in (drawn["small"], drawn["large"])
    ]
    assert_right(drawn, f"{(spread[0] / spread[1]).item():.2f}")


@in_every_variant_of("warmup-cosine", 40)
def test_the_schedule_at_two_moments(drawn: Drawn):
    peak, w, total = float(drawn["peak"]), int(drawn["w"]), int(drawn["total"])
    w_and_rest = torch.optim.SGD([parameter(0)], lr=peak)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(w_and_rest, T_max=total - w)
    for _ in range(int(drawn["t2"]) - w):
        w_and_rest.step()
        cosine.step()
    ramp = torch.linspace(0, peak, w + 1, dtype=DOUBLE)
    warm = ramp[int(drawn["t1"])].item()
    late = cosine.get_last_lr()[0]
    assert_right(drawn, {"warmup": f"{warm:.4f}", "decay": f"{late:.4f}"})


@in_every_variant_of("adam-first-step")
def test_the_first_step_of_adam(drawn: Drawn):
    w = parameter(1)
    w.grad = torch.full_like(w, float(drawn["g"]))
    torch.optim.Adam(
        [w],
        lr=float(drawn["eta"]),
        betas=(0.9, float(drawn["beta2"])),
        eps=float(drawn["epsilon"]),
    ).step()
    assert_right(drawn, f"{abs(w.item() - 1):.4f}")


KINDS = {
    (1, 1): "Локальный минимум",
    (-1, -1): "Локальный максимум",
    (-1, 1): "Седловая точка",
}


@in_every_variant_of("hessian-type")
def test_the_kind_of_a_stationary_point(drawn: Drawn):
    a, b, c = (float(drawn[name]) for name in ("h11", "h12", "h22"))
    eigenvalues = torch.linalg.eigvalsh(torch.tensor([[a, b], [b, c]], dtype=DOUBLE))
    signs = torch.sign(eigenvalues.round(decimals=9)).int().tolist()
    unknown = "По этому гессиану тип точки определить нельзя"
    assert right_options(drawn) == [KINDS.get(tuple(signs), unknown)]


@in_every_variant_of("graph-gradient")
def test_gradients_of_the_graph(drawn: Drawn):
    x, y = parameter(drawn["x"]), parameter(drawn["y"])
    u = x * y
    v = u + drawn["b"]
    r = torch.relu(v)
    s = torch.exp(float(drawn["c"]) * x)
    ((r + s) * y).backward()
    assert x.grad is not None and y.grad is not None
    assert_right(drawn, {"dx": f"{x.grad.item():.3f}", "dy": f"{y.grad.item():.3f}"})


@in_every_variant_of("gradient-cost", 12)
def test_what_a_gradient_costs(drawn: Drawn):
    n = int(drawn["n"])
    calls = 0

    def loss(shift: float) -> float:
        nonlocal calls
        calls += 1
        return shift**2

    for _ in range(n):
        (loss(1e-3) - loss(-1e-3)) / 2e-3
    w = torch.randn(n, requires_grad=True)
    (w**2).sum().backward()  # one pass
    assert w.grad is not None and torch.equal(w.grad, 2 * w.detach())
    assert_right(drawn, {"differences": str(calls), "backward": "1"})


@in_every_variant_of("two-backwards")
def test_what_two_backward_calls_print(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


def printed(code: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "question", "exec"), {})  # noqa: S102 (the author's code)
    return out.getvalue()


SETTING = """
import torch
from torch import nn
torch.manual_seed(0)
loader = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(5)]
model = nn.Linear(3, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
BY_HAND = """
losses = []
for x, y in loader:
    loss = criterion(model(x), y)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    with torch.no_grad():
        for weight, gradient in zip(model.parameters(), gradients):
            weight -= 0.1 * gradient
    losses.append(loss.item())
print(sum(losses) / len(losses))
"""


def test_the_assembled_program_trains():
    [drawn] = variants("training-step-lines", 1)
    program = drawn.variant.parse(drawn.variant.key).value
    lines = [" " * 4 * one.indent + one.line.text for one in program]
    mean = float(printed(SETTING + "\n".join(lines)))
    assert mean == pytest.approx(float(printed(SETTING + BY_HAND)), rel=1e-5)


@in_every_variant_of("he-std")
def test_the_spread_of_he_initialisation(drawn: Drawn):
    k = int(drawn["k"])
    conv = nn.Conv2d(int(drawn["cin"]), int(drawn["cout"]), k, device="meta")
    fan = nn.init._calculate_correct_fan(conv.weight, "fan_in")
    std = nn.init.calculate_gain("relu") / math.sqrt(fan)
    assert_right(drawn, f"{std:.4f}")


def test_he_initialisation_of_torch_has_that_spread():
    generator = torch.Generator().manual_seed(1)
    weight = torch.empty(96, 32, 5, 5)
    nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
    assert weight.std().item() == pytest.approx(math.sqrt(2 / (25 * 32)), rel=0.02)


def test_equal_weights_give_equal_but_nonzero_gradients():
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh())
    net.append(nn.Linear(4, 1))
    for weight in net.parameters():
        nn.init.constant_(weight, 0.1)
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    (net(x) ** 2).mean().backward()
    for layer in (net[0], net[2]):
        assert torch.allclose(layer.weight.grad, layer.weight.grad[:1])
        assert layer.weight.grad.abs().max() > 1e-4


def test_nesterov_takes_the_gradient_after_the_trial_shift():
    """The order of the question, in the trial points torch keeps as parameters."""
    w, velocity = 1.0, 0.0
    theirs = parameter(w)
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(20):
        trial = w - 0.1 * 0.9 * velocity
        gradient = trial**3
        velocity = 0.9 * velocity + gradient
        w -= 0.1 * velocity
        optimizer.zero_grad()
        (theirs**4 / 4).sum().backward()
        optimizer.step()
    assert theirs.item() == pytest.approx(w - 0.1 * 0.9 * velocity)


def test_steps_of_adagrad_only_shrink():
    w = parameter(0)
    optimizer = torch.optim.Adagrad([w], lr=1)
    shifts = []
    for _ in range(50):
        before = w.item()
        w.grad = torch.ones_like(w)
        optimizer.step()
        shifts.append(before - w.item())
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[-1] == pytest.approx(1 / math.sqrt(50))
