import torch
from torch import Tensor


def layer_norm(
    x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5, n_dims: int = 1
) -> Tensor:
    """Нормализация по последним n_dims осям.

    x: [..., *S], где S — последние n_dims осей; weight, bias: S.
    eps прибавляется к дисперсии под корнем.

    Возвращает тензор формы x.
    """
    axes = tuple(range(-n_dims, 0))
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    centred = wide - wide.mean(dim=axes, keepdim=True)
    variance = centred.square().mean(dim=axes, keepdim=True)
    return (centred / (variance + eps).sqrt() * weight + bias).to(x.dtype)
