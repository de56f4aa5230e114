import torch
from torch import Tensor, nn


class MyBatchNorm1d(nn.Module):
    """Батч-нормализация с буферами и параметрами nn.BatchNorm1d.

    Вход: [B, C] или [B, C, L]; выход той же формы.
    Параметры (если affine): weight, bias — [C].
    Буферы: running_mean, running_var — [C]; num_batches_tracked — скаляр, int64.
    """

    def __init__(
        self,
        C: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
    ) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError
