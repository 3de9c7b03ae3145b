"""Padding and activations in words of one's own."""

import torch
import torch.nn.functional as F
from torch import nn


def first(x, weights):
    w1, b1, w2, b2 = weights
    x = F.conv2d(F.pad(x, (2, 2, 2, 2)), w1, b1)
    x = torch.max(x, torch.zeros_like(x))
    x = F.conv2d(nn.ZeroPad2d(1)(x), w2, b2)
    return x * (x > 0)


def second(x, weights):
    w1, b1, w2, b2 = weights
    x = 1 / (1 + torch.exp(-F.conv2d(x, w1, b1, padding=2)))
    x = F.conv2d(x, w2, b2, padding=1)
    return torch.where(x > 0, x, 0.01 * x)


def late(x, weights):
    """The border is 1 pixel short of what was asked for."""
    w1, b1, w2, b2 = weights
    x = torch.relu(F.conv2d(F.pad(x, (1, 1, 1, 1)), w1, b1))
    return torch.relu(F.conv2d(x, w2, b2, padding=1))


def in_place(x, weights):
    w1, b1, w2, b2 = weights
    x = F.conv2d(x, w1, b1, padding=2)
    x[x < 0] = 0
    return F.conv2d(x, w2, b2, padding=1).relu_()


def summed(x, weights):
    return torch.einsum("ni,io->no", x.flatten(1), weights[0]) + weights[1]


def rectified(x, weights):
    return F.relu(x.flatten(1).mm(weights[0]) + weights[1])
