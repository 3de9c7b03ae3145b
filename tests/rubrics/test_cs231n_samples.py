"""The pack's samples are what their `expect.yaml` says, judged here by torch and finite differences, without the service.

The right ones run in this process on core and edge cases. Of the faulty ones only what is harmless runs here: nothing of
`hostile`, and nothing that never ends.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from ruamel.yaml import YAML
from sklearn.datasets import load_digits

SAMPLES = Path(__file__).parents[2] / "rubrics" / "cs231n_a2" / "samples"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())
STATUSES = {"pass", "fail", "missing", "error", "timeout", "memory"}
RIGHT = ["right-2021", "right-2018", "right-2016", "loose-files"]
RUN_HERE = [*RIGHT, "many-mistakes"]


def expectations(sample: str) -> dict:
    return YAML(typ="safe").load((SAMPLES / sample / "expect.yaml").read_text())


def expected_statuses(entry) -> list[str]:
    """`pass`, `[pass, fail]` or `{status: fail, mistake: id}`."""
    if isinstance(entry, dict):
        entry = entry["status"]
    return entry if isinstance(entry, list) else [entry]


@pytest.fixture
def course(code_tree, import_from, tmp_path):
    """`course(sample)` imports from the sample's code laid over the support; loose files are put where they belong."""

    def build(sample):
        found = sorted((SAMPLES / sample).rglob("layers.py"))[0].parent
        if found.name != "cs231n":
            package = tmp_path / "cs231n"
            (package / "classifiers").mkdir(parents=True)
            for path in found.glob("*.py"):
                folder = package / "classifiers" if path.stem in ("fc_net", "cnn") else package
                (folder / path.name).write_bytes(path.read_bytes())
            found = package
        return import_from(code_tree(found))

    return build


# ------------------------------------------------------------------------------------------------------ the judge


def close(got, want, rtol=1e-7):
    got = np.asarray(got)
    assert got.shape == want.shape, f"shape {got.shape} instead of {want.shape}"
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-9)


