"""Outputs are cut at the length, the state is not."""

import torch
from torch import nn


def lstm_cell(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state
    i, f, g, o = (x @ w_ih.mT + b_ih + h @ w_hh.mT + b_hh).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    r_x, z_x, n_x = (x @ w_ih.mT + b_ih).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ w_hh.mT + b_hh).chunk(3, dim=1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return (1 - z) * n + z * h


class Layer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        rows = self.gates * hidden_size
        self.hidden_size = hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.zeros(rows, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.zeros(rows, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.zeros(rows))
        self.bias_hh_l0 = nn.Parameter(torch.zeros(rows))

    def run(self, x, state, lengths):
        outputs = []
        for t in range(x.shape[1]):
            new = self.step(x[:, t], state)
            state = new
            if lengths is None:
                outputs.append(new[0])
            else:
                outputs.append(new[0] * (t < lengths)[:, None])
        return torch.stack(outputs, dim=1), state

    def zeros(self, x):
        return torch.zeros(len(x), self.hidden_size, dtype=x.dtype)


class MyLSTM(Layer):
    gates = 4

    def step(self, x, state):
        return lstm_cell(x, state, *self.parameters())

    def forward(self, x, state=None, lengths=None):
        y, state = self.run(x, state or (self.zeros(x), self.zeros(x)), lengths)
        return y, tuple(state)


class MyGRU(Layer):
    gates = 3

    def step(self, x, state):
        return [gru_cell(x, state[0], *self.parameters())]

    def forward(self, x, state=None, lengths=None):
        y, state = self.run(x, [self.zeros(x) if state is None else state], lengths)
        return y, state[0]
