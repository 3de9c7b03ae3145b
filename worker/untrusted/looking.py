"""Looks at a net while a script trains it, without disturbing it: what it would say to images it has not seen.

torch: every optimizer's step and every module's call are heard of through torch's global hooks; Keras: `kerasfit.py`. A look
happens between two steps, in evaluation mode, without gradients; the net's modes and all random numbers are put back
afterwards. What it gives are labels as the net claims them; right ones are not here.
"""

import gc
import random
import resource
import sys
import time

import numpy as np

from . import checkpoints, data

BATCH = 256
REST = 10.0
"""A look may cost a tenth of the time: the next comes no sooner than ten times as long after it."""


SCORES = ("logits", "scores", "output", "out", "pred", "predictions", "probs")


class Stopped(BaseException):
    """The host has seen enough. Not an Exception, so that a script does not pass over it."""


class Watcher:
    """images: (N, …) uint8. ways: how they may become a net's input, as `grader/core/checks/inputs.py` declares, used
    where the script tells no transform of its own. tell(look) is called with each look."""

    def __init__(self, images, ways, every, tell):
        self.images, self.ways, self.every, self.tell = images, ways, every, tell
        self.started, self.worked = time.monotonic(), time.process_time()
        self.next = 0.0
        self.steps = 0
        self.epoch = None
        self.looking = self.stopping = False
        self.depth = 0
        self.called = []  # the outermost torch modules called since the last step, and the shape and dtype of their input
        self.trained = {}  # id: (net, its input's shape and dtype, the cell)
        self.cell = None  # of a notebook, the one that runs
        self.trouble = ""

    def stepped(self, net, given):
        """After each step of an optimizer on `net`, whose last input was `given`: (shape without the batch, dtype)."""
        if self.looking:
            return
        if self.stopping:
            raise Stopped
        self.steps += 1
        if net is not None:
            self.trained[id(net)] = (net, given, self.cell)
            if time.monotonic() >= self.next:
                self.look(net, given, self.cell)

    def look(self, net, given, cell):
        begun = time.monotonic()
        self.looking = True
        try:
            labels = self._labels(net, given)
        finally:
            self.looking = False
        now = time.monotonic()
        self.next = now + max(self.every, REST * (now - begun))
        self.tell(
            {
                "net": list(self.trained).index(id(net)),
                "name": type(net).__name__,
                "cell": cell,
                "step": self.steps,
                "epoch": self.epoch,
                "seconds": now - self.started,
                "worked": time.process_time() - self.worked,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "labels": labels,
                "gpu": _on_gpu(net),
                "trouble": self.trouble,
            }
        )

    def last_look(self):
        """At the end of a script: at all that it trained."""
        for net, given, cell in list(self.trained.values()):
            self.look(net, given, cell)

    def _labels(self, net, given):
        """(ways, N) int64: the label with the highest score, -1 where there is none."""
        with Undisturbed(net):
            found = []
            for prepare in self._preparations(given):
                try:
                    found.append(_predicted(net, prepare, self.images))
                except Exception as error:
                    self.trouble = f"{type(error).__name__}: {error}"[:500]
                    found.append(np.full(len(self.images), -1))
        return np.stack(found)

    def _preparations(self, given):
        if data.test_transform() is not None:
            return [lambda images: _fitted(data.test_images(images), given)]
        return [lambda images, way=way: _by_declaration(images, way, given) for way in self.ways]


class Undisturbed:
    """Evaluation mode and no gradients within; afterwards each module's mode and all random numbers as they were."""

    def __init__(self, net):
        self.net = net

    def __enter__(self):
        import torch

        self.random = (torch.get_rng_state(), np.random.get_state(), random.getstate())
        self.modes = []
        if isinstance(self.net, torch.nn.Module):
            self.modes = [(module, module.training) for module in self.net.modules()]
            self.net.eval()
        self.quiet = torch.no_grad()
        self.quiet.__enter__()

    def __exit__(self, *exception):
        import torch

        self.quiet.__exit__(*exception)
        for module, mode in self.modes:
            module.training = mode
        torch.set_rng_state(self.random[0])
        np.random.set_state(self.random[1])
        random.setstate(self.random[2])


def _on_gpu(net):
    return any(parameter.is_cuda for parameter in net.parameters())


