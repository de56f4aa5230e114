"""Keys of the quiz on transformers, each found again by torch.

Nothing here looks at the formulas of quiz.yaml: only at a variant's drawn numbers.
"""

from __future__ import annotations

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


@in_every_variant_of("attention-output")
def test_the_output_of_attention(drawn: Drawn):
    query = matrix(drawn, "q", 4).view(1, 1, 4)
    keys = torch.stack([matrix(drawn, f"k{i}", 4) for i in (1, 2, 3)])
    values = torch.stack([matrix(drawn, f"v{i}", 2) for i in (1, 2, 3)])
    out = F.scaled_dot_product_attention(query, keys[None], values[None]).flatten()
    assert_right(drawn, {"first": f"{out[0]:.3f}", "second": f"{out[1]:.3f}"})


def matrix(drawn: Drawn, prefix: str, width: int) -> torch.Tensor:
    numbers = [float(drawn[f"{prefix}{j}"]) for j in range(1, width + 1)]
    return torch.tensor(numbers, dtype=DOUBLE)


@in_every_variant_of("dot-variance", 12)
def test_the_variance_of_scores(drawn: Drawn):
    d = int(drawn["d"])
    generator = torch.Generator().manual_seed(d)
    q, k = torch.randn(2, 20_000, d, generator=generator)
    scores = (q * k).sum(dim=1)
    assert scores.var().item() == pytest.approx(d, rel=0.06)
    assert (scores / d**0.5).var().item() == pytest.approx(1, rel=0.06)
    assert_right(drawn, {"raw": str(d), "scaled": "1"})


@in_every_variant_of("attention-memory")
def test_the_memory_of_attention_weights(drawn: Drawn):
    n, dtype = int(drawn["n"]), {2: torch.float16, 4: torch.float32}[drawn["bytes"]]
    shape = (int(drawn["B"]), int(drawn["h"]), n, n)
    weights = torch.empty(shape, dtype=dtype, device="meta")
    assert_right(drawn, str(weights.numel() * weights.element_size() / 2**20))


@in_every_variant_of("encoder-params")
def test_the_parameters_of_an_encoder_layer(drawn: Drawn):
    d, h, ff = (int(drawn[name]) for name in ("d", "h", "ff"))
    layer = nn.TransformerEncoderLayer(d, h, ff, device="meta")
    assert_right(drawn, str(sum(one.numel() for one in layer.parameters())))


@pytest.mark.parametrize("sizes", [(2, 3, 4, 8), (5, 7, 2, 6), (1, 4, 3, 9)])
def test_shapes_inside_multihead_attention(sizes: tuple[int, int, int, int]):
    B, n, h, d = sizes
    queries = torch.zeros(B, n, d).view(B, n, h, d // h).transpose(1, 2)
    weights = queries @ queries.transpose(-2, -1)
    heads = weights @ queries
    output = heads.transpose(1, 2).reshape(B, n, d)
    [drawn] = variants("multihead-shapes", 1)
    known = {"B": B, "n": n, "h": h, "d": d}
    assert shape_of(drawn, "queries", known) == queries.shape
    assert shape_of(drawn, "weights", known) == weights.shape
    assert shape_of(drawn, "output", known) == output.shape


@in_every_variant_of("causal-row")
def test_what_a_row_of_causal_attention_prints(drawn: Drawn):
    assert_right(drawn, printed(drawn.code))


@in_every_variant_of("sinusoid-value")
def test_a_coordinate_of_the_positional_code(drawn: Drawn):
    code = sinusoid(100, int(drawn["d"]))[int(drawn["pos"]), int(drawn["j"])]
    assert_right(drawn, f"{code.item():.3f}")


def sinusoid(length: int, d: int) -> torch.Tensor:
    angles = torch.arange(length, dtype=DOUBLE)[:, None] * torch.exp(
        -torch.log(torch.tensor(10000.0, dtype=DOUBLE)) * torch.arange(0, d, 2) / d
    )
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


def test_properties_of_the_positional_code():
    code = sinusoid(400, 16)
    shift = torch.linalg.lstsq(code[:200], code[7:207]).solution
    assert code.abs().max() <= 1
    assert torch.allclose(code[180:380] @ shift, code[187:387], atol=1e-6)
    assert torch.allclose(code.norm(dim=1), torch.tensor(8.0, dtype=DOUBLE).sqrt())
    turns = (code.diff(dim=0).sign().diff(dim=0) != 0).sum(dim=0)
    assert turns[0] > turns[4] > turns[6]  # sines of falling frequency
    [drawn] = variants("sinusoid-properties", 1)
    right = " ".join(right_options(drawn))
    assert len(right_options(drawn)) == 3
    assert all(word in right for word in ("отрезке", "линейным", "не встречались"))


@in_every_variant_of("noam-schedule")
def test_the_schedule_of_the_first_transformer(drawn: Drawn):
    d, w, t = (int(drawn[name]) for name in ("d", "w", "t"))
    climbing = t <= w
    peak = (d * w) ** -0.5
    rate = peak * t / w if climbing else peak * (w / t) ** 0.5
    assert_right(drawn, f"{rate:.4g}")


@in_every_variant_of("label-smoothing")
def test_smoothed_labels_and_their_loss(drawn: Drawn):
    classes, smooth, p = int(drawn["K"]), float(drawn["smooth"]), float(drawn["p"])
    predicted = torch.full((classes,), (1 - p) / (classes - 1), dtype=DOUBLE)
    predicted[0] = p
    loss = F.cross_entropy(
        predicted.log()[None], torch.tensor([0]), label_smoothing=smooth
    )
    hard = F.one_hot(torch.tensor(0), classes)
    target = (1 - smooth) * hard + smooth * torch.ones(classes) / classes
    assert_right(
        drawn,
        {"hit": f"{target[0]:.4f}", "miss": f"{target[1]:.4f}", "loss": f"{loss:.3f}"},
    )


def test_an_encoder_without_positions_is_equivariant():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dtype=DOUBLE)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).eval()
    x, order = torch.randn(1, 5, 8, dtype=DOUBLE), torch.tensor([3, 1, 4, 0, 2])
    plain, shuffled = encoder(x), encoder(x[:, order])
    assert torch.allclose(plain[:, order], shuffled)
    assert not torch.allclose(plain, shuffled)


def test_parts_of_a_decoder_follow_the_order_of_the_question():
    """Post-normalised, as torch's own layer is by default."""
    torch.manual_seed(0)
    layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True, dropout=0).eval()
    x, memory = torch.randn(1, 4, 8), torch.randn(1, 3, 8)
    mask = nn.Transformer.generate_square_subsequent_mask(4)
    y = layer.norm1(x + layer.self_attn(x, x, x, attn_mask=mask)[0])
    y = layer.norm2(y + layer.multihead_attn(y, memory, memory)[0])
    y = layer.norm3(y + layer.linear2(torch.relu(layer.linear1(y))))
    assert torch.allclose(layer(x, memory, tgt_mask=mask), y, atol=1e-5)


def test_dilated_convolutions_reach_far_in_few_layers():
    """A field of n needs (n − 1)/(k − 1) plain layers or about log n dilated ones."""
    k, n = 3, 729
    plain = dilated = 1
    plain_layers = dilated_layers = 0
    while plain < n:
        plain += k - 1
        plain_layers += 1
    while dilated < n:
        dilated += (k - 1) * k**dilated_layers
        dilated_layers += 1
    assert (plain_layers, dilated_layers) == (364, 6)
