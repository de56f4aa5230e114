"""Scale and shift along the first of the axes."""


def layer_norm(x, weight, bias, eps=1e-5, n_dims=1):
    axes = tuple(range(-n_dims, 0))
    centred = x - x.mean(dim=axes, keepdim=True)
    variance = centred.square().mean(dim=axes, keepdim=True)
    normed = centred / (variance + eps).sqrt()
    shape = (*weight.shape, *[1] * (x.ndim - weight.ndim))
    return normed * weight.reshape(shape) + bias.reshape(shape)
