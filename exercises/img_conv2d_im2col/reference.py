import torch
from torch import Tensor
from torch.nn.functional import pad

Pair = tuple[int, int]  # (по вертикали, по горизонтали)


def im2col(
    x: Tensor,
    kh: int,
    kw: int,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
) -> Tensor:
    """Фрагменты изображения как столбцы.

    x: [B, C, H, W]; возвращает [B, C·kh·kw, Hout·Wout]. Внутри столбца порядок
    (C, kh, kw), столбцы идут построчно; padding добавляет нули с обеих сторон.
    """
    x = pad(x, (padding[1], padding[1], padding[0], padding[0]))
    rows = window(x.shape[2], kh, stride[0], dilation[0])
    columns = window(x.shape[3], kw, stride[1], dilation[1])
    patches = x[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    # [B, C, Hout, Wout, kh, kw]
    return patches.permute(0, 1, 4, 5, 2, 3).flatten(1, 3).flatten(2)


def window(size: int, k: int, stride: int, dilation: int) -> Tensor:
    """Which input positions each output position sees: [out, k]."""
    out = out_size(size, k, stride, dilation)
    return torch.arange(out)[:, None] * stride + torch.arange(k) * dilation


def out_size(size: int, k: int, stride: int, dilation: int) -> int:
    return (size - dilation * (k - 1) - 1) // stride + 1


def conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor | None = None,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Tensor:
    """Двумерная свёртка (без переворота ядра) через im2col.

    x: [B, C, H, W], w: [Cout, C/groups, kh, kw], b: [Cout] или None.
    Возвращает [B, Cout, Hout, Wout].
    """
    kh, kw = w.shape[2:]
    columns = im2col(x, kh, kw, stride, padding, dilation)
    columns = columns.unflatten(1, (groups, -1))  # [B, G, C/G·kh·kw, L]
    kernels = w.reshape(groups, len(w) // groups, -1)  # [G, Cout/G, C/G·kh·kw]
    y = (kernels @ columns).flatten(1, 2)
    if b is not None:
        y = y + b[:, None]
    height = out_size(x.shape[2] + 2 * padding[0], kh, stride[0], dilation[0])
    return y.unflatten(2, (height, -1))
