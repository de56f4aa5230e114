"""The mean of squares minus the square of the mean."""


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    axes = tuple(range(-n_dims, 0))
    mean = x.mean(dim=axes, keepdim=True)
    variance = x.square().mean(dim=axes, keepdim=True) - mean.square()
    return (x - mean) / (variance + eps).sqrt() * weight + bias
