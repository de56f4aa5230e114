"""Train the layer on batches, then apply it, and look at what it keeps."""

import torch


def run(solution, inputs):
    """``show`` names what is returned of the layer's life."""
    layer = solution.MyBatchNorm1d(inputs["C"], **inputs["options"])
    layer.to(inputs["applied"].dtype)  # the reference is asked in float64
    with torch.no_grad():
        for name, value in inputs["affine"].items():
            getattr(layer, name).copy_(value)
    batches = [batch.clone().requires_grad_() for batch in inputs["batches"]]
    outputs = [layer(batch) for batch in batches]
    wanted = batches[-1:] + [getattr(layer, name) for name in inputs["affine"]]
    found = {"outputs": lambda: [output.detach() for output in outputs]}
    found["grads"] = lambda: gradients(outputs[-1], wanted, inputs["cotangent"])
    found["evaluated"] = lambda: layer.eval()(inputs["applied"]).detach()
    found["parameters"] = lambda: sorted(dict(layer.named_parameters()))
    found["state"] = lambda: sorted(layer.state_dict())
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        found[name] = lambda name=name: getattr(layer, name).detach()
    return {name: found[name]() for name in inputs["show"]}


def gradients(output, wanted, cotangent):
    return list(torch.autograd.grad(output, wanted, cotangent))
