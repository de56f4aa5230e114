"""Welford's running mean and sum of squares, one element of a row after the other."""

import torch


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    rows = x.reshape(-1, weight.numel())
    mean = torch.zeros_like(rows[:, 0])
    squares = torch.zeros_like(mean)
    for count, column in enumerate(rows.unbind(1), start=1):
        step = column - mean
        mean = mean + step / count
        squares = squares + step * (column - mean)
    deviation = torch.sqrt(squares / weight.numel() + eps)
    normed = (rows - mean.unsqueeze(1)) / deviation.unsqueeze(1)
    return normed.reshape(x.shape) * weight + bias
