"""A node goes on once all who used it have contributed; a - b is a + (-1) b."""

import torch


class Var:
    def __init__(self, data, parents=(), rule=None):
        self.data = data
        self.grad = None
        self.parents = parents
        self.rule = rule

    def __add__(self, other):
        def rule(g):
            add_to(self, g)
            add_to(other, g)

        return Var(self.data + other.data, (self, other), rule)

    def __sub__(self, other):
        minus = Var(torch.tensor(-1, dtype=other.data.dtype))
        return self + minus * other

    def __mul__(self, other):
        def rule(g):
            add_to(self, g * other.data)
            add_to(other, g * self.data)

        return Var(self.data * other.data, (self, other), rule)

    def __matmul__(self, other):
        def rule(g):
            add_to(self, torch.einsum("nm,km->nk", g, other.data))
            add_to(other, torch.einsum("nk,nm->km", self.data, g))

        return Var(self.data @ other.data, (self, other), rule)

    def relu(self):
        slope = (self.data > 0).to(self.data.dtype)
        return Var(self.data * slope, (self,), lambda g: add_to(self, g * slope))

    def exp(self):
        y = self.data.exp()
        return Var(y, (self,), lambda g: add_to(self, g * y))

    def log(self):
        y = self.data.log()
        return Var(y, (self,), lambda g: add_to(self, g * self.data.reciprocal()))

    def sum(self, dim=None):
        axes = list(range(self.data.dim())) if dim is None else [dim]
        kept = self.data.sum(axes, keepdim=True)
        y = self.data.sum() if dim is None else kept.squeeze(dim)
        return Var(y, (self,), lambda g: add_to(self, g.reshape(kept.shape)))

    def backward(self):
        if self.data.shape:
            raise ValueError("not a scalar")
        users, todo = {self: 0}, [self]
        while todo:
            for parent in todo.pop().parents:
                if parent not in users:
                    users[parent] = 0
                    todo.append(parent)
                users[parent] += 1
        self.grad = torch.ones_like(self.data)
        ready = [self]
        while ready:
            node = ready.pop()
            if node.rule:
                node.rule(node.grad)
            for parent in node.parents:
                users[parent] -= 1
                if not users[parent]:
                    ready.append(parent)


def add_to(node, g):
    """Add what broadcasts to the node's shape, or is a broadcast of it."""
    shape = node.data.shape
    g = g.expand(torch.broadcast_shapes(g.shape, shape))
    extra = g.dim() - len(shape)
    axes = [i for i in range(g.dim()) if i < extra or shape[i - extra] != g.shape[i]]
    if axes:
        g = g.sum(axes, keepdim=True).reshape(shape)
    node.grad = g.clone() if node.grad is None else node.grad + g
