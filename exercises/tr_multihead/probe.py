"""Load given weights into the layer, call it, differentiate by all it depends on."""

import torch


def run(solution, inputs):
    """If the layer's ``state`` has other names or shapes, it is not called."""
    layer = solution.MHA(inputs["d"], inputs["heads"], bias=inputs["bias"])
    own, given = shapes(layer.state_dict()), inputs["state"]
    answer = {"state": {name: torch.zeros(shape) for name, shape in own.items()}}
    if own != shapes(given):
        return {**answer, "output": None, "grads": None}
    layer.to(given["in_proj_weight"].dtype).load_state_dict(given)
    arguments = {name: inputs[name].clone().requires_grad_() for name in "qkv"}
    output = layer(*arguments.values(), **inputs["options"])
    variables = {**arguments, **dict(layer.named_parameters())}
    grads = gradients(output, variables, inputs["cotangents"])
    return {**answer, "output": detached(output), "grads": grads}


def shapes(state):
    return {name: value.shape for name, value in state.items()}


def gradients(output, variables, cotangents):
    """By name; None if none are asked for, or the output is not as it should be."""
    parts = output if isinstance(output, tuple | list) else [output]
    wanted = [cotangent.shape for cotangent in cotangents]
    if not wanted or [getattr(part, "shape", None) for part in parts] != wanted:
        return None
    found = torch.autograd.grad(
        parts, list(variables.values()), cotangents, allow_unused=True
    )
    return dict(zip(variables, found, strict=True))


def detached(value):
    if isinstance(value, tuple | list):
        return [detached(part) for part in value]
    return value.detach() if isinstance(value, torch.Tensor) else value
