"""Which of torch's functions are which kind of layer, and what their arguments say. Read at the call, so that a layer counts
whether it is a module or a function, and only if it is really used."""

import itertools

import numpy as np

ACTIVATIONS = (
    *("relu", "tanh", "sigmoid", "softmax", "log_softmax", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish"),
    *(
        "relu6",
        "prelu",
        "rrelu",
        "hardtanh",
        "hardsigmoid",
        "hardswish",
        "softplus",
        "softsign",
        "logsigmoid",
        "softmin",
    ),
)
SAME = {"log_softmax": "softmax", "logsigmoid": "sigmoid"}
CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
LINEAR = ("input", "weight", "bias")
POOL = ("input", "kernel_size", "stride", "padding")
DROPOUT = ("input", "p", "training")
BATCH_NORM = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
NORM = ("input", "shape", "weight", "bias")
UNCHANGED = ("contiguous", "clone", "detach", "to", "float", "cpu", "cuda", "double", "type", "requires_grad_")
ADDS = ("add", "radd", "iadd")


class Operations:
    """`name(function)`: a pair (kind, variant) or None; made once torch is there."""

    def __init__(self, torch):
        functional = torch.nn.functional
        self.torch = torch
        self.known = {}
        self._add("conv", torch, *(f"conv{n}d" for n in (1, 2, 3)))
        self._add("conv-transposed", torch, *(f"conv_transpose{n}d" for n in (1, 2, 3)))
        self._add("dense", functional, "linear")
        self._add("other embedding", functional, "embedding")
        for name in ("rnn_tanh", "rnn_relu", "gru", "lstm"):
            self._add(f"other {name}", torch, name)
        for owner in (torch, torch.Tensor):
            self._add("matmul", owner, "matmul", "mm", "__matmul__", "addmm")
            self._add("matmul", owner, "einsum")
            self._add("flatten", owner, "flatten", "view", "reshape")
            self._add("mean", owner, "mean")
            self._add("clamp", owner, "clamp", "clamp_min")
        for how, n in itertools.product(("max", "avg"), (1, 2, 3)):
            for owner in (functional, torch, torch._C._nn):
                self._add(f"pool {how}", owner, f"{how}_pool{n}d", f"_{how}_pool{n}d", f"{how}_pool{n}d_with_indices")
                self._add(f"global {how}", owner, f"adaptive_{how}_pool{n}d", f"adaptive_{how}_pool{n}d_with_indices")
        dropouts = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
        self._add("dropout", functional, *dropouts)
        self._add("dropout", torch, "dropout", "alpha_dropout", "feature_dropout")
        for owner in (functional, torch):
            self._add("norm batch", owner, "batch_norm")
            self._add("norm layer", owner, "layer_norm")
            self._add("norm group", owner, "group_norm")
            self._add("norm instance", owner, "instance_norm")
        self.pads = {getattr(owner, "pad", None) for owner in (functional, torch._C._nn)} - {None}
        for name in ACTIVATIONS:
            for owner in (functional, torch, torch.Tensor, torch._C._nn):
                self._add(f"activation {SAME.get(name, name)}", owner, name, name + "_")

    def _add(self, kind, owner, *names):
        for name in names:
            function = getattr(owner, name, None)
            if function is not None:
                self.known.setdefault(function, kind)

    def kind(self, function):
        try:
            return self.known.get(function)
        except TypeError:  # cannot be hashed
            return None

    def row(self, function, args, kwargs, out):
        """A row of `anatomy.observe`; None for an operation that is no layer."""
        kind, _, variant = (self.kind(function) or "step").partition(" ")
        if type(out) is tuple:
            out = out[0]
        if not isinstance(out, self.torch.Tensor):
            return None
        return {
            "step": self._step,
            "conv": self._conv,
            "conv-transposed": self._other,
            "other": self._other,
            "dense": self._dense,
            "matmul": self._matmul,
            "flatten": self._flatten,
            "mean": self._mean,
            "clamp": self._clamp,
            "pool": self._pool,
            "global": self._global,
            "dropout": self._dropout,
            "norm": self._norm,
            "activation": self._activation,
        }[kind](variant or getattr(function, "__name__", kind), args, kwargs, out)

    def _step(self, variant, args, kwargs, out):
        """Anything else that gives as many numbers as it got: it may be an activation of the student's own."""
        before = args[0] if args else None
        if not isinstance(before, self.torch.Tensor) or before.shape != out.shape or out.dim() < 2:
            return None
        if variant in UNCHANGED or not out.is_floating_point():
            return None
        return {"kind": "step", "name": variant.strip("_")[:40], "output": shape(out)}

    def border(self, function, args, kwargs):
        """Zeros that it puts around, as many on each side, by axis: [2, 2] of pad(x, (2, 2, 2, 2)); [] if it does not."""
        if function not in self.pads:
            return []
        given = bound(("input", "pad", "mode", "value"), args, kwargs)
        sides = [int(size) for size in given["pad"]]
        zeros = given.get("mode", "constant") == "constant" and not given.get("value")
        even = zeros and sides[0::2] == sides[1::2] and len(sides) == 2 * (given["input"].dim() - 2)
        return sides[0::2][::-1] if even else []

    def adds_bias(self, function, args, out):
        """Whether it adds a vector that is learnt to each row of a batch."""
        if getattr(function, "__name__", "").strip("_") not in ADDS or len(args) < 2 or not isinstance(out, self.torch.Tensor):
            return False
        vectors = [one for one in args[:2] if isinstance(one, self.torch.Tensor) and one.requires_grad and one.is_leaf]
        return out.dim() == 2 and any(one.numel() == one.shape[-1] == out.shape[-1] for one in vectors if one.dim())

    def _conv(self, variant, args, kwargs, out):
        given = bound(CONV, args, kwargs)
        weight, dims = given["weight"], given["weight"].dim() - 2
        return {
            "kind": "conv",
            "filters": weight.shape[0],
            "inputs": weight.shape[1] * (given.get("groups") or 1),
            "groups": given.get("groups") or 1,
            "kernel": list(weight.shape[2:]),
            "stride": numbers(given.get("stride", 1), dims),
            "padding": padding(given, dims),
            "bias": given.get("bias") is not None,
            "input": shape(given["input"]),
            "output": shape(out),
        }

    def _dense(self, variant, args, kwargs, out):
        given = bound(LINEAR, args, kwargs)
        units, inputs = given["weight"].shape if given["weight"].dim() == 2 else (1, given["weight"].shape[0])
        bias = given.get("bias") is not None
        return {"kind": "dense", "units": units, "inputs": inputs, "bias": bias, "output": shape(out)}

    def _matmul(self, variant, args, kwargs, out):
        """A layer of the student's own, if one side is a matrix that is learnt and the other a batch."""
        weight = args[-1] if len(args) > 1 else None
        if not isinstance(weight, self.torch.Tensor) or weight.dim() != 2 or not weight.requires_grad:
            return None
        units = out.shape[-1]
        if units not in weight.shape:
            return None
        return {
            "kind": "dense",
            "units": units,
            "inputs": weight.numel() // units,
            "bias": None,
            "output": shape(out),
        }

    def _flatten(self, variant, args, kwargs, out):
        if not args or args[0].dim() < 3 or out.dim() != 2:
            return None
        return {"kind": "flatten", "output": shape(out)}

    def _mean(self, variant, args, kwargs, out):
        if not args or args[0].dim() != 4 or out.numel() != args[0].shape[0] * args[0].shape[1]:
            return None
        return self._global("avg", args, kwargs, out)

    def _clamp(self, variant, args, kwargs, out):
        given = bound(("input", "min", "max"), args, kwargs)
        if given.get("min") != 0 or given.get("max") is not None:
            return None
        return self._activation("relu", args, kwargs, out)

    def _pool(self, variant, args, kwargs, out):
        given = bound(POOL, args, kwargs)
        dims = given["input"].dim() - 2
        size = numbers(given["kernel_size"], dims)
        stride = given.get("stride")
        return {
            "kind": "pool",
            "how": variant,
            "size": size,
            "stride": size if stride is None or stride == [] else numbers(stride, dims),
            "output": shape(out),
        }

    def _global(self, variant, args, kwargs, out):
        before = list(args[0].shape[2:]) if args else []
        after = list(out.shape[2:]) or [1] * len(before)
        size = [a // b for a, b in zip(before, after, strict=False)] if all(after) else before
        return {"kind": "pool", "how": variant, "size": size, "stride": size, "output": shape(out)}

    def _dropout(self, variant, args, kwargs, out):
        rate = bound(DROPOUT, args, kwargs).get("p", 0.5)
        return {"kind": "dropout", "rate": float(rate), "output": shape(out)}

    def _norm(self, variant, args, kwargs, out):
        given = bound(BATCH_NORM if variant == "batch" else NORM, args, kwargs)
        learnt = sum(given[name].numel() for name in ("weight", "bias") if given.get(name) is not None)
        return {"kind": "norm", "how": variant, "parameters": learnt, "output": shape(out)}

    def _activation(self, variant, args, kwargs, out):
        return {"kind": "activation", "name": variant, "output": shape(out)}

    def _other(self, variant, args, kwargs, out):
        return {"kind": "other", "name": variant[:40], "output": shape(out)}


def bound(names, args, kwargs):
    return {**dict(zip(names, args, strict=False)), **kwargs}


def numbers(value, dims):
    """[2, 2] for 2, (2,) or (2, 2)."""
    values = [int(item) for item in np.ravel(np.asarray(value, dtype=np.int64))]
    return values * dims if len(values) == 1 else values


def padding(given, dims):
    """Rows and columns added on each side, or "same"."""
    value = given.get("padding", 0)
    if value == "same":
        return value
    return [0] * dims if value == "valid" else numbers(value, dims)


def shape(tensor):
    """Without the batch."""
    return [int(size) for size in tensor.shape[1:]]
