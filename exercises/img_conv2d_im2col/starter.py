import torch
from torch import Tensor

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
    raise NotImplementedError


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
    raise NotImplementedError
