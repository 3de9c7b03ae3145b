"""Which activation a tensor is of another, told by the values: relu is recognised however it is written."""

TOLD = 16
"""Numbers at least, so that it is no accident."""


def activation_of(before, after):
    """Its name, where `after` holds the activations of `before` and is not `before` itself; else None."""
    import torch

    if not isinstance(before, torch.Tensor) or not isinstance(after, torch.Tensor) or before.shape != after.shape:
        return None
    if before.numel() < TOLD or not (before.is_floating_point() and after.is_floating_point()) or not bool((before < 0).any()):
        return None
    for name, function in _KNOWN.items():
        wanted = function(torch.nn.functional, before)
        if torch.allclose(after, wanted, rtol=1e-4, atol=1e-6) and not torch.allclose(after, before, rtol=1e-3, atol=1e-5):
            return name
    return None


_KNOWN = {
    "relu": lambda f, x: f.relu(x),
    "tanh": lambda f, x: x.tanh(),
    "sigmoid": lambda f, x: x.sigmoid(),
    "softmax": lambda f, x: f.softmax(x, dim=1),
    "leaky_relu": lambda f, x: f.leaky_relu(x),
    "elu": lambda f, x: f.elu(x),
    "silu": lambda f, x: f.silu(x),
}
