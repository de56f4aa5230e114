"""State in a dict by parameter, made at its first step; zero_grad fills with zeros."""

import math

import torch


class MyAdam:
    def __init__(
        self,
        params,
        lr,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        decoupled=False,
    ):
        self.params = [*params]
        self.options = lr, *betas, eps, weight_decay, decoupled
        self.state = {}

    def step(self):
        lr, b1, b2, eps, decay, decoupled = self.options
        for index, p in enumerate(self.params):
            if p.grad is None:
                continue
            t, m, v = self.state.get(index, (0, 0.0, 0.0))
            g = p.grad if decoupled else p.grad + decay * p.detach()
            t, m, v = t + 1, b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
            self.state[index] = t, m, v
            # The corrections of both moments folded into the step and into eps.
            root = math.sqrt(1 - b2**t)
            step = lr * root / (1 - b1**t) * m / (v**0.5 + eps * root)
            if decoupled:
                step = step + lr * decay * p.detach()
            with torch.no_grad():
                p -= step

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()
