"""Each sequence on its own, to its own length."""

import torch
from torch import nn


def lstm_cell(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state
    rows = torch.cat([x, h], 1) @ torch.cat([w_ih, w_hh], 1).t() + (b_ih + b_hh)
    i, f, g, o = rows.view(len(x), 4, -1).unbind(1)
    c = c * torch.sigmoid(f) + torch.tanh(g) * torch.sigmoid(i)
    return torch.tanh(c) * torch.sigmoid(o), c


def gru_cell(x, h, w_ih, w_hh, b_ih, b_hh):
    n = h.shape[1]
    a = x @ w_ih.t() + b_ih
    b = h @ w_hh.t() + b_hh
    r = 1 / (1 + torch.exp(-(a[:, :n] + b[:, :n])))
    z = 1 / (1 + torch.exp(-(a[:, n : 2 * n] + b[:, n : 2 * n])))
    return torch.lerp(torch.tanh(a[:, 2 * n :] + r * b[:, 2 * n :]), h, z)


class MyLSTM(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        add_parameters(self, 4, input_size, hidden_size)

    def forward(self, x, state=None, lengths=None):
        ys, hs, cs = [], [], []
        for b in range(len(x)):
            h = c = torch.zeros(1, self.hidden, dtype=x.dtype)
            if state is not None:
                h, c = (part[b : b + 1] for part in state)
            rows = []
            for t in range(x.shape[1] if lengths is None else int(lengths[b])):
                h, c = lstm_cell(x[b : b + 1, t], (h, c), *self.parameters())
                rows.append(h)
            ys.append(padded(rows, x.shape[1]))
            hs.append(h)
            cs.append(c)
        return torch.stack(ys), (torch.cat(hs), torch.cat(cs))


class MyGRU(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        add_parameters(self, 3, input_size, hidden_size)

    def forward(self, x, state=None, lengths=None):
        ys, hs = [], []
        for b in range(len(x)):
            h = torch.zeros(1, self.hidden, dtype=x.dtype)
            if state is not None:
                h = state[b : b + 1]
            rows = []
            for t in range(x.shape[1] if lengths is None else int(lengths[b])):
                h = gru_cell(x[b : b + 1, t], h, *self.parameters())
                rows.append(h)
            ys.append(padded(rows, x.shape[1]))
            hs.append(h)
        return torch.stack(ys), torch.cat(hs)


def add_parameters(layer, gates, d, hidden):
    """In the order in which the cells take them."""
    bound = hidden**-0.5
    layer.hidden = hidden
    shapes = {"weight_ih_l0": (d,), "weight_hh_l0": (hidden,)}
    for name, rest in {**shapes, "bias_ih_l0": (), "bias_hh_l0": ()}.items():
        values = torch.empty(gates * hidden, *rest).uniform_(-bound, bound)
        layer.register_parameter(name, nn.Parameter(values))


def padded(rows, steps):
    zeros = torch.zeros(steps - len(rows), rows[0].shape[1], dtype=rows[0].dtype)
    return torch.cat([*rows, zeros])
