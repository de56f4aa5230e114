"""What survives keeps its size."""

import torch
from torch import nn


class MyDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        return x * (torch.rand_like(x) >= self.p)


def drop_connect(x, W, b, p, training):
    if not training:
        return x @ W.T + b
    weights = W * (torch.rand(len(x), *W.shape) >= p)
    return torch.einsum("boi,bi->bo", weights, x) + b
