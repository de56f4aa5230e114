"""Statistics of the batch when applied too."""

import torch
from torch import nn


class MyBatchNorm1d(nn.Module):
    def __init__(self, C, eps=1e-5, momentum=0.1, affine=True):
        super().__init__()
        self.eps, self.momentum, self.affine = eps, momentum, affine
        if affine:
            self.weight = nn.Parameter(torch.ones(C))
            self.bias = nn.Parameter(torch.zeros(C))
        self.register_buffer("running_mean", torch.zeros(C))
        self.register_buffer("running_var", torch.ones(C))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = [0, 2] if x.ndim == 3 else [0]
        shape = [1, -1, 1] if x.ndim == 3 else [1, -1]
        if self.training:
            mean, var = x.mean(dim=axes), x.var(dim=axes, correction=0)
            with torch.no_grad():
                count = x.numel() // x.shape[1]
                unbiased = var * count / (count - 1)
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (unbiased - self.running_var)
                self.num_batches_tracked += 1
        else:
            mean, var = x.mean(dim=axes), x.var(dim=axes, correction=0)
        mean, var = mean.reshape(shape), var.reshape(shape)
        y = (x - mean) / (var + self.eps).sqrt()
        if not self.affine:
            return y
        return y * self.weight.reshape(shape) + self.bias.reshape(shape)
