"""A net of which a script that is not here makes variants."""

from torch import nn


def make(kind="plain"):
    hidden = [nn.Linear(20, 40), nn.ReLU()]
    if kind == "dropout":
        hidden.append(nn.Dropout(0.2))
    return nn.Sequential(*hidden, nn.Linear(40, 3))


model = make()
