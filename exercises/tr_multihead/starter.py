import torch
from torch import Tensor, nn


class MHA(nn.Module):
    """Многоголовое внимание с параметрами nn.MultiheadAttention(batch_first=True).

    d — размерность модели, heads — число голов (делит d).
    Параметры: in_proj_weight [3d, d]; out_proj.weight [d, d];
    если bias — ещё in_proj_bias [3d] и out_proj.bias [d].
    """

    def __init__(self, d: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        key_padding_mask: Tensor | None = None,
        causal: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Внимание запросов q к ключам k и значениям v.

        q: [B, Lq, d]; k, v: [B, Lk, d].
        key_padding_mask: [B, Lk], bool; True — на этот ключ смотреть нельзя.
        causal: закрыть будущее; маска выровнена по правому нижнему углу.

        Возвращает (out [B, Lq, d], weights [B, heads, Lq, Lk]).
        """
        raise NotImplementedError
