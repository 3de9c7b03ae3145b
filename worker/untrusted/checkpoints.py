"""Saved weights into a model, and the model's scores for images: what the checks `checkpoint` and `reported` ask for.

    Call("_sandbox.checkpoints.read", (file,), keep="weights", take=said)
    Call("_sandbox.checkpoints.fit", (Ref("weights", ("return",)), model), keep="fitted", take=said)
    Call("_sandbox.checkpoints.scores", (Ref("fitted", ("return",)), images, how))

`said` is (("return", "said"),): a dict of plain values. Its key `refused` is None, or says what is wrong and what to do.
"""

import os
import sys

import numpy as np

from . import weights

SHOWN = 8
"""Differences that are told."""


class Weights:
    """kind: as `weights.kind_of` says. tensors: of torch by name; model: of Keras, where the file holds a whole one."""

    def __init__(self, path):
        self.path = path
        self.kind = None
        self.tensors = {}
        self.model = None
        self.said = {"refused": None, "form": "", "tensors": 0, "whole": False, "framework": "torch", "code": False}


class HasCode(weights.Refused):
    """The model in the file is not made; its weights may still go into a model that the submission's code makes."""


class Fitted:
    """model: with the weights in it. said["differences"]: [[tensor, shape in the file, shape in the model]], "-" for none."""

    def __init__(self, model, framework):
        self.model = model
        self.framework = framework
        self.said = {"refused": None, "differences": [], "extra": [], "not_finite": []}


def read(file):
    """The weights in `file` (relative to what was handed in)."""
    found = Weights(os.path.join(_root(), file))
    try:
        found.kind = weights.kind_of(found.path)
        if found.kind in ("keras", "h5"):
            found.said["framework"] = "keras"
            found.model = _keras_model(found.path, found.kind)
            found.said.update(form="Keras", whole=found.model is not None)
        else:
            found.tensors, found.said["form"] = weights.read_tensors(found.path, found.kind)
            found.said["tensors"] = len(found.tensors)
    except weights.Refused as refused:
        found.said.update(refused=str(refused), code=isinstance(refused, HasCode))
    return found


def fit(found, model=None, images=None, how=None):
    """The weights in `model`; without one, the model that the file itself holds. A Keras model that has not seen images yet
    has no weights: it is shown `images`, prepared as `how` says."""
    if found.model is not None:
        fitted = Fitted(found.model, "keras")
    elif found.said["framework"] == "keras":
        fitted = _fit_keras(found, model, images, how)
    else:
        fitted = _fit_torch(found, model)
    fitted.said["not_finite"] = _not_finite(fitted)[:SHOWN]
    return fitted


def _root():
    """The folder of all that was handed in."""
    return next(finder for finder in sys.meta_path if hasattr(finder, "substitutes")).root


# --- torch ----------------------------------------------------------------------------------------------------------


def _fit_torch(found, model):
    import torch

    fitted = Fitted(model, "torch")
    if not isinstance(model, torch.nn.Module) or _is_keras(model):
        fitted.said["refused"] = "holds weights of torch, but the model in the code is one of Keras"
        return fitted
    wanted = torch.nn.Module.state_dict(model)
    tensors = _renamed(found.tensors, wanted)
    needed = [name for name in wanted if not name.endswith("num_batches_tracked")]
    differences = [
        [name, shape(tensors.get(name)), shape(wanted[name])]
        for name in needed
        if name not in tensors or tensors[name].shape != wanted[name].shape
    ]
    fitted.said["extra"] = [name[:120] for name in tensors if name not in wanted][:SHOWN]
    if differences:
        fitted.said.update(differences=differences[:SHOWN], different=len(differences))
        return fitted
    with torch.no_grad():
        for name, tensor in wanted.items():
            if name in tensors:
                tensor.copy_(_widened(tensors[name]))
    return fitted


