"""Weights of nn.LSTM and nn.GRU; sequences of different lengths; halves and wholes.

Elements of a state may be small differences of large terms, and a state of size one
has no others: what counts as one is given, not taken from the answer.
"""

from __future__ import annotations

from typing import Any

import torch

from exercises import authoring as on
from exercises.authoring import Case, Cases, Generator, Tensor, check, earlier, normal

BLOCKS = {"lstm_cell": 4, "gru_cell": 3, "MyLSTM": 4, "MyGRU": 3}  # blocks of rows
LAYERS = ("MyLSTM", "MyGRU")
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def weights(g: Generator, name: str, d: int, h: int) -> list[Tensor]:
    rows = BLOCKS[name] * h
    return [0.7 * normal(g, rows, *rest) for rest in ((d,), (h,), (), ())]


def initial(g: Generator, name: str, b: int, h: int) -> Any:
    """A state: (h, c) of an LSTM, h of a GRU."""
    parts = 0.5 * normal(g, b, h), normal(g, b, h)
    return parts if BLOCKS[name] == 4 else parts[0]


def cell(g: Generator, name: str, b: int, d: int, h: int) -> Case:
    x, state = on.strided(normal(g, b, d)), initial(g, name, b, h)
    return on.call(name, x, state, *weights(g, name, d, h)).within(scale=1)


def layer(g: Generator, name: str, d: int, h: int) -> on.Built:
    state = dict(zip(NAMES, weights(g, name, d, h), strict=True))
    return on.build(name, d, h, state=state)


def parts(answer: dict) -> list[Tensor]:
    y, state = answer["output"]
    return [y, *state] if isinstance(state, list | tuple) else [y, state]


def streams(value: dict, inputs: dict) -> bool:
    whole, first, second = map(parts, value["answers"])
    y = torch.cat([first[0], second[0]], dim=1)
    return all(map(on.close, [y, *second[1:]], whole))


STREAMS = on.rule(
    "Две части подряд, с перенесённым состоянием, дали не то же, что вся "
    "последовательность сразу.",
    streams,
)


@check("lstm_cell")
def lstm_cell(g: Generator) -> Cases:
    for sizes in ((3, 4, 5), (1, 1, 1), (4, 2, 3)):
        yield cell(g, "lstm_cell", *sizes)


@check("gru_cell")
def gru_cell(g: Generator) -> Cases:
    for sizes in ((3, 4, 5), (1, 1, 1), (4, 2, 3)):
        yield cell(g, "gru_cell", *sizes)


@check("layers")
def layers(g: Generator) -> Cases:
    for name in LAYERS:
        for b, t, d, h in ((3, 6, 4, 5), (1, 1, 2, 3), (2, 7, 1, 1)):
            x, state = on.strided(normal(g, b, t, d)), initial(g, name, b, h)
            yield layer(g, name, d, h)(x, state).within(scale=1)
        yield layer(g, name, 3, 4)(normal(g, 2, 5, 3)).within(scale=1)


@check("lengths")
def lengths(g: Generator) -> Cases:
    for name in LAYERS:
        for longest in (7, 5):  # the last steps may be nobody's
            x, state = normal(g, 4, 7, 3), initial(g, name, 4, 5)
            ends = torch.cat([on.integers(g, 1, 5, 3), torch.tensor([longest])])
            case = layer(g, name, 3, 5)(x, state, lengths=ends.flip(0))
            yield case.within(scale=1)


@check("streaming")
def streaming(g: Generator) -> Cases:
    for name in LAYERS:
        net, state, x = layer(g, name, 3, 5), initial(g, name, 2, 5), normal(g, 2, 7, 3)
        halves = net(x[:, :3], state), net(x[:, 3:], earlier(1, 1))
        yield on.in_turn(net(x, state), *halves).holds(STREAMS)
        yield on.in_turn(net(x, state), *halves).within(scale=1)


@check("gradients")
def gradients(g: Generator) -> Cases:
    for name in LAYERS:
        net, state, x = layer(g, name, 4, 3), initial(g, name, 3, 3), normal(g, 3, 5, 4)
        for ends in (None, torch.tensor([2, 5, 1])):
            case = net(x, state, lengths=ends, grad_of=(0, *NAMES))
            yield case.within(scale=1)


@check("memory")
def memory(g: Generator) -> Cases:
    for name in ("lstm_cell", "gru_cell"):
        yield cell(g, name, 2, 3, 4).leaves_inputs_alone().not_aliasing()
    for name in LAYERS:
        x, state = normal(g, 3, 4, 2), initial(g, name, 3, 5)
        case = layer(g, name, 2, 5)(x, state, lengths=torch.tensor([4, 1, 3]))
        yield case.within(scale=1).leaves_inputs_alone().not_aliasing()