def _predicted(net, prepare, images):
    import torch

    found = []
    keras, device = is_keras(net), next(net.parameters()).device
    for start in range(0, len(images), BATCH):
        x = torch.as_tensor(prepare(images[start : start + BATCH]))
        scores = net(x.float().numpy(), training=False) if keras else net(x.to(device))
        while isinstance(scores, (tuple, list, dict)):
            scores = _scores_of(scores) if isinstance(scores, dict) else scores[0]
        scores = torch.as_tensor(scores).detach().reshape(len(x), -1).float()
        if scores.shape[1] < 2:
            raise ValueError("it gives one number for an image, and no score for each class")
        labels = scores.argmax(dim=1)
        labels[~torch.isfinite(scores).all(dim=1)] = -1
        found.append(labels.cpu().numpy())
    return np.concatenate(found)


def _scores_of(outputs):
    """Of several outputs by name, the one that is called scores, else the first."""
    return next((outputs[name] for name in SCORES if name in outputs), next(iter(outputs.values())))


def is_keras(net):
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(net, keras.Model)


def _by_declaration(images, way, given):
    """As declared, except for what the net's own input tells: its size, its channels and their place, a flat row."""
    shape, dtype = given
    way = dict(way)
    last = False
    if len(shape) == 3:
        last = shape[-1] in (1, 3) and shape[0] not in (1, 3)
        way["channels"] = shape[-1] if last else shape[0]
        way["size"] = way["size"] or shape[0 if last else 1]
    if way.get("pixelwise"):
        images = _pixelwise(images, way)
    x = checkpoints.prepared(images, way, last)
    return _fitted(x, (shape, dtype))


def _pixelwise(images, way):
    """(N, …) float32, still to be divided by the scale: minus the mean picture, and divided by its deviation at each pixel."""
    mean, deviation = data.training_statistics()
    centred = images.astype(np.float32) - mean
    return centred if way["pixelwise"] == "mean" else centred / np.maximum(deviation, 0.1) * way["scale"]


def _fitted(x, given):
    """The same numbers in the shape of the net's input; smaller images get a black edge, as in a script's own padding."""
    import torch

    shape, dtype = given
    x = torch.as_tensor(x)
    if tuple(x.shape[1:]) != tuple(shape) and int(np.prod(x.shape[1:])) == int(np.prod(shape)):
        x = x.reshape(len(x), *shape)
    elif x.dim() == 4 and len(shape) == 3 and shape[1] > x.shape[2] and shape[2] > x.shape[3]:
        high, wide = shape[1] - x.shape[2], shape[2] - x.shape[3]
        x = torch.nn.functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    return x.to(dtype) if dtype is not None and dtype.is_floating_point else x.float()


# --- hooks ----------------------------------------------------------------------------------------------------------


def watch_torch(current):
    """current() gives the Watcher of this thread's script, or None."""
    import torch
    from torch.optim.optimizer import register_optimizer_step_post_hook

    def entered(module, args):
        watcher = current()
        if watcher is None or watcher.looking:
            return
        if watcher.depth == 0 and args and isinstance(args[0], torch.Tensor):
            watcher.called = [*watcher.called[-15:], (module, (tuple(args[0].shape[1:]), args[0].dtype))]
        watcher.depth += 1

    def left(module, args, output):
        watcher = current()
        if watcher is not None and not watcher.looking:
            watcher.depth = max(0, watcher.depth - 1)

    def stepped(optimizer, args, kwargs):
        watcher = current()
        if watcher is not None:
            watcher.depth = 0
            watcher.stepped(*_stepped_on(optimizer, watcher))

    torch.nn.modules.module.register_module_forward_pre_hook(entered)
    torch.nn.modules.module.register_module_forward_hook(left, always_call=True)
    register_optimizer_step_post_hook(stepped)


def _stepped_on(optimizer, watcher):
    """(net, its input): the outermost module called that holds all that the optimizer trains; else any module that does."""
    wanted = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    for module, given in reversed(watcher.called):
        if wanted <= {id(parameter) for parameter in module.parameters()}:
            return module, given
    for net, given, _ in watcher.trained.values():
        if not is_keras(net) and wanted <= {id(parameter) for parameter in net.parameters()}:
            return net, given
    return _holding(wanted), (watcher.called[0][1] if watcher.called else ((), None))


def _holding(wanted):
    """The smallest module that holds all parameters with these ids: a script may call `net.forward` itself."""
    import torch

    found = []
    for thing in gc.get_objects():
        if issubclass(type(thing), torch.nn.Module):
            own = {id(parameter) for parameter in thing.parameters()}
            if wanted <= own:
                found.append((len(own), thing))
    return min(found, key=lambda pair: pair[0])[1] if found else None
