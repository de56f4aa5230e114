"""Build a graph step by step, go back from its end, and look at the leaves."""

import torch

BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "matmul": lambda a, b: a @ b,
}


def run(solution, inputs):
    """Take ``steps``, each an operation and the numbers of its operands.

    Leaves come first in the numbering. ``ends`` are squared, summed and added up; if
    there are none, backward is called at the last node itself.
    """
    with torch.no_grad():  # torch records nothing here that could do the work
        leaves = [solution.Var(value) for value in inputs["leaves"]]
        nodes = list(leaves)
        for step in inputs["steps"]:
            nodes.append(made(nodes, *step))
        if inputs["ends"]:
            nodes.append(sum_of_squares([nodes[end] for end in inputs["ends"]]))
        nodes[-1].backward()
    value = {"output": nodes[-1].data, "grads": [leaf.grad for leaf in leaves]}
    if inputs.get("after"):
        value["after"] = {"leaves": [leaf.data for leaf in leaves]}
    return value


def made(nodes, name, at, other=None):
    if name in BINARY:
        return BINARY[name](nodes[at], nodes[other])
    if name == "sum":
        return nodes[at].sum() if other is None else nodes[at].sum(other)
    return getattr(nodes[at], name)()


def sum_of_squares(nodes):
    total, *terms = [(node * node).sum() for node in nodes]
    for term in terms:
        total = total + term
    return total
