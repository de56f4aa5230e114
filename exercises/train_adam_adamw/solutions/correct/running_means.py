"""Unbiased means by a recursion of their own, without powers of beta."""


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
        self.slots = [Slot(p) for p in params]
        self.lr, self.betas, self.eps = lr, betas, eps
        self.decay, self.decoupled = weight_decay, decoupled

    def step(self):
        for slot in self.slots:
            p = slot.param
            if p.grad is None:
                continue
            g = p.grad
            if not self.decoupled:
                g = g + self.decay * p.data
            m = slot.first.add(g, self.betas[0])
            v = slot.second.add(g * g, self.betas[1])
            p.data = p.data - self.lr * (
                m / (v.sqrt() + self.eps) + self.decay * self.decoupled * p.data
            )

    def zero_grad(self):
        for slot in self.slots:
            slot.param.grad = None


class Slot:
    def __init__(self, param):
        self.param, self.first, self.second = param, Mean(), Mean()


class Mean:
    """Exponentially weighted mean, normalised by the sum of its weights."""

    def __init__(self):
        self.total, self.weight = 0.0, 0.0

    def add(self, x, beta):
        self.total = beta * self.total + (1 - beta) * x
        self.weight = beta * self.weight + (1 - beta)
        return self.total / self.weight
