"""Longest first; the batch shrinks as sequences end, and is put back in order."""

import torch
from torch import nn
from torch.nn import functional as F


def lstm_cell(x, state, w_ih, w_hh, b_ih, b_hh):
    return lstm_step(F.linear(x, w_ih, b_ih), state, w_hh, b_hh)


def lstm_step(of_x, state, w_hh, b_hh):
    h, c = state
    n = h.shape[1]
    rows = of_x + F.linear(h, w_hh, b_hh)
    gates = torch.sigmoid(rows)
    new_c = gates[:, n : 2 * n] * c + gates[:, :n] * torch.tanh(rows[:, 2 * n : 3 * n])
    return gates[:, 3 * n :] * torch.tanh(new_c), new_c


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    return gru_step(F.linear(x, w_ih, b_ih), (h,), w_hh, b_hh)[0]


def gru_step(of_x, state, w_hh, b_hh):
    (h,) = state
    n = h.shape[1]
    of_h = F.linear(h, w_hh, b_hh)
    r, z = torch.sigmoid(of_x[:, : 2 * n] + of_h[:, : 2 * n]).split(n, dim=1)
    new = torch.tanh(of_x[:, 2 * n :] + r * of_h[:, 2 * n :])
    return (new + z * (h - new),)


class Layer(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        for name, shape in {
            "weight_ih_l0": (self.blocks * n, d),
            "weight_hh_l0": (self.blocks * n, n),
            "bias_ih_l0": (self.blocks * n,),
            "bias_hh_l0": (self.blocks * n,),
        }.items():
            self.register_parameter(name, nn.Parameter(torch.randn(shape)))

    def run(self, x, state, lengths):
        batch, steps, _ = x.shape
        if lengths is None:
            lengths = torch.full((batch,), steps)
        order = lengths.argsort(descending=True)
        back = order.argsort()
        of_x = F.linear(x[order], self.weight_ih_l0, self.bias_ih_l0)
        now = [part[order] for part in state]
        outputs, ended = [], [[] for _ in state]
        for t in range(steps):
            alive = int((lengths > t).sum())
            for done, part in zip(ended, now):
                done.insert(0, part[alive:])
            now = [part[:alive] for part in now]
            now = self.step(of_x[:alive, t], now, self.weight_hh_l0, self.bias_hh_l0)
            outputs.append(F.pad(now[0], (0, 0, 0, batch - alive)))
        final = [torch.cat([part, *done])[back] for part, done in zip(now, ended)]
        return torch.stack(outputs, dim=1)[back], final


class MyLSTM(Layer):
    blocks = 4
    step = staticmethod(lstm_step)

    def forward(self, x, state=None, lengths=None):
        n = self.weight_hh_l0.shape[1]
        if state is None:
            state = [torch.zeros(len(x), n, dtype=x.dtype) for _ in range(2)]
        y, final = self.run(x, state, lengths)
        return y, tuple(final)


class MyGRU(Layer):
    blocks = 3
    step = staticmethod(gru_step)

    def forward(self, x, state=None, lengths=None):
        if state is None:
            state = torch.zeros(len(x), self.weight_hh_l0.shape[1], dtype=x.dtype)
        y, (h,) = self.run(x, [state], lengths)
        return y, h
