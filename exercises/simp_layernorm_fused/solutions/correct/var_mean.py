"""Variance and mean by one call, over the flattened last axes."""

import torch


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    flat = x.flatten(x.ndim - n_dims)
    variance, mean = torch.var_mean(flat, dim=-1, correction=0, keepdim=True)
    normed = (flat - mean) * torch.rsqrt(variance + eps)
    return torch.addcmul(bias, normed.reshape(x.shape), weight)
