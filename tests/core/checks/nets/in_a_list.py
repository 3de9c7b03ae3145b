"""Nets wait in a dict for a loop that gives up at the first."""

from torch import nn


class Net(nn.Module):
    def __init__(self, hidden, strange):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, hidden), nn.ReLU(), nn.Dropout(strange), nn.Linear(hidden, 3))

    def forward(self, x):
        return self.layers(x)


runs = {"plain": (Net(40, 0.0), 1), "dropout": (Net(40, 0.2), 1)}
for net, count in runs.values():
    raise FileNotFoundError("no data here")
