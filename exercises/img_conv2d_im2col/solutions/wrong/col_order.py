"""Within a column the channels come last."""

import torch
from torch.nn.functional import pad


def im2col(x, kh, kw, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    x = pad(x, (padding[1], padding[1], padding[0], padding[0]))
    rows, columns = out_sizes(x, kh, kw, stride, dilation)
    i = torch.arange(rows)[:, None] * stride[0] + torch.arange(kh) * dilation[0]
    j = torch.arange(columns)[:, None] * stride[1] + torch.arange(kw) * dilation[1]
    patches = x[:, :, i[:, None, :, None], j[None, :, None, :]]
    return patches.permute(0, 4, 5, 1, 2, 3).reshape(len(x), -1, rows * columns)


def out_sizes(x, kh, kw, stride, dilation):
    height = x.shape[2] - dilation[0] * (kh - 1) - 1
    width = x.shape[3] - dilation[1] * (kw - 1) - 1
    return height // stride[0] + 1, width // stride[1] + 1


def conv2d(x, w, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    kh, kw = w.shape[2:]
    columns = im2col(x, kh, kw, stride, padding, dilation).unflatten(1, (groups, -1))
    y = (w.reshape(groups, len(w) // groups, -1) @ columns).flatten(1, 2)
    if b is not None:
        y = y + b[:, None]
    padded = pad(x, (padding[1], padding[1], padding[0], padding[0]))
    rows, _ = out_sizes(padded, kh, kw, stride, dilation)
    return y.unflatten(2, (rows, -1))
