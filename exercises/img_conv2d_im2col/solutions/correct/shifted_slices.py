"""A slice of the padded image for each place of the kernel, stacked."""

import torch


def im2col(x, kh, kw, stride=(1, 1), padding=(0, 0), dilation=(1, 1)):
    (sh, sw), (ph, pw), (dh, dw) = stride, padding, dilation
    batch, channels, height, width = x.shape
    padded = x.new_zeros(batch, channels, height + 2 * ph, width + 2 * pw)
    padded[:, :, ph : ph + height, pw : pw + width] = x
    rows = (padded.shape[2] - dh * (kh - 1) - 1) // sh + 1
    columns = (padded.shape[3] - dw * (kw - 1) - 1) // sw + 1
    slices = []
    for i in range(kh):
        for j in range(kw):
            top, left = i * dh, j * dw
            bottom, right = top + sh * (rows - 1) + 1, left + sw * (columns - 1) + 1
            slices.append(padded[:, :, top:bottom:sh, left:right:sw])
    stacked = torch.stack(slices, dim=2)
    return stacked.reshape(batch, channels * kh * kw, rows * columns)


def conv2d(x, w, b=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    kh, kw = w.shape[-2:]
    parts = [
        kernels.flatten(1) @ im2col(channels, kh, kw, stride, padding, dilation)
        for channels, kernels in zip(x.chunk(groups, 1), w.chunk(groups, 0))
    ]
    y = torch.cat(parts, dim=1)
    if b is not None:
        y = y + b.view(1, -1, 1)
    span = dilation[1] * (kw - 1) + 1
    width = (x.shape[3] + 2 * padding[1] - span) // stride[1] + 1
    return y.reshape(len(x), len(w), -1, width)