def _is_keras(model):
    """Keras' models on this backend are modules of torch, too."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.layers.Layer)


def _widened(tensor):
    """Half precision as float32, by NumPy: torch's own conversion asks for the processor's features, which are hidden here."""
    import torch

    if tensor.dtype is torch.float16:
        return torch.from_numpy(tensor.numpy().astype(np.float32))
    if tensor.dtype is torch.bfloat16:  # the upper half of a float32
        return torch.from_numpy((tensor.view(torch.int16).numpy().astype(np.uint32) << 16).view(np.float32))
    return tensor


def _renamed(tensors, wanted):
    """Names without what wrappers put before them (`module.`, `_orig_mod.`, `model.`), where more names fit then."""
    best = current = dict(tensors)
    for _ in range(4):
        fronts = {name.partition(".")[0] for name in current}
        if len(fronts) != 1 or not all("." in name for name in current):
            break
        current = {name.partition(".")[2]: tensor for name, tensor in current.items()}
        if len(current.keys() & wanted.keys()) > len(best.keys() & wanted.keys()):
            best = current
    fronts = {name.partition(".")[0] for name in wanted}
    if len(fronts) == 1 and not best.keys() & wanted.keys():  # the code wraps the net, the file does not
        return {f"{next(iter(fronts))}.{name}": tensor for name, tensor in best.items()}
    return best


def shape(tensor):
    return "-" if tensor is None else "(" + ", ".join(str(size) for size in tensor.shape) + ")"


# --- Keras ----------------------------------------------------------------------------------------------------------


def _keras_model(path, kind):
    """The model that the file holds; None for weights alone. Raises Refused."""
    import keras

    try:
        if kind == "h5" and not _has_model(path):
            return None
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (MemoryError, RecursionError) as error:
        raise weights.Refused("needs more memory than a submission may have when it is opened") from error
    except Exception as error:
        if "safe_mode" in str(error) or "unsafe" in str(error).lower():
            text = (
                "holds code of its own (a Lambda layer), which is not run. Save only the weights: model.save_weights(…)"
            )
            raise HasCode(text) from error
        raise weights.Refused(f"cannot be opened by Keras ({weights._short(error)}). Save it again") from error


def _has_model(path):
    import h5py

    with h5py.File(path, "r") as file:
        return "model_config" in file.attrs


def _fit_keras(found, model, images, how):
    fitted = Fitted(model, "keras")
    try:
        import keras

        if not isinstance(model, keras.Model):
            fitted.said["refused"] = "holds weights of Keras, but the model in the code is one of torch"
            return fitted
        if not model.built and images is not None:
            model(prepared(images, how, how["channels_last"] is not False))
        model.load_weights(found.path)
    except (MemoryError, RecursionError):
        fitted.said["refused"] = "needs more memory than a submission may have when it is opened"
    except Exception as error:
        fitted.said["refused"] = f"does not fit the model in the code ({weights._short(error)})"
    return fitted


def _not_finite(fitted):
    """Names of the weights that hold NaN or infinity."""
    if fitted.said["refused"] or fitted.said["differences"]:
        return []
    if fitted.framework == "keras":
        return [weight.path[:120] for weight in fitted.model.weights if not np.isfinite(_numpy(weight.value)).all()]
    import torch

    named = torch.nn.Module.state_dict(fitted.model)
    return [name[:120] for name, tensor in named.items() if not bool(torch.isfinite(tensor).all())]


# --- scores ---------------------------------------------------------------------------------------------------------


def scores(fitted, images, how, batch=256):
    """(N, classes) float32: what the model gives for `images`, (N, H, W) or (N, H, W, C) uint8, in evaluation mode.

    how: {"size", "fit", "scale", "mean", "std", "channels", "flatten", "channels_last"}, as the pack declares them.
    """
    last = fitted.framework == "keras" if how["channels_last"] is None else how["channels_last"]
    found = [_predict(fitted, prepared(images[i : i + batch], how, last)) for i in range(0, len(images), batch)]
    return np.concatenate(found)


def _predict(fitted, x):
    import torch

    with torch.no_grad():
        if fitted.framework == "keras":
            given = fitted.model(x, training=False)
        else:
            fitted.model.eval()
            given = fitted.model(torch.from_numpy(x))
    while isinstance(given, (tuple, list)):
        given = given[0]
    if isinstance(given, dict):
        given = next(iter(given.values()))
    given = _numpy(given).astype(np.float32)
    return given.reshape(len(x), -1)


def _numpy(tensor):
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else np.asarray(tensor)


def prepared(images, how, channels_last):
    """The images as a net is given them: (N, C, H, W), (N, H, W, C) or (N, features), float32."""
    x = images.astype(np.float32)
    x = x[..., None] if x.ndim == 3 else x
    size = how["size"]
    if size is not None and size != x.shape[1]:
        x = _padded(x, size) if how["fit"] == "pad" else _resized(x, size)
    if how["channels"] is not None and how["channels"] != x.shape[-1]:
        x = x.mean(axis=-1, keepdims=True) if how["channels"] == 1 else x.repeat(how["channels"], axis=-1)
    x = (x / np.float32(how["scale"]) - np.float32(how["mean"])) / np.float32(how["std"])
    if not channels_last:
        x = x.transpose(0, 3, 1, 2)
    x = x.reshape(len(x), -1) if how["flatten"] else x
    return np.ascontiguousarray(x, dtype=np.float32)


def _padded(x, size):
    """Black around it, or cut to the middle where the image is larger."""
    over = size - x.shape[1]
    if over < 0:
        first = -over // 2
        return x[:, first : first + size, first : first + size]
    before, after = over // 2, over - over // 2
    return np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))


def _resized(x, size):
    """Bilinear, pixel centres aligned as PIL and torchvision do when they enlarge."""
    rows, columns = _interpolation(x.shape[1], size), _interpolation(x.shape[2], size)
    return np.einsum("ih,nhwc,jw->nijc", rows, x, columns, optimize=True)


def _interpolation(old, new):
    """(new, old): each new pixel as a mean of two old ones."""
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.stack([np.interp(centres, np.arange(old), unit) for unit in np.eye(old)], axis=1).astype(np.float32)
