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
        self.params = list(params)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self.t = 0
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self) -> None:
        """Изменить параметры на месте; те, у которых grad is None, не трогать."""
        self.t += 1
        for p, m, v in zip(self.params, self.m, self.v, strict=True):
            if p.grad is not None:
                self._update(p, p.grad, m, v)

    def _update(self, p: Tensor, g: Tensor, m: Tensor, v: Tensor) -> None:
        b1, b2 = self.betas
        if self.decoupled:
            p.mul_(1 - self.lr * self.weight_decay)
        else:
            g = g + self.weight_decay * p
        m.mul_(b1).add_(g, alpha=1 - b1)
        v.mul_(b2).addcmul_(g, g, value=1 - b2)
        mean, square = m / (1 - b1**self.t), v / (1 - b2**self.t)
        p.sub_(self.lr * mean / (square.sqrt() + self.eps))

    def zero_grad(self) -> None:
        """Забыть накопленные градиенты."""
        for p in self.params:
            p.grad = None
