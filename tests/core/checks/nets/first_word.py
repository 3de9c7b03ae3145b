"""Which net it is, is the first word of the command line; all of them wait in a list for a loop that breaks off."""

import sys

from torch import nn

mode = sys.argv[1] if len(sys.argv) > 1 else "plain"


class Net(nn.Module):
    def __init__(self, rate=0.2 if mode == "dropout" else 0.0):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Dropout(rate), nn.Linear(40, 3))

    def forward(self, x):
        return self.layers(x)


net = Net()
