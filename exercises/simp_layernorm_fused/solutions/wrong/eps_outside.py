"""Epsilon beside the root."""


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    axes = tuple(range(-n_dims, 0))
    centred = x - x.mean(dim=axes, keepdim=True)
    variance = centred.square().mean(dim=axes, keepdim=True)
    return centred / (variance.sqrt() + eps) * weight + bias
