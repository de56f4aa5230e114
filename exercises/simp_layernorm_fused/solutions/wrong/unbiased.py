"""Variance over N - 1."""


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    axes = tuple(range(-n_dims, 0))
    centred = x - x.mean(dim=axes, keepdim=True)
    size = weight.numel()
    variance = centred.square().sum(dim=axes, keepdim=True) / (size - 1)
    return centred / (variance + eps).sqrt() * weight + bias
