"""The nets of assignment 2 in torch, and a judge that compares a student's nets with them."""

from __future__ import annotations

import inspect

import numpy as np
import torch
import torch.nn.functional as F
from sample_close import close, leaf


class NetJudge:
    """Cases of one scope for the nets of one course; every `check_*` raises AssertionError if one is wrong."""

    def __init__(self, course, scope):
        self.course, self.scope = course, scope
        self.rng = np.random.default_rng(11)

    def normal(self, *shape):
        return self.rng.normal(size=shape)

    def check_TwoLayerNet(self):
        net = self.course("cs231n.classifiers.fc_net").TwoLayerNet(input_dim=6, hidden_dim=5, num_classes=3, reg=0.4)
        judge_net(net, self.normal(4, 2, 3), self.rng, 0.4, fully_connected)

    def check_FullyConnectedNet(self):
        build = self.course("cs231n.classifiers.fc_net").FullyConnectedNet
        for normalization in normalizations(build):
            for hidden in ([5, 4], []) if self.scope == "edge" else ([6, 5], [4, 5, 6]):
                net = fc_net(build, hidden, normalization, reg=0.3)
                judge_net(net, self.normal(7, 2, 4), self.rng, 0.3, fully_connected, normalization)

    def check_ThreeLayerConvNet(self):
        build = self.course("cs231n.classifiers.cnn").ThreeLayerConvNet
        shapes = [(2, 3, 8, 8), (3, 1, 6, 6)] if self.scope == "core" else [(1, 2, 4, 8), (2, 1, 5, 7)]
        for shape in shapes:
            sizes = {"num_filters": 3, "filter_size": 3, "hidden_dim": 5, "num_classes": 4}
            net = build(input_dim=shape[1:], **sizes, weight_scale=0.1, reg=0.2, dtype=np.float64)
            judge_net(net, self.normal(*shape), self.rng, 0.2, three_layer_conv)


def fully_connected(p, x, normalization=None):
    h, last = x.reshape(len(x), -1), sum(name.startswith("W") for name in p)
    for i in range(1, last):
        h = h @ p[f"W{i}"] + p[f"b{i}"]
        if normalization == "batchnorm":
            h = F.batch_norm(h, None, None, p[f"gamma{i}"], p[f"beta{i}"], training=True)
        elif normalization == "layernorm":
            h = F.layer_norm(h, h.shape[1:], p[f"gamma{i}"], p[f"beta{i}"])
        h = torch.relu(h)
    return h @ p[f"W{last}"] + p[f"b{last}"]


def three_layer_conv(p, x, normalization=None):
    h = F.max_pool2d(torch.relu(F.conv2d(x, p["W1"], p["b1"], padding=p["W1"].shape[2] // 2)), 2)
    h = torch.relu(h.reshape(len(h), -1) @ p["W2"] + p["b2"])
    return h @ p["W3"] + p["b3"]


def judge_net(net, x, rng, reg, truth, normalization=None):
    """Loss and every gradient against torch, at random parameters (initial biases of zero would hide mistakes)."""
    for name, w in net.params.items():
        net.params[name] = rng.normal(size=w.shape) * 0.5 + (1.0 if name.startswith("gamma") else 0.0)
    p = {name: leaf(w) for name, w in net.params.items()}
    scores = truth(p, torch.tensor(x), normalization)
    y = rng.integers(scores.shape[1], size=len(x))
    penalty = sum((w**2).sum() for name, w in p.items() if name.startswith("W"))
    want = F.cross_entropy(scores, torch.tensor(y)) + 0.5 * reg * penalty
    if normalization != "batchnorm":  # whose test scores come from running statistics
        close(net.loss(x.copy()), scores.detach().numpy())
    loss, grads = net.loss(x.copy(), y.copy())
    close(loss, want.detach().numpy())
    assert grads.keys() == p.keys()
    for name, gradient in zip(p, torch.autograd.grad(want, list(p.values())), strict=True):
        close(grads[name], gradient.numpy())


def normalizations(build):
    return (
        [None, "batchnorm"]
        if "use_batchnorm" in inspect.signature(build).parameters
        else [None, "batchnorm", "layernorm"]
    )


def fc_net(build, hidden, normalization=None, keep=1.0, **options):
    """The net in the words of its edition."""
    parameters = inspect.signature(build).parameters
    if "use_batchnorm" in parameters:
        options["use_batchnorm"] = normalization == "batchnorm"
    else:
        options["normalization"] = normalization
    if keep != 1.0:
        name = "dropout_keep_ratio" if "dropout_keep_ratio" in parameters else "dropout"
        options[name] = 1 - keep if "use_batchnorm" in parameters else keep
    options = {"input_dim": 8, "num_classes": 4, "weight_scale": 0.3, "dtype": np.float64} | options
    return build(hidden, **options)
