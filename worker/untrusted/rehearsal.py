"""While a script is read for its models, its training loops are gone through quickly: a loader gives its first batch only, a
model computes once for each shape of input, the processor is the device, nobody waits and nobody asks for arguments.

What is computed is of no interest; what is trained is. So models that are called, and those that an optimizer changes, are
told of, also where no variable shows them.
"""

import weakref

AT_LEAST = 8
"""Images of a batch where a loader would drop the only one that there is."""


def replacements(torch, told):
    """[(owner, name, what to put there)]. told: a function that is given models and optimizers."""
    born, outputs = weakref.WeakSet(), weakref.WeakKeyDictionary()
    inside = []
    initialize, call = torch.nn.Module.__init__, torch.nn.Module.__call__
    made = torch.optim.Optimizer.__init__
    loader = torch.utils.data.DataLoader

    def module(this, *args, **kwargs):
        initialize(this, *args, **kwargs)
        born.add(this)

    def optimizer(this, *args, **kwargs):
        made(this, *args, **kwargs)
        told(this)
        trained = _holding(this, born)
        if trained is not None:
            told(trained)

    def called(this, *args, **kwargs):
        """Of the outermost module only, and one output for all inputs of the same form: no gradient asks for more. Older NumPy
        gave float32 where this one gives float64, which a net would not take."""
        if not inside:
            args = tuple(_of_type(value, this, torch) for value in args)
        form = None if inside else _form((this.training, *args, *kwargs.items()), torch)
        known = outputs.setdefault(this, {})
        if form is not None and form in known:
            return known[form]
        inside.append(this)
        try:
            out = call(this, *args, **kwargs)
        finally:
            inside.pop()
        if form is not None:
            known[form] = out
        if not inside and len(list(_weights(this))) > 1:
            told(this)
        return out

    def batches(this):
        if "rehearsed" not in vars(this):
            vars(this)["rehearsed"] = _first_batch(this, loader_iter)
        return iter([] if this.rehearsed is None else [this.rehearsed])

    loader_iter = loader.__iter__
    return [
        (torch.nn.Module, "__init__", module),
        (torch.nn.Module, "__call__", called),
        (torch.optim.Optimizer, "__init__", optimizer),
        (loader, "__iter__", batches),
        *counting_on_more(torch.utils.data),
        (torch, "compile", lambda model=None, **options: model if model is not None else lambda given: given),
    ]


def counting_on_more(data):
    """For scripts that split off 10000 images: the few blank ones go into every part."""
    split, item = data.random_split, data.Subset.__getitem__

    def random_split(dataset, lengths, *args, **kwargs):
        try:
            return split(dataset, lengths, *args, **kwargs)
        except ValueError:
            return [dataset for _ in lengths]

    def one(this, index):
        try:
            return item(this, index)
        except IndexError:
            return this.dataset[0]

    several = lambda this, indices: [one(this, index) for index in indices]  # noqa: E731
    replaced = [(data.Subset, "__getitem__", one), (data.Subset, "__getitems__", several)]
    return [*replaced, *((owner, "random_split", random_split) for owner in (data, data.dataset))]


def _of_type(value, module, torch):
    """The input as the module's weights are."""
    weight = next(_weights(module), None)
    floats = isinstance(value, torch.Tensor) and value.is_floating_point() and isinstance(weight, torch.Tensor)
    return value.to(weight.dtype) if floats and weight.is_floating_point() and value.dtype != weight.dtype else value


def _first_batch(loader, original):
    try:
        for batch in original(loader):
            return batch
    except IndexError:  # a sampler counts on more images than there are
        pass
    size = min(len(loader.dataset), AT_LEAST)
    return loader.collate_fn([loader.dataset[index] for index in range(size)]) if size else None


def _form(values, torch):
    """What an output depends on besides the numbers; None where that is not known."""
    found = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append((tuple(value.shape), value.dtype))
        elif isinstance(value, tuple):
            found.append(_form(value, torch) or object())  # an object that is like no other
        elif type(value) in (int, float, str, bool, type(None)):
            found.append(value)
        else:
            return None
    return tuple(found)


def _holding(optimizer, born):
    """The smallest module that holds all that the optimizer changes; of several around the same weights the outermost."""
    wanted = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    held = [(len(own), module) for module in list(born) if wanted <= (own := set(map(id, _weights(module))))]
    return min(held, key=lambda pair: (pair[0], -sum(1 for _ in pair[1].modules())))[1] if held else None


def _weights(module):
    """One whose constructor has not run to its end holds nothing yet."""
    try:
        yield from module.parameters()
    except Exception:
        return
