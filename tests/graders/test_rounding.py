"""Random rounding: what it moves, and by how much."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from graders.rounding import UNITS, RandomRounding

EPS = torch.finfo(torch.float32).eps


def rounding(seed: int = 1) -> RandomRounding:
    return RandomRounding(torch.float32, Generator().manual_seed(seed))


def some(*shape: int) -> Tensor:
    """Numbers of float32, held in float64."""
    return torch.randn(shape, generator=Generator().manual_seed(3)).double()


def test_results_are_numbers_of_the_narrow_type_near_the_exact_ones() -> None:
    x = some(100) ** 2 + 1
    with rounding():
        y = x * 1.1
    assert torch.equal(y, y.float().double())
    error = (y / (x * 1.1) - 1).abs()
    assert 0 < error.max() <= (UNITS + 1) * EPS


def test_what_is_exact_stays() -> None:
    x = torch.arange(-5.0, 6.0, dtype=torch.float64)
    with rounding():
        assert torch.equal(x * x / 4, torch.tensor([n * n / 4 for n in range(-5, 6)]))
        assert torch.equal(x.expand(3, -1).mT.relu().flip(0)[0], x.new_full((3,), 5))


def test_infinities_and_nan_stay() -> None:
    x = torch.tensor([torch.inf, -torch.inf, torch.nan], dtype=torch.float64)
    with rounding():
        y = x * 0.1
    assert torch.equal(y[:2], x[:2])
    assert y[2].isnan()


def test_the_backward_pass_is_rounded_too() -> None:
    x = some(5, 4).requires_grad_()
    (exact,) = torch.autograd.grad(x.softmax(-1)[:, 0].sum(), x)
    with rounding():
        (moved,) = torch.autograd.grad(x.softmax(-1)[:, 0].sum(), x)
    assert not torch.equal(moved, exact)
    assert torch.allclose(moved, exact, atol=100 * EPS)


def test_in_place_operators_are_rounded_in_place() -> None:
    x = some(6)
    before = x.clone()
    with rounding():
        same = x.mul_(1.1)
    assert same is x
    assert torch.equal(x, x.float().double())
    assert not torch.equal(x, before * 1.1)


@pytest.mark.parametrize(("other", "alike"), [(1, True), (2, False)])
def test_the_generator_decides(other: int, alike: bool) -> None:
    results = []
    for seed in (1, other):
        with rounding(seed):
            results.append(some(50) * 1.1)
    assert torch.equal(*results) is alike


def test_a_sum_that_cancels_is_off_by_the_rounding_of_its_terms() -> None:
    x = some(20) * 0.1 + 1e4
    with rounding():
        y = x.log() - x.log().mean()
    assert (y - (x.log() - x.log().mean())).abs().max() > EPS
