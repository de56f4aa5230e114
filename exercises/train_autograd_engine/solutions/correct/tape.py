"""Nodes are numbered as they are made; going back is going down the numbers."""

import heapq
from itertools import count

import torch

numbers = count()


class Var:
    def __init__(self, data):
        self.data, self.grad = data, None
        self.number, self.parents, self.send = next(numbers), (), None

    def __lt__(self, other):
        return self.number > other.number

    def made(self, data, parents, send):
        result = Var(data)
        result.parents, result.send = parents, send
        return result

    def __add__(self, other):
        return self.made(self.data + other.data, (self, other), lambda g: (g, g))

    def __sub__(self, other):
        return self.made(self.data - other.data, (self, other), lambda g: (g, -g))

    def __mul__(self, other):
        a, b = self.data, other.data
        return self.made(a * b, (self, other), lambda g: (g * b, g * a))

    def __matmul__(self, other):
        a, b = self.data, other.data
        return self.made(a @ b, (self, other), lambda g: (g @ b.t(), a.t() @ g))

    def relu(self):
        x = self.data
        return self.made(torch.relu(x), (self,), lambda g: (g.where(x > 0, 0 * g),))

    def exp(self):
        y = torch.exp(self.data)
        return self.made(y, (self,), lambda g: (y * g,))

    def log(self):
        x = self.data
        return self.made(torch.log(x), (self,), lambda g: (g / x,))

    def sum(self, dim=None):
        x = self.data
        if dim is None:
            return self.made(x.sum(), (self,), lambda g: (g * torch.ones_like(x),))
        return self.made(
            x.sum(dim=dim), (self,), lambda g: (g.unsqueeze(dim) * torch.ones_like(x),)
        )

    def backward(self):
        if self.data.dim() != 0:
            raise ValueError("backward начинают со скаляра")
        self.grad = torch.ones_like(self.data)
        waiting, known = [self], {self}
        while waiting:
            node = heapq.heappop(waiting)
            if node.send is None:
                continue
            for parent, grad in zip(node.parents, node.send(node.grad)):
                if parent.grad is None:
                    parent.grad = torch.zeros_like(parent.data)
                parent.grad += narrowed(grad, parent.data.shape)
                if parent not in known:
                    known.add(parent)
                    heapq.heappush(waiting, parent)


def narrowed(grad, shape):
    while grad.dim() > len(shape):
        grad = grad.sum(0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis, keepdim=True)
    return grad
