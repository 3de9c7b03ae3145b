"""A called layer of Keras as rows of `anatomy.observe`, from its weights and what it gave."""

SAME = {"log_softmax": "softmax", "swish": "silu"}
POOLS = {"MaxPooling": "max", "AveragePooling": "avg", "GlobalMaxPooling": "max", "GlobalAveragePooling": "avg"}
ACTIVATION_LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "PReLU": "prelu", "Softmax": "softmax"}
NORMS = {
    "BatchNormalization": "batch",
    "LayerNormalization": "layer",
    "GroupNormalization": "group",
    "UnitNormalization": "unit",
}
DROPOUTS = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout")


def keras_row(layer, before, after):
    """[row of the layer, row of its activation]; [] for a layer that is neither."""
    name = type(layer).__name__
    row = _row(layer, name, before, after)
    rows = [] if row is None else [{**row, "output": _shape(layer, after)}]
    activation = _activation(layer, name)
    if activation is not None:
        rows.append({"kind": "activation", "name": activation, "output": _shape(layer, after)})
    return rows


def keras_border(layer):
    """Zeros that the layer puts around, as many on each side, by axis; [] if it does not."""
    sides = layer.padding if type(layer).__name__.startswith("ZeroPadding") else ()
    even = [one if isinstance(one, int) else one[0] for one in sides if isinstance(one, int) or one[0] == one[1]]
    return even if len(even) == len(sides) else []


def _row(layer, name, before, after):
    if name in ("Conv1D", "Conv2D", "Conv3D"):
        kernel = [int(size) for size in layer.kernel.shape]
        groups = int(layer.groups)
        return {
            "kind": "conv",
            "filters": kernel[-1],
            "inputs": kernel[-2] * groups,
            "groups": groups,
            "kernel": kernel[:-2],
            "stride": [int(step) for step in layer.strides],
            "padding": "same" if layer.padding == "same" else [0] * (len(kernel) - 2),
            "bias": layer.bias is not None,
            "input": _shape(layer, before),
        }
    if name == "Dense":
        inputs, units = (int(size) for size in layer.kernel.shape)
        return {"kind": "dense", "units": units, "inputs": inputs, "bias": layer.bias is not None}
    for prefix, how in POOLS.items():
        if name.startswith(prefix) and name[len(prefix) :] in ("1D", "2D", "3D"):
            size = list(layer.pool_size) if hasattr(layer, "pool_size") else _shape(layer, before)[1:]
            return {"kind": "pool", "how": how, "size": size, "stride": list(getattr(layer, "strides", size))}
    if name in NORMS:
        return {"kind": "norm", "how": NORMS[name], "parameters": int(layer.count_params())}
    if name in DROPOUTS:
        return {"kind": "dropout", "rate": float(layer.rate)}
    if name == "Flatten":
        return {"kind": "flatten"}
    known = name in ACTIVATION_LAYERS or name in ("Activation", "InputLayer", "Reshape", "Rescaling", "ZeroPadding2D")
    return {"kind": "other", "name": name} if layer.weights and not known else None


def _activation(layer, name):
    """Its name; None where it is linear. Of a function of the student's own: "own NAME"."""
    if name in ACTIVATION_LAYERS:
        return ACTIVATION_LAYERS[name]
    function = getattr(layer, "activation", None)
    if function is None:
        return None
    given = getattr(function, "__name__", type(function).__name__)
    if given == "linear":
        return None
    ours = getattr(function, "__module__", "") or ""
    return SAME.get(given, given) if ours.startswith(("keras.", "torch")) else f"own {given}"[:60]


def _shape(layer, tensor):
    """Without the batch, channels first. A dense layer has no channels."""
    shape = [int(size) for size in tensor.shape[1:]]
    if (
        len(shape) > 1
        and type(layer).__name__ != "Dense"
        and getattr(layer, "data_format", "channels_last") != "channels_first"
    ):
        return [shape[-1], *shape[:-1]]
    return shape
