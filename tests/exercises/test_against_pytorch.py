"""References against PyTorch's own, which the exercises forbid: another judge."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from exercises.spec import load_exercise
from graders.reference import trusted


def reference(slug: str) -> ModuleType:
    return trusted(load_exercise(slug)).reference


def normal(*shape: int, seed: int = 1) -> Tensor:
    generator = Generator().manual_seed(seed + sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def same(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("padded", [True, False])
def test_multi_head_attention_loads_pytorchs_weights(bias: bool, padded: bool) -> None:
    theirs = nn.MultiheadAttention(6, 3, bias=bias, batch_first=True).double()
    ours = reference("tr_multihead").MHA(6, 3, bias=bias).double()
    ours.load_state_dict(theirs.state_dict())
    q, k, v = normal(2, 3, 6), normal(2, 5, 6), normal(2, 5, 6, seed=2)
    mask = torch.tensor([[False] * 5, [False] * 3 + [True] * 2]) if padded else None
    out, weights = ours(q, k, v, mask)
    wanted = theirs(q, k, v, key_padding_mask=mask, average_attn_weights=False)
    assert same(out, wanted[0])
    assert same(weights, wanted[1])


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize(("block_q", "block_k"), [(1, 1), (3, 2), (7, 7), (64, 64)])
def test_attention_by_blocks_is_attention(
    causal: bool, block_q: int, block_k: int
) -> None:
    q, k, v = (normal(2, 3, 7, 4, seed=seed) for seed in (1, 2, 3))
    out = reference("tr_flash_attention").flash_attention(
        q, k, v, block_q, block_k, causal
    )
    assert same(out, F.scaled_dot_product_attention(q, k, v, is_causal=causal))


def test_attention_with_a_mask_is_pytorchs() -> None:
    q, k, v = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 3)
    mask = normal(2, 3, 5) > -0.5
    out, weights = reference("tr_attention").attention(q, k, v, mask)
    assert same(out, F.scaled_dot_product_attention(q, k, v, attn_mask=mask))
    assert same(weights.sum(-1), torch.ones(2, 3, dtype=torch.float64))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_pytorchs(smoothing: float) -> None:
    logits, target = normal(5, 4), torch.tensor([0, 3, -100, 1, 2])
    ours = reference("mlp_cross_entropy").cross_entropy(logits, target, smoothing)
    assert same(ours, F.cross_entropy(logits, target, label_smoothing=smoothing))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 4)])
def test_batch_norm_is_pytorchs_in_both_modes(
    training: bool, shape: tuple[int, ...]
) -> None:
    theirs = nn.BatchNorm1d(3, momentum=0.3).double()
    ours = reference("simp_batchnorm").MyBatchNorm1d(3, momentum=0.3).double()
    for x in (normal(*shape), normal(*shape, seed=2)):
        assert same(ours(x), theirs(x))
    ours.train(training), theirs.train(training)
    assert same(ours(normal(*shape, seed=3)), theirs(normal(*shape, seed=3)))
    for name, value in theirs.state_dict().items():
        assert same(ours.state_dict()[name].double(), value.double())


def test_layer_norm_is_pytorchs() -> None:
    x, weight, bias = normal(2, 3, 4), normal(3, 4), normal(3, 4, seed=2)
    ours = reference("simp_layernorm_fused").layer_norm(x, weight, bias, n_dims=2)
    assert same(ours, F.layer_norm(x, (3, 4), weight, bias))


def test_convolution_is_pytorchs() -> None:
    x, w, b = normal(2, 4, 7, 9), normal(6, 2, 3, 2), normal(6)
    geometry = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 3)}
    ours = reference("img_conv2d_im2col").conv2d(x, w, b, **geometry, groups=2)
    assert same(ours, F.conv2d(x, w, b, **geometry, groups=2))


@pytest.mark.parametrize("decoupled", [True, False])
def test_adam_is_pytorchs(decoupled: bool) -> None:
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    theirs, ours = nn.Parameter(normal(4)), nn.Parameter(normal(4))
    optimizers = (
        kind([theirs], lr=0.1, weight_decay=0.3),
        reference("train_adam_adamw").MyAdam(
            [ours], lr=0.1, weight_decay=0.3, decoupled=decoupled
        ),
    )
    for step in range(5):
        for parameter, optimizer in zip((theirs, ours), optimizers, strict=True):
            parameter.grad = normal(4, seed=step)
            optimizer.step()
    assert same(ours, theirs)
