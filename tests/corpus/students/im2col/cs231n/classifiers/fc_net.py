from layers import *
from assignment2.cs231n.layer_utils import *
import numpy as np


def affine_norm_relu_drop_forward(x, w, b, norm=None, gamma=None, beta=None, norm_param=None, drop=None):
    cache = [None] * 4
    out, cache[0] = affine_forward(x, w, b)
    if norm == 'batchnorm':
        out, cache[1] = batchnorm_forward(out, gamma, beta, norm_param)
    elif norm == 'layernorm':
        out, cache[1] = layernorm_forward(out, gamma, beta, norm_param)
    out, cache[2] = relu_forward(out)
    if drop:
        out, cache[3] = dropout_forward(out, drop)
    return out, cache


def affine_norm_relu_drop_backward(dout, cache, norm=None, drop=None):
    dgamma = dbeta = None
    if drop:
        dout = dropout_backward(dout, cache[3])
    dout = relu_backward(dout, cache[2])
    if norm == 'batchnorm':
        dout, dgamma, dbeta = batchnorm_backward_alt(dout, cache[1])
    elif norm == 'layernorm':
        dout, dgamma, dbeta = layernorm_backward(dout, cache[1])
    return affine_backward(dout, cache[0]) + (dgamma, dbeta)


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout_keep_ratio=1,
                 normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization, self.reg, self.dtype = normalization, reg, dtype
        self.use_dropout = dropout_keep_ratio != 1
        self.num_layers = L = 1 + len(hidden_dims)
        self.dims = dims = np.array([input_dim] + list(hidden_dims) + [num_classes])
        self.params = {}
        for i in range(L):
            self.params['W%i' % (i + 1)] = np.random.normal(loc=0.0, scale=weight_scale, size=(dims[i], dims[i + 1])).astype(dtype)
            self.params['b%i' % (i + 1)] = np.zeros(dims[i + 1], dtype)
            if i != L - 1 and normalization != None:
                self.params['gamma%i' % (i + 1)] = np.ones(dims[i + 1], dtype)
                self.params['beta%i' % (i + 1)] = np.zeros(dims[i + 1], dtype)
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {'mode': 'train', 'p': dropout_keep_ratio}
            if seed is not None:
                self.dropout_param['seed'] = seed
        self.bn_params = [{'mode': 'train'} if normalization == 'batchnorm' else {} for i in range(L - 1)] if normalization else []

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = 'test' if y is None else 'train'
        if self.use_dropout:
            self.dropout_param['mode'] = mode
        for q in self.bn_params:
            q['mode'] = mode
        caches = []
        out = X
        for i in range(1, self.num_layers):
            out, c = affine_norm_relu_drop_forward(out, self.params['W%i' % i], self.params['b%i' % i], self.normalization,
                self.params.get('gamma%i' % i), self.params.get('beta%i' % i), self.bn_params[i - 1] if self.normalization else None, self.dropout_param)
            caches.append(c)
        scores, last = affine_forward(out, self.params['W%i' % self.num_layers], self.params['b%i' % self.num_layers])
        if mode == 'test':
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        n = str(self.num_layers)
        dout, grads['W' + n], grads['b' + n] = affine_backward(dout, last)
        for i in reversed(range(1, self.num_layers)):
            dout, grads['W%i' % i], grads['b%i' % i], dg, db = affine_norm_relu_drop_backward(dout, caches.pop(), self.normalization, self.dropout_param)
            if dg is not None:
                grads['gamma%i' % i], grads['beta%i' % i] = dg, db
        for k in self.params:
            if 'W' in k:
                loss += self.reg * (self.params[k] ** 2).sum() / 2
                grads[k] += self.reg * self.params[k]
        return loss, grads
