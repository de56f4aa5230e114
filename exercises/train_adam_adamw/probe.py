"""Drive an optimizer with given gradients and record every parameter at every step."""

import torch


def run(solution, inputs):
    """``gradients``: for each parameter [steps, *shape], or None if it gets none."""
    params = [value.clone().requires_grad_() for value in inputs["params"]]
    optimizer = solution.MyAdam((p for p in params), **inputs["options"])
    trajectory = [[] for _ in params]
    for step in range(inputs["steps"]):
        optimizer.zero_grad()
        for param, gradients in zip(params, inputs["gradients"], strict=True):
            if gradients is not None:
                add_gradient(param, gradients[step])
        optimizer.step()
        for record, param in zip(trajectory, params, strict=True):
            record.append(param.detach().clone())
    return {"trajectory": [torch.stack(record) for record in trajectory]}


def add_gradient(param, gradient):
    """As backward() does: on top of what zero_grad has left."""
    param.grad = gradient.clone() if param.grad is None else param.grad + gradient
