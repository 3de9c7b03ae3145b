"""Looks at a net while a script trains it, without disturbing it: what it would say to images it has not seen.

torch: every optimizer's step and every module's call are heard of through torch's global hooks; Keras: `kerasfit.py`. A look
happens between two steps, in evaluation mode, without gradients; the net's modes and all random numbers are put back
afterwards. What it gives are labels as the net claims them; right ones are not here. How images are prepared: `preparing.py`.
"""

import gc
import random
import resource
import sys
import time

import numpy as np

from .operations import Operations
from .preparing import Given, preparations

BATCH = 256
REST = 10.0
"""A look may cost a tenth of the time: the next comes no sooner than ten times as long after it."""


KEPT = 4
"""Batches that nets were given last: older ones would fill the memory."""

SCORES = ("logits", "scores", "output", "out", "pred", "predictions", "probs")


class Stopped(BaseException):
    """The host has seen enough. Not an Exception, so that a script does not pass over it."""


class Trained:
    """A net that the script trains. given: in its last step; cell: of a notebook, where that was; images: of all its steps, each
    as often as it was given; kinds: of the layers that it has, None before its first look; marked: whether it was looked at
    when it had been given as many images as the host asked for."""

    def __init__(self, net, number):
        self.net, self.number = net, number
        self.given, self.cell = Given(), None
        self.images, self.kinds, self.marked = 0, None, False


class Watcher:
    """images: (N, …) uint8. ways: how they may become a net's input, as `grader/core/checks/inputs.py` declares, used
    where the script tells no transform of its own. every: seconds between two looks; also_at: images that a net was given in
    all, when it is looked at in any case (None: no such number). tell(look) is called with each look."""

    def __init__(self, images, ways, every, also_at, tell):
        self.images, self.ways, self.every, self.also_at, self.tell = images, ways, every, also_at, tell
        self.started, self.worked = time.monotonic(), time.process_time()
        self.next = 0.0
        self.steps = 0
        self.epoch = None
        self.looking = self.stopping = False
        self.warm = False  # the first look loads what later ones have: what it takes says nothing about them
        self.depth = 0
        self.called = []  # the outermost torch modules called last, and what they were given
        self.fed = None  # what Keras gave in this step
        self.trained = {}  # id: Trained
        self.cell = None  # of a notebook, the one that runs
        self.trouble = ""

    def stepped(self, net, given):
        """After each step of an optimizer on `net`, which was `given` this before it."""
        if self.looking:
            return
        if self.stopping:
            raise Stopped
        self.steps += 1
        if net is None:
            return
        trained = self.trained.setdefault(id(net), Trained(net, len(self.trained)))
        trained.given, trained.cell = given, self.cell
        trained.images += given.count
        reached = self.also_at is not None and not trained.marked and trained.images >= self.also_at
        trained.marked = trained.marked or reached
        if reached or time.monotonic() >= self.next:
            self.look(trained)

    def look(self, trained):
        begun = time.monotonic()
        self.looking = True
        try:
            labels = self._labels(trained)
        finally:
            self.looking = False
        now = time.monotonic()
        self.next = now + max(self.every, (REST if self.warm else 1.0) * (now - begun))
        self.warm = True
        self.tell(
            {
                "net": trained.number,
                "name": type(trained.net).__name__,
                "layers": trained.kinds,
                "cell": trained.cell,
                "step": self.steps,
                "epoch": self.epoch,
                "images": trained.images,
                "seconds": now - self.started,
                "worked": time.process_time() - self.worked,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "labels": labels,
                "gpu": _on_gpu(trained.net),
                "trouble": self.trouble,
            }
        )

    def last_look(self):
        """At the end of a script: at all that it trained."""
        for trained in list(self.trained.values()):
            self.look(trained)

    def _labels(self, trained):
        """(ways, N) int64: the label with the highest score, -1 where there is none."""
        with Undisturbed(trained.net):
            found = []
            for prepare in preparations(self.images, self.ways, trained.given):
                try:
                    if not trained.kinds:
                        trained.kinds = _kinds(trained.net, prepare(self.images[:2]))
                    found.append(_predicted(trained.net, prepare, self.images))
                except Exception as error:
                    self.trouble = f"{type(error).__name__}: {error}"[:500]
                    found.append(np.full(len(self.images), -1))
        return np.stack(found)


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
        scores = net(x.float().cpu().numpy(), training=False) if keras else net(x.to(device))
        while isinstance(scores, (tuple, list, dict)):
            scores = _scores_of(scores) if isinstance(scores, dict) else scores[0]
        scores = torch.as_tensor(scores).detach().reshape(len(x), -1).float()
        if scores.shape[1] < 2:
            raise ValueError("it gives one number for an image, and no score for each class")
        labels = scores.argmax(dim=1)
        labels[~torch.isfinite(scores).all(dim=1)] = -1
        found.append(labels.cpu().numpy())
    return np.concatenate(found)


def _kinds(net, x):
    """The kinds of layers that the net computes with, sorted: `operations.py` has their names."""
    import torch

    from .watching import Watching

    watch = Watching(net, Operations(torch))
    with watch, watch.keras_layers():
        net(x.float().cpu().numpy(), training=False) if is_keras(net) else net(x.to(next(net.parameters()).device))
    return sorted({row["kind"] for row in watch.rows})


def _scores_of(outputs):
    """Of several outputs by name, the one that is called scores, else the first."""
    return next((outputs[name] for name in SCORES if name in outputs), next(iter(outputs.values())))


def is_keras(net):
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(net, keras.Model)


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
            watcher.called = [*watcher.called[-15:], (module, Given.of(args[0]))]
            for _, given in watcher.called[:-KEPT]:
                given.batch = None
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
    """(net, what it was given): the outermost module called that holds all that the optimizer trains; else any that does."""
    wanted = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    for module, given in reversed(watcher.called):
        if wanted <= {id(parameter) for parameter in module.parameters()}:
            return module, given
    for trained in watcher.trained.values():
        if not is_keras(trained.net) and wanted <= {id(parameter) for parameter in trained.net.parameters()}:
            return trained.net, Given(trained.given.shape, trained.given.dtype)
    return _holding(wanted), (watcher.called[0][1] if watcher.called else Given())


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
