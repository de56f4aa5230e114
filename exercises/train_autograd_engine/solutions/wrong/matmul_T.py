"""The transpositions of matmul are forgotten."""

import torch


class Var:
    def __init__(self, data, parents=(), pulls=()):
        self.data = data
        self.grad = None
        self.parents, self.pulls = parents, pulls

    def __add__(self, other):
        return Var(self.data + other.data, (self, other), (same, same))

    def __sub__(self, other):
        return Var(self.data - other.data, (self, other), (same, torch.neg))

    def __mul__(self, other):
        a, b = self.data, other.data
        return Var(a * b, (self, other), (lambda g: g * b, lambda g: g * a))

    def __matmul__(self, other):
        a, b = self.data, other.data
        return Var(a @ b, (self, other), (lambda g: g @ b, lambda g: a @ g))

    def relu(self):
        slope = self.data > 0
        return Var(self.data.clamp(min=0), (self,), (lambda g: g * slope,))

    def exp(self):
        y = self.data.exp()
        return Var(y, (self,), (lambda g: g * y,))

    def log(self):
        return Var(self.data.log(), (self,), (lambda g: g / self.data,))

    def sum(self, dim=None):
        ones = torch.ones_like(self.data)
        if dim is None:
            return Var(self.data.sum(), (self,), (lambda g: g * ones,))
        return Var(self.data.sum(dim), (self,), (lambda g: g.unsqueeze(dim) * ones,))

    def backward(self):
        if self.data.ndim:
            raise ValueError("not a scalar")
        self.grad = torch.ones_like(self.data)
        for node in reversed(ordered(self)):
            for parent, pull in zip(node.parents, node.pulls):
                parent.receive(pull(node.grad))

    def receive(self, g):
        g = g.sum_to_size(self.data.shape)
        self.grad = g if self.grad is None else self.grad + g


def same(g):
    return g


def ordered(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(parent, False) for parent in node.parents]
    return order
