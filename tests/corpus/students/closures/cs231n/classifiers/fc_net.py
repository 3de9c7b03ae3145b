import numpy as np
from cs231n import layers, layer_utils
from cs231n.layers import *


class Net:
    """generic base"""
    def __init__(self, **kw):
        self.params = {}
        self.__dict__.update(kw)

    def add(self, name, value):
        self.params[name] = np.asarray(value, dtype=self.dtype)

    @property
    def L2(self):
        return sum((self.params[k] ** 2).sum() for k in self.params if k.startswith('W'))


class FullyConnectedNet(Net):
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        super().__init__(reg=reg, dtype=dtype, normalization=normalization, use_dropout=dropout_keep_ratio != 1, num_layers=len(hidden_dims) + 1)
        rng = np.random.default_rng(seed)
        sizes = [input_dim, *hidden_dims, num_classes]
        for k in range(len(sizes) - 1):
            self.add(f'W{k+1}', rng.standard_normal((sizes[k], sizes[k + 1])) * weight_scale)
            self.add(f'b{k+1}', np.zeros(sizes[k + 1]))
            if k < len(sizes) - 2 and normalization is not None:
                self.add(f'gamma{k+1}', np.ones(sizes[k + 1]))
                self.add(f'beta{k+1}', np.zeros(sizes[k + 1]))
        self.dropout_param = dict(mode='train', p=dropout_keep_ratio)
        if seed is not None:
            self.dropout_param['seed'] = seed
        self.bn_params = [dict(mode='train') for _ in hidden_dims]
        self.tape = []

    def run(self, fn, back, names, x, *args):
        out, cache = fn(x, *[self.params[n] for n in names], *args)
        self.tape.append((back, cache, names))
        return out

    def loss(self, X, y=None):
        training = y is not None
        self.tape.clear()
        for d in [self.dropout_param] + self.bn_params:
            d['mode'] = 'train' if training else 'test'
        h = X.astype(self.dtype)
        for k in range(1, self.num_layers):
            h = self.run(affine_forward, affine_backward, (f'W{k}', f'b{k}'), h)
            if self.normalization == 'batchnorm':
                h = self.run(batchnorm_forward, batchnorm_backward, (f'gamma{k}', f'beta{k}'), h, self.bn_params[k - 1])
            elif self.normalization == 'layernorm':
                h = self.run(layernorm_forward, layernorm_backward, (f'gamma{k}', f'beta{k}'), h, self.bn_params[k - 1])
            h = self.run(relu_forward, relu_backward, (), h)
            if self.use_dropout:
                h = self.run(dropout_forward, dropout_backward, (), h, self.dropout_param)
        k = self.num_layers
        scores = self.run(affine_forward, affine_backward, (f'W{k}', f'b{k}'), h)
        if not training:
            return scores
        loss, d = softmax_loss(scores, y)
        grads = {}
        for back, cache, names in reversed(self.tape):
            res = back(d, cache)
            d, gs = (res[0], res[1:]) if names else (res, ())
            grads.update(zip(names, gs))
        for n in grads:
            if n[0] == 'W':
                grads[n] = grads[n] + self.reg * self.params[n]
        return loss + .5 * self.reg * self.L2, grads
