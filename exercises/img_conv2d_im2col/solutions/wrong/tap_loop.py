"""A product of matrices for each place of the kernel, summed up."""

import torch
from torch.nn.functional import pad


def im2col(x, kh, kw, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    taps = [tap.flatten(2) for tap in slices(x, kh, kw, stride, padding, dilation)]
    return torch.stack(taps, dim=2).flatten(1, 2)


def slices(x, kh, kw, stride, padding, dilation):
    """The part of the padded image that each place of the kernel meets."""
    x = pad(x, (padding[1], padding[1], padding[0], padding[0]))
    rows = (x.shape[2] - dilation[0] * (kh - 1) - 1) // stride[0] * stride[0] + 1
    columns = (x.shape[3] - dilation[1] * (kw - 1) - 1) // stride[1] * stride[1] + 1
    for i in range(0, kh * dilation[0], dilation[0]):
        for j in range(0, kw * dilation[1], dilation[1]):
            yield x[:, :, i : i + rows : stride[0], j : j + columns : stride[1]]


def conv2d(x, w, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    parts = []
    for images, kernels in zip(x.chunk(groups, 1), w.chunk(groups, 0)):
        taps = slices(images, *w.shape[2:], stride, padding, dilation)
        weights = kernels.flatten(2).unbind(2)
        parts.append(
            sum(torch.einsum("oc,bchw->bohw", v, tap) for v, tap in zip(weights, taps))
        )
    y = torch.cat(parts, dim=1)
    return y if b is None else y + b[:, None, None]
