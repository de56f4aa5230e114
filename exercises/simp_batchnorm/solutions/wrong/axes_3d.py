"""A mean over the batch alone."""

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
            mean = x.mean(dim=0, keepdim=True)
            var = x.var(dim=0, correction=0, keepdim=True)
            if x.ndim == 3:
                shape = mean.shape
                centre, spread = mean.mean(dim=[0, 2]), var.mean(dim=[0, 2])
            else:
                centre, spread = mean[0], var[0]
            with torch.no_grad():
                count = x.shape[0]
                unbiased = spread * count / max(1, count - 1)
                self.running_mean += self.momentum * (centre - self.running_mean)
                self.running_var += self.momentum * (unbiased - self.running_var)
                self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        mean, var = mean.reshape(shape), var.reshape(shape)
        shape = [1, -1, 1] if x.ndim == 3 else [1, -1]
        y = (x - mean) / (var + self.eps).sqrt()
        if not self.affine:
            return y
        return y * self.weight.reshape(shape) + self.bias.reshape(shape)
