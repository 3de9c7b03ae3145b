"""Nets that are functions of an input and a list of weights."""

import torch
import torch.nn.functional as F


def with_mm(x, params):
    w1, b1, w2, b2 = params
    return F.relu(F.conv2d(x, w1, b1, padding=1)).view(x.shape[0], -1).mm(w2) + b2


def with_linear(x, params):
    w1, b1, w2, b2 = params
    return F.linear(torch.conv2d(x, w1, b1, padding=1).clamp(min=0).flatten(1), w2.t(), b2)


def with_addmm(x, params):
    w1, b1, w2, b2 = params
    hidden = torch.relu(F.conv2d(x, w1, padding=1) + b1.view(1, -1, 1, 1))
    return torch.addmm(b2, hidden.reshape(len(x), -1), w2)


def with_at(x, params):
    hidden = F.conv2d(x, params[0], bias=params[1], padding="same").relu_()
    return b_plus(hidden.flatten(start_dim=1) @ params[2], params[3])


def b_plus(scores, bias):
    scores += bias
    return scores


def without_bias(x, params):
    w1, b1, w2, b2 = params
    return F.relu(F.conv2d(x, w1, padding=1)).flatten(1) @ w2 + b2


def not_written(x, params):
    scores = None
    return scores


class WithMM(torch.nn.Module):
    """Of a function's name, and no function."""

    def __init__(self):
        super().__init__()
        self.only = torch.nn.Linear(192, 3)

    def forward(self, x):
        return self.only(x.flatten(1))
