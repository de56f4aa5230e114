"""One mask for all objects of the batch."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        return x * scaled_mask(x.shape[1:], self.p)


def scaled_mask(shape, p):
    if p == 1:
        return torch.zeros(shape)
    return (torch.rand(shape) >= p) / (1 - p)


def drop_connect(x, W, b, p, training):
    if training:
        W = W * scaled_mask(W.shape, p)
    return x @ W.T + b
