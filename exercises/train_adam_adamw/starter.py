from collections.abc import Iterable

import torch
from torch import Tensor


class MyAdam:
    """Adam и AdamW.

    params — параметры (возможно, генератор, как model.parameters()).
    decoupled=False: weight_decay·θ прибавляется к градиенту (L2);
    decoupled=True: затухание отделено от моментов (AdamW).
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        raise NotImplementedError

    def step(self) -> None:
        """Изменить параметры на месте; те, у которых grad is None, не трогать."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Забыть накопленные градиенты."""
        raise NotImplementedError
