"""References that follow their own statement's limits, against what PyTorch has."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from exercises.spec import load_exercise
from graders.cases import Prepared, prepare
from graders.reference import Trusted, trusted
from tests.graders.conftest import SEED


def cases(slug: str, *checks: str) -> Iterator[tuple[Trusted, Prepared]]:
    code = trusted(load_exercise(slug))
    for check in code.exercise.checks:
        if check.name in checks:
            for prepared in prepare(code, check, SEED):
                yield code, prepared


class TorchVar:
    """What the exercise asks for, by PyTorch's own engine."""

    def __init__(self, data: Tensor) -> None:
        self.data = data.detach().clone().requires_grad_()

    @property
    def grad(self) -> Tensor | None:
        return self.data.grad

    def backward(self) -> None:
        self.data.backward()


def _lifted(function: Callable[..., Tensor]) -> Callable[..., TorchVar]:
    def operation(*operands: Any, **options: Any) -> TorchVar:
        with torch.enable_grad():
            tensors = [getattr(one, "data", one) for one in operands]
            result = TorchVar.__new__(TorchVar)
            result.data = function(*tensors, **options)
        return result

    return operation


for _name in ("add", "sub", "mul", "matmul"):
    setattr(TorchVar, f"__{_name}__", _lifted(getattr(torch, _name)))
for _name in ("relu", "exp", "log", "sum"):
    setattr(TorchVar, _name, _lifted(getattr(torch, _name)))

DIFFERENTIATED = ("operations", "broadcasting", "reuse", "graphs", "zeros", "depth")


def test_the_engine_differentiates_as_autograd_does() -> None:
    count = 0
    for code, prepared in cases("train_autograd_engine", *DIFFERENTIATED):
        torch_has = code.probe(type("solution", (), {"Var": TorchVar}), prepared.inputs)
        assert_close(prepared.expected.value, torch_has)
        count += 1
    assert count > 60


def assert_close(ours: Any, theirs: Any) -> None:
    torch.testing.assert_close(ours["output"], theirs["output"].detach())
    for mine, other in zip(ours["grads"], theirs["grads"], strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "layer"), [("MyLSTM", nn.LSTM), ("MyGRU", nn.GRU)])
def test_layers_agree_with_pytorchs_on_packed_sequences(
    name: str, layer: type[nn.LSTM | nn.GRU]
) -> None:
    for _, prepared in cases("rnn_lstm_gru", "lengths"):
        inputs = prepared.inputs
        if inputs["call"] == name:
            theirs = packed(layer(3, 5, batch_first=True), inputs)
            compared = prepared.expected.value["output"]
            torch.testing.assert_close(list(flat(compared)), list(flat(theirs)))


def packed(net: nn.LSTM | nn.GRU, inputs: Any) -> Any:
    net.load_state_dict(inputs["state"])
    (x, state), lengths = inputs["args"], inputs["kwargs"]["lengths"]
    pack = nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False)
    start = tuple(s[None] for s in state) if isinstance(net, nn.LSTM) else state[None]
    with torch.no_grad():
        y, final = net(pack, start)
    y, _ = nn.utils.rnn.pad_packed_sequence(y, True, total_length=x.shape[1])
    return y, [part[0] for part in flat(final)]


def flat(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    else:
        for item in tree:
            yield from flat(item)


@pytest.mark.parametrize(("name", "kind"), [("lstm", nn.LSTMCell), ("gru", nn.GRUCell)])
def test_cells_agree_with_pytorchs(
    name: str, kind: type[nn.LSTMCell | nn.GRUCell]
) -> None:
    for _, prepared in cases("rnn_lstm_gru", f"{name}_cell"):
        x, state, *weights = prepared.inputs["args"]
        cell = kind(x.shape[1], weights[1].shape[1])
        with torch.no_grad():
            for parameter, value in zip(cell.parameters(), weights, strict=True):
                parameter.copy_(value)
            theirs = list(flat(cell(x, state)))
        ours = list(flat(prepared.expected.value["output"]))
        torch.testing.assert_close(ours, theirs)


def test_a_beam_that_holds_everything_enumerates_it() -> None:
    for _, prepared in cases("rnn_beam_search", "everything"):
        inputs, value = prepared.inputs, prepared.expected.value
        ours = [tuple(one.tolist()) for one in value["tokens"]]
        theirs = sorted(enumerated(inputs), reverse=True)
        assert ours == [tokens for _, tokens in theirs]
        scores = torch.tensor([score for score, _ in theirs], dtype=torch.float64)
        torch.testing.assert_close(value["scores"], scores)


def enumerated(inputs: Any) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Every string that ends in eos, or is of the greatest length."""
    table, eos = inputs["table"], inputs["eos"]
    most = inputs["max_len"]
    for n in range(1, most + 1):
        for tokens in itertools.product(range(table.shape[-1]), repeat=n):
            ends = tokens[-1] == eos or n == most
            if ends and eos not in tokens[:-1]:
                padded = (inputs["bos"], inputs["bos"], *tokens)
                total = math.fsum(
                    float(table[(t, *padded[t : t + 3])]) for t in range(n)
                )
                yield total / n ** inputs["alpha"], tokens


def test_a_beam_of_one_is_greedy() -> None:
    for _, prepared in cases("rnn_beam_search", "greedy"):
        inputs, tokens = prepared.inputs, []
        before = [inputs["bos"]] * 2
        while inputs["eos"] not in tokens and len(tokens) < inputs["max_len"]:
            row = inputs["table"][(len(tokens), *(before + tokens)[-2:])]
            tokens.append(int(row.argmax()))
        assert [one.tolist() for one in prepared.expected.value["tokens"]] == [tokens]
