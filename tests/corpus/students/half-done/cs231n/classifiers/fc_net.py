from builtins import range
from builtins import object
import numpy as np
from ..layers import *
from ..layer_utils import *


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1, normalization=None,
                 reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization = normalization
        self.use_dropout = dropout_keep_ratio != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        dims = [input_dim] + hidden_dims + [num_classes]
        for l, (i, o) in enumerate(zip(dims[:-1], dims[1:]), start=1):
            self.params['W%d' % l] = np.random.normal(0, weight_scale, (i, o))
            self.params['b%d' % l] = np.zeros(o)
            if self.normalization is not None and l != self.num_layers:
                self.params['gamma' + str(l)] = np.ones(o)
                self.params['beta' + str(l)] = np.zeros(o)
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {'mode': 'train', 'p': dropout_keep_ratio}
            if seed is not None:
                self.dropout_param['seed'] = seed
        self.bn_params = []
        if self.normalization == 'batchnorm':
            self.bn_params = [{'mode': 'train'} for i in range(self.num_layers - 1)]
        if self.normalization == 'layernorm':
            self.bn_params = [{} for i in range(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = 'test' if y is None else 'train'
        if self.use_dropout:
            self.dropout_param['mode'] = mode
        if self.normalization == 'batchnorm':
            for bn_param in self.bn_params:
                bn_param['mode'] = mode
        scores = None
        caches = {}
        h = X
        for l in range(1, self.num_layers):
            h, caches['fc', l] = affine_forward(h, self.params[f'W{l}'], self.params[f'b{l}'])
            if self.normalization == 'batchnorm':
                h, caches['norm', l] = batchnorm_forward(h, self.params[f'gamma{l}'], self.params[f'beta{l}'], self.bn_params[l - 1])
            elif self.normalization == 'layernorm':
                h, caches['norm', l] = layernorm_forward(h, self.params[f'gamma{l}'], self.params[f'beta{l}'], self.bn_params[l - 1])
            h, caches['relu', l] = relu_forward(h)
            if self.use_dropout:
                h, caches['drop', l] = dropout_forward(h, self.dropout_param)
        L = self.num_layers
        scores, caches['fc', L] = affine_forward(h, self.params[f'W{L}'], self.params[f'b{L}'])
        if mode == 'test':
            return scores
        loss, grads = 0.0, {}
        loss, d = softmax_loss(scores, y)
        for l in range(1, L + 1):
            W = self.params[f'W{l}']
            loss += 0.5 * self.reg * np.sum(W * W)
        d, grads[f'W{L}'], grads[f'b{L}'] = affine_backward(d, caches['fc', L])
        grads[f'W{L}'] += self.reg * self.params[f'W{L}']
        for l in range(L - 1, 0, -1):
            if self.use_dropout:
                d = dropout_backward(d, caches['drop', l])
            d = relu_backward(d, caches['relu', l])
            if self.normalization == 'batchnorm':
                d, grads[f'gamma{l}'], grads[f'beta{l}'] = batchnorm_backward_alt(d, caches['norm', l])
            elif self.normalization == 'layernorm':
                d, grads[f'gamma{l}'], grads[f'beta{l}'] = layernorm_backward(d, caches['norm', l])
            d, grads[f'W{l}'], grads[f'b{l}'] = affine_backward(d, caches['fc', l])
            grads[f'W{l}'] += self.reg * self.params[f'W{l}']
        return loss, grads
