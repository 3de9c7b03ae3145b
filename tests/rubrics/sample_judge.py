"""A judge of one student's layers and update rules: torch and finite differences, no part of the service."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from sample_close import close, leaf


class LayerJudge:
    """Cases of one scope for the functions of one course; every `check_*` raises AssertionError if one is wrong."""

    def __init__(self, course, scope, keeps=True, own_forward=False):
        """`own_forward`: backward passes are judged by finite differences of the student's own forward pass."""
        self.course, self.scope, self.keeps, self.own_forward = course, scope, keeps, own_forward
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
        want = [g.numpy() for g in torch.autograd.grad(out, leaves, torch.tensor(dout))]
        call = getattr(self.layers, forward)
        if self.own_forward:
            want = self.finite_differences(lambda *a: call(*a, *extra)[0], arrays, dout)
        _, cache = call(*[a.copy() for a in arrays], *extra)
        got = getattr(self.layers, backward)(dout.copy(), cache)
        got = got if isinstance(got, tuple) else (got,)
        assert len(got) == len(want)
        for g, w, shape in zip(got, want, shapes or [None] * len(want), strict=True):
            close(g, w.reshape(shape) if shape else w, rtol=1e-5 if self.own_forward else 1e-7)

    def finite_differences(self, function, arrays, dout):
        numerical = self.course("cs231n.gradient_check").eval_numerical_gradient_array
        return [
            numerical(lambda a, i=i: function(*arrays[:i], a, *arrays[i + 1 :]), array.copy(), dout)
            for i, array in enumerate(arrays)
        ]

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
        return keep if self.keeps else 1 - keep

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
            factors = out / x if self.own_forward else (out != 0) / keep
            close(self.layers.dropout_backward(dout.copy(), cache), dout * factors)
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