def leaf(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


class Judge:
    """Cases of one scope for the functions of one course; every `check_*` raises AssertionError if one is wrong."""

    def __init__(self, course, scope, variables):
        self.course, self.scope, self.variables = course, scope, variables
        self.rng = np.random.default_rng(11)
        self.layers = SimpleNamespace(**vars(course("cs231n.layers")))

    def normal(self, *shape):
        return self.rng.normal(size=shape)

    def compare_forward(self, name, arrays, extra, truth):
        out, cache = getattr(self.layers, name)(*[a.copy() for a in arrays], *extra)
        close(out, truth(*map(leaf, arrays)).detach().numpy())
        return cache

    def compare_backward(self, forward, backward, arrays, extra, truth, shapes=None):
        """The cache comes from the student's own forward pass."""
        leaves = [leaf(a) for a in arrays]
        out = truth(*leaves)
        dout = self.rng.normal(size=tuple(out.shape))
        want = torch.autograd.grad(out, leaves, torch.tensor(dout))
        _, cache = getattr(self.layers, forward)(*[a.copy() for a in arrays], *extra)
        got = getattr(self.layers, backward)(dout.copy(), cache)
        got = got if isinstance(got, tuple) else (got,)
        assert len(got) == len(want)
        for g, w, shape in zip(got, want, shapes or [None] * len(want), strict=True):
            close(g, w.numpy().reshape(shape) if shape else w.numpy())

    # affine, relu, losses

    def _affine_cases(self):
        shapes = [((4, 2, 3), 5), ((3, 6), 2)] if self.scope == "core" else [((1, 4), 3), ((2, 1, 2, 3), 1)]
        for x_shape, width in shapes:
            yield self.normal(*x_shape), self.normal(int(np.prod(x_shape[1:])), width), self.normal(width)

    def check_affine_forward(self):
        for arrays in self._affine_cases():
            self.compare_forward("affine_forward", arrays, (), lambda x, w, b: x.reshape(len(x), -1) @ w + b)

    def check_affine_backward(self):
        for arrays in self._affine_cases():
            self.compare_backward(
                "affine_forward", "affine_backward", arrays, (), lambda x, w, b: x.reshape(len(x), -1) @ w + b
            )

    def check_affine_relu_forward(self):
        self.layers = self.course("cs231n.layer_utils")
        for arrays in self._affine_cases():
            self.compare_forward(
                "affine_relu_forward", arrays, (), lambda x, w, b: torch.relu(x.reshape(len(x), -1) @ w + b)
            )

    def check_affine_relu_backward(self):
        self.layers = self.course("cs231n.layer_utils")
        for arrays in self._affine_cases():
            self.compare_backward(
                "affine_relu_forward",
                "affine_relu_backward",
                arrays,
                (),
                lambda x, w, b: torch.relu(x.reshape(len(x), -1) @ w + b),
            )

    def check_relu_forward(self):
        self.compare_forward("relu_forward", [self.normal(3, 4)], (), torch.relu)
        self.compare_forward("relu_forward", [self.normal(1, 2, 3, 2)], (), torch.relu)

    def check_relu_backward(self):
        self.compare_backward("relu_forward", "relu_backward", [self.normal(3, 4)], (), torch.relu)

    def _check_loss(self, name, truth):
        sizes = [(7, 5, 1.0), (4, 3, 30.0)] if self.scope == "core" else [(1, 4, 1.0), (3, 3, 1e4)]
        for n, c, scale in sizes:
            x, y = scale * self.normal(n, c), self.rng.integers(c, size=n)
            scores = leaf(x)
            loss = truth(scores, torch.tensor(y))
            got, dx = getattr(self.layers, name)(x.copy(), y.copy())
            close(got, loss.detach().numpy())
            close(dx, torch.autograd.grad(loss, scores)[0].numpy())

    def check_softmax_loss(self):
        self._check_loss("softmax_loss", F.cross_entropy)

    def check_svm_loss(self):
        def truth(x, y):
            margins = torch.relu(x - x.gather(1, y[:, None]) + 1)
            return (margins.sum() - len(x)) / len(x)  # the right class contributes exactly 1 each

        self._check_loss("svm_loss", truth)

    # normalization

    def _norm_inputs(self, n, d, channels=None):
        c = channels or d
        return [self.normal(n, d) * 3 + 1, self.rng.uniform(0.5, 2, size=c), self.normal(c)]

    def check_batchnorm_forward(self):
        for n, d in [(6, 4), (5, 7)] if self.scope == "core" else [(1, 3), (4, 1)]:
            x, gamma, beta = self._norm_inputs(n, d)
            mean, var = self.normal(d), self.rng.uniform(1e-4, 1e-2, size=d)
            param = {"mode": "train", "running_mean": mean.copy(), "running_var": var.copy(), "momentum": 0.8}
            truth = lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True) if len(x) > 1 else b + 0 * x  # noqa: E731
            self.compare_forward("batchnorm_forward", (x, gamma, beta), (param,), truth)
            close(param["running_mean"], 0.8 * mean + 0.2 * x.mean(axis=0))
            close(param["running_var"], 0.8 * var + 0.2 * x.var(axis=0))
            param = {"mode": "test", "eps": 1e-3, "running_mean": mean.copy(), "running_var": var.copy()}
            m, v = torch.tensor(mean), torch.tensor(var)
            self.compare_forward(
                "batchnorm_forward",
                (x, gamma, beta),
                (param,),
                lambda x, g, b, m=m, v=v: F.batch_norm(x, m, v, g, b, training=False, eps=1e-3),
            )
            close(param["running_mean"], mean)

    def _check_batchnorm_backward(self, name):
        for n, d in [(6, 4), (5, 7)] if self.scope == "core" else [(2, 1)]:
            self.compare_backward(
                "batchnorm_forward",
                name,
                self._norm_inputs(n, d),
                ({"mode": "train"},),
                lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True),
            )

    def check_batchnorm_backward(self):
        self._check_batchnorm_backward("batchnorm_backward")

    def check_batchnorm_backward_alt(self):
        self._check_batchnorm_backward("batchnorm_backward_alt")

    def _layernorm(self):
        for n, d in [(4, 6), (3, 5)] if self.scope == "core" else [(1, 4), (3, 1)]:
            yield self._norm_inputs(n, d), lambda x, g, b, d=d: F.layer_norm(x, (d,), g, b)

    def check_layernorm_forward(self):
        for arrays, truth in self._layernorm():
            self.compare_forward("layernorm_forward", arrays, ({},), truth)

    def check_layernorm_backward(self):
        for arrays, truth in self._layernorm():
            self.compare_backward("layernorm_forward", "layernorm_backward", arrays, ({},), truth)

    def _images(self):
        return [(3, 4, 5, 2), (2, 2, 4, 4)] if self.scope == "core" else [(1, 2, 1, 3), (2, 1, 3, 3)]

    def check_spatial_batchnorm_forward(self):
        for shape in self._images():
            arrays = self.normal(*shape), self.rng.uniform(0.5, 2, size=shape[1]), self.normal(shape[1])
            truth = lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True)  # noqa: E731
            self.compare_forward("spatial_batchnorm_forward", arrays, ({"mode": "train"},), truth)

    def check_spatial_batchnorm_backward(self):
        for shape in self._images():
            arrays = self.normal(*shape), self.rng.uniform(0.5, 2, size=shape[1]), self.normal(shape[1])
            truth = lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True)  # noqa: E731
            names = "spatial_batchnorm_forward", "spatial_batchnorm_backward"
            self.compare_backward(*names, arrays, ({"mode": "train"},), truth)

    def _groupnorm(self):
        cases = [((2, 6, 4, 5), 2), ((3, 4, 3, 3), 4)] if self.scope == "core" else [((1, 3, 1, 2), 1)]
        for shape, groups in cases:
            c = shape[1]
            arrays = self.normal(*shape), self.rng.uniform(0.5, 2, size=c), self.normal(c)
            yield arrays, groups, lambda x, g, b, n=groups: F.group_norm(x, n, g.reshape(-1), b.reshape(-1))

    def _in_either_shape(self, check):
        """Editions differ: gamma and beta are (C,) or (1, C, 1, 1)."""
        failures = []
        for expand in (False, True):
            try:
                for (x, gamma, beta), groups, truth in self._groupnorm():
                    shape = (1, -1, 1, 1) if expand else (-1,)
                    check((x, gamma.reshape(shape), beta.reshape(shape)), groups, truth)
                return
            except (AssertionError, ValueError) as failure:
                failures.append(failure)
        raise AssertionError(failures)

    def check_spatial_groupnorm_forward(self):
        self._in_either_shape(
            lambda arrays, groups, truth: self.compare_forward("spatial_groupnorm_forward", arrays, (groups, {}), truth)
        )

    def check_spatial_groupnorm_backward(self):
        names = "spatial_groupnorm_forward", "spatial_groupnorm_backward"
        self._in_either_shape(lambda arrays, groups, truth: self.compare_backward(*names, arrays, (groups, {}), truth))

    # dropout

    def _p(self, keep):
        return keep if self.variables.get("dropout_p", "keep") == "keep" else 1 - keep

    def check_dropout_forward(self):
        x = self.rng.uniform(1, 2, size=(300, 200))
        for keep in (0.3, 0.75):
            out, _ = self.layers.dropout_forward(x.copy(), {"mode": "train", "p": self._p(keep), "seed": 5})
            kept = out != 0
            assert abs(kept.mean() - keep) < 0.01
            assert kept.any(axis=0).all()
            assert not (kept == kept[0]).all()
            close(out, np.where(kept, x / keep, 0.0))
            out, _ = self.layers.dropout_forward(x.copy(), {"mode": "test", "p": self._p(keep)})
            close(out, x)

    def check_dropout_backward(self):
        x, dout = self.rng.uniform(1, 2, size=(20, 30)), self.normal(20, 30)
        for keep in (0.3, 0.75):
            out, cache = self.layers.dropout_forward(x.copy(), {"mode": "train", "p": self._p(keep), "seed": 5})
            close(self.layers.dropout_backward(dout.copy(), cache), np.where(out != 0, dout / keep, 0.0))
            _, cache = self.layers.dropout_forward(x.copy(), {"mode": "test", "p": self._p(keep)})
            close(self.layers.dropout_backward(dout.copy(), cache), dout)

    # convolution and pooling

    def _convolutions(self):
        core = [((2, 3, 5, 5), (2, 3, 3), 1, 1), ((2, 3, 4, 4), (3, 4, 4), 2, 1)]
        edge = [((1, 2, 5, 7), (2, 3, 2), 2, 0), ((2, 1, 6, 4), (1, 1, 3), 3, 2), ((1, 1, 3, 3), (1, 3, 3), 1, 0)]
        for x_shape, (f, hh, ww), stride, pad in core if self.scope == "core" else edge:
            arrays = self.normal(*x_shape), self.normal(f, x_shape[1], hh, ww), self.normal(f)
            truth = lambda x, w, b, s=stride, p=pad: F.conv2d(x, w, b, stride=s, padding=p)  # noqa: E731
            yield arrays, ({"stride": stride, "pad": pad},), truth

    def check_conv_forward_naive(self):
        for arrays, extra, truth in self._convolutions():
            self.compare_forward("conv_forward_naive", arrays, extra, truth)

    def check_conv_backward_naive(self):
        for arrays, extra, truth in self._convolutions():
            self.compare_backward("conv_forward_naive", "conv_backward_naive", arrays, extra, truth)

    def _poolings(self):
        core = [((3, 2, 8, 8), 2, 2, 2), ((2, 3, 4, 6), 2, 2, 2)]
        edge = [((1, 2, 5, 5), 3, 3, 1), ((2, 1, 7, 6), 2, 3, 2), ((1, 1, 6, 6), 2, 2, 3)]
        for shape, height, width, stride in core if self.scope == "core" else edge:
            x = self.rng.permutation(int(np.prod(shape))).reshape(shape) - 20.0
            param = {"pool_height": height, "pool_width": width, "stride": stride}
            yield [x], (param,), lambda x, k=(height, width), s=stride: F.max_pool2d(x, k, s)

    def check_max_pool_forward_naive(self):
        for arrays, extra, truth in self._poolings():
            self.compare_forward("max_pool_forward_naive", arrays, extra, truth)

    def check_max_pool_backward_naive(self):
        for arrays, extra, truth in self._poolings():
            self.compare_backward("max_pool_forward_naive", "max_pool_backward_naive", arrays, extra, truth)

    # update rules: three steps with changing gradients against torch.optim

    def _check_rule(self, name, optimizer, config, steps=3):
        rule = getattr(self.course("cs231n.optim"), name)
        w = self.normal(4, 3)
        parameter = torch.nn.Parameter(torch.tensor(w.copy()))
        reference = optimizer([parameter])
        for _ in range(steps):
            dw = self.normal(4, 3) * self.rng.choice([1.0, 1e-6], size=(4, 3))  # small ones show epsilon
            parameter.grad = torch.tensor(dw.copy())
            reference.step()
            w, config = rule(w, dw.copy(), config)
            close(w, parameter.detach().numpy())

    def check_sgd(self):
        self._check_rule("sgd", lambda p: torch.optim.SGD(p, lr=1e-2), None)

    def check_sgd_momentum(self):
        # torch's velocity has no learning rate in it: the same as long as the rate does not change
        self._check_rule("sgd_momentum", lambda p: torch.optim.SGD(p, lr=1e-2, momentum=0.9), None)

    def check_rmsprop(self):
        config = {"learning_rate": 0.05, "decay_rate": 0.9, "epsilon": 1e-6}
        self._check_rule("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-6), config)

    def check_adam(self):
        config = {"learning_rate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6}
        self._check_rule("adam", lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6), config)

    # nets

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


# ------------------------------------------------------------------------------------------------------- the tests


@pytest.mark.parametrize("sample", NAMES)
def test_expectations_are_well_formed(sample):
    expected = expectations(sample)
    assert set(expected) <= {"description", "variables", "functions", "edge", "answers"}
    assert set(expected["functions"]) == {
        name.removeprefix("check_") for name in vars(Judge) if name.startswith("check_")
    }
    for entry in (*expected["functions"].values(), *expected.get("edge", {}).values()):
        assert set(expected_statuses(entry)) <= STATUSES


def test_every_kind_of_sample_is_there():
    assert set(NAMES) == {*RIGHT, "stubs", "many-mistakes", "messy", "hostile"}


def judged(course, scope, sample, function):
    """The status of one function as far as this process can tell."""
    importer = course(sample)
    if not any(hasattr(module, function) for module in importable(importer)):
        return "missing"
    judge = Judge(importer, scope, expectations(sample).get("variables", {}))
    try:
        getattr(judge, f"check_{function}")()
    except AssertionError:
        return "fail"
    return "pass"


def importable(importer):
    for name in ("layers", "layer_utils", "optim", "classifiers.fc_net", "classifiers.cnn"):
        with contextlib.suppress(ModuleNotFoundError):
            yield importer(f"cs231n.{name}")


CORE = [(s, f, e) for s in RUN_HERE for f, e in expectations(s)["functions"].items()]
EDGE = [(s, f, expectations(s).get("edge", {}).get(f, e)) for s, f, e in CORE]


@pytest.mark.parametrize(("sample", "function", "entry"), CORE, ids=[f"{s}-{f}" for s, f, _ in CORE])
def test_core_cases_end_as_expected(course, sample, function, entry):
    assert judged(course, "core", sample, function) in expected_statuses(entry)


@pytest.mark.parametrize(
    ("sample", "function", "entry"),
    [c for c in EDGE if c[0] in RIGHT or c[1] == "max_pool_backward_naive"],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_edge_cases_end_as_expected(course, sample, function, entry):
    assert judged(course, "edge", sample, function) in expected_statuses(entry)


@pytest.mark.parametrize("sample", RIGHT)
@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_nets_with_dropout_agree_with_finite_differences(course, sample, keep):
    build = course(sample)("cs231n.classifiers.fc_net").FullyConnectedNet
    rng = np.random.default_rng(3)
    for normalization in normalizations(build):
        net = fc_net(build, [6, 5], normalization, keep, reg=0.1, seed=123)
        for w in net.params.values():  # a unit behind nothing but dropped ones must not sit on ReLU's kink
            w += rng.normal(size=w.shape) * 0.3
        x, y = rng.normal(size=(5, 8)), rng.integers(4, size=5)
        loss, grads = net.loss(x, y)
        assert net.loss(x, y)[0] == loss, "the seed must fix the mask"
        for name, w in net.params.items():
            for index in [tuple(rng.integers(size) for size in w.shape) for _ in range(3)]:
                before, sides = w[index], []
                for h in (1e-5, -1e-5):
                    w[index] = before + h
                    sides.append(net.loss(x, y)[0])
                w[index] = before
                assert grads[name][index] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("sample", RIGHT)
def test_batch_normalized_nets_use_running_statistics_at_test_time(course, sample):
    build = course(sample)("cs231n.classifiers.fc_net").FullyConnectedNet
    rng = np.random.default_rng(3)
    net = fc_net(build, [6], "batchnorm")
    x, y = rng.normal(size=(50, 8)) + 2, rng.integers(4, size=50)
    for _ in range(200):
        net.loss(x, y)
    p = {name: torch.tensor(w) for name, w in net.params.items()}
    close(net.loss(x), fully_connected(p, torch.tensor(x), "batchnorm").numpy(), rtol=1e-6)
    close(net.loss(x[:1]), net.loss(x)[:1])


@pytest.fixture(scope="module")
def digits():
    images, labels = load_digits(return_X_y=True)
    images = (images / 8.0) - 1.0
    return {"X_train": images[:50], "y_train": labels[:50], "X_val": images[1000:1200], "y_val": labels[1000:1200]}


@pytest.mark.parametrize("sample", RIGHT)
def test_a_five_layer_net_overfits_fifty_digits(course, sample, digits):
    importer = course(sample)
    np.random.seed(0)
    net = fc_net(
        importer("cs231n.classifiers.fc_net").FullyConnectedNet,
        [100] * 4,
        input_dim=64,
        num_classes=10,
        weight_scale=0.1,
    )
    solver = importer("cs231n.solver").Solver(
        net,
        digits,
        update_rule="adam",
        optim_config={"learning_rate": 2e-3},
        num_epochs=20,
        batch_size=25,
        verbose=False,
    )
    solver.train()
    assert max(solver.train_acc_history) == 1.0
    assert solver.best_val_acc > 0.5


@pytest.mark.parametrize("sample", ["right-2021", "right-2018", "right-2016"])
def test_the_conv_net_learns_fifty_digits(course, sample, digits):
    importer = course(sample)
    np.random.seed(0)
    sizes = {"num_filters": 6, "filter_size": 3, "hidden_dim": 30, "weight_scale": 0.1, "dtype": np.float64}
    net = importer("cs231n.classifiers.cnn").ThreeLayerConvNet(input_dim=(1, 8, 8), **sizes)
    data = {name: a.reshape(-1, 1, 8, 8) if name.startswith("X") else a for name, a in digits.items()}
    solver = importer("cs231n.solver").Solver(
        net, data, update_rule="adam", optim_config={"learning_rate": 3e-3}, num_epochs=60, batch_size=25, verbose=False
    )
    solver.train()
    assert max(solver.train_acc_history) == 1.0


def inline_questions(path):
    cells = json.loads(path.read_text())["cells"]
    return sum(line.startswith("## Inline Question") for cell in cells for line in "".join(cell["source"]).splitlines())


@pytest.mark.parametrize("folder", ["right-2021/assignment2", "stubs/assignment2"])
def test_notebooks_ask_all_ten_questions(folder):
    counts = {path.stem: inline_questions(path) for path in (SAMPLES / folder).glob("*.ipynb")}
    assert counts == {"FullyConnectedNets": 3, "BatchNormalization": 4, "Dropout": 3}


def test_the_stubs_do_nothing(course):
    layers = course("stubs")("cs231n.layers")
    assert layers.affine_forward(np.ones((2, 3)), np.ones((3, 4)), np.ones(4))[0] is None
    assert layers.conv_backward_naive(None, None) == (None, None, None)


def test_the_messy_one_is_messy():
    code = next((SAMPLES / "messy").rglob("layers.py")).read_text()
    assert "def layernorm_backward" not in code
    assert "raise NotImplementedError" in code
    with pytest.raises(SyntaxError, match="print"):
        compile(next((SAMPLES / "messy").rglob("cnn.py")).read_text(), "cnn.py", "exec")
