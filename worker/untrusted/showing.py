"""What scripts use to show how they are getting on, and nothing is computed with: progress bars and figures."""

import numpy as np


class Bar:
    """As `tqdm`: goes over what it is given, and says nothing."""

    def __init__(self, iterable=(), *args, **kwargs):
        self.iterable = iterable
        self.n = 0
        self.total = kwargs.get("total")

    def __iter__(self):
        return iter(self.iterable)

    def __len__(self):
        return self.total if self.total is not None else len(self.iterable)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def update(self, n=1):
        self.n += n

    @classmethod
    def write(cls, text="", *args, **kwargs):
        print(text)

    def nothing(self, *args, **kwargs):
        return None

    close = clear = refresh = reset = display = nothing
    set_description = set_description_str = set_postfix = set_postfix_str = nothing


def steps(*args, **kwargs):
    return Bar(range(*args))


def subplots(nrows=1, ncols=1, *args, squeeze=True, **kwargs):
    """(figure, axes) as `matplotlib.pyplot.subplots`: one, a row, or a grid of them."""
    from .stubs import Stub

    axes = np.empty((nrows, ncols), dtype=object)
    for index in np.ndindex(axes.shape):
        axes[index] = Stub("matplotlib")
    if squeeze:
        axes = axes.item() if axes.size == 1 else axes.squeeze()
    return Stub("matplotlib"), axes


BARS = {"tqdm": Bar, "trange": steps, "tqdm_notebook": Bar, "tnrange": steps}
FIGURES = {"subplots": subplots}
