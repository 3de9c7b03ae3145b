from builtins import range
from builtins import object
import numpy as np

from cs231n.layers import *
from cs231n.layer_utils import *


class TwoLayerNet(object):
    """ affine - relu - affine - softmax """

    def __init__(self, input_dim=3*32*32, hidden_dim=100, num_classes=10,
                 weight_scale=1e-3, reg=0.0):
        self.params = {}
        self.reg = reg
        self.params['W1'] = np.random.normal(0, weight_scale, (input_dim, hidden_dim))
        self.params['b1'] = np.zeros(hidden_dim)
        self.params['W2'] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
        self.params['b2'] = np.zeros(num_classes)

    def loss(self, X, y=None):
        p = self.params
        hidden, cache1 = affine_relu_forward(X, p['W1'], p['b1'])
        scores, cache2 = affine_forward(hidden, p['W2'], p['b2'])
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(p['W1'] ** 2) + np.sum(p['W2'] ** 2))

        grads = {}
        dhidden, dW2, db2 = affine_backward(dscores, cache2)
        dX, dW1, db1 = affine_relu_backward(dhidden, cache1)
        grads['W1'] = dW1 + self.reg * p['W1']
        grads['b1'] = db1
        grads['W2'] = dW2 + self.reg * p['W2']
        grads['b2'] = db2
        return loss, grads


class FullyConnectedNet(object):
    """ {affine - [batch/layer norm] - relu - [dropout]} x (L - 1) - affine - softmax """

    def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10,
                 dropout=1, normalization=None, reg=0.0,
                 weight_scale=1e-2, dtype=np.float32, seed=None):
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}

        sizes = [input_dim] + list(hidden_dims) + [num_classes]
        for l in range(self.num_layers):
            n = str(l + 1)
            self.params['W' + n] = np.random.normal(0, weight_scale, (sizes[l], sizes[l + 1]))
            self.params['b' + n] = np.zeros(sizes[l + 1])
            if l < self.num_layers - 1 and normalization in ('batchnorm', 'layernorm'):
                self.params['gamma' + n] = np.ones(sizes[l + 1])
                self.params['beta' + n] = np.zeros(sizes[l + 1])

        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {'mode': 'train', 'p': dropout}
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

        ############################ forward ############################
        out = X
        fc, norm, relu, drop = {}, {}, {}, {}
        for l in range(1, self.num_layers):
            n = str(l)
            out, fc[l] = affine_forward(out, self.params['W' + n], self.params['b' + n])
            if self.normalization == 'batchnorm':
                out, norm[l] = batchnorm_forward(out, self.params['gamma' + n], self.params['beta' + n],
                                                 self.bn_params[l - 1])
            elif self.normalization == 'layernorm':
                out, norm[l] = layernorm_forward(out, self.params['gamma' + n], self.params['beta' + n],
                                                 self.bn_params[l - 1])
            out, relu[l] = relu_forward(out)
            if self.use_dropout:
                out, drop[l] = dropout_forward(out, self.dropout_param)
        last = self.num_layers
        scores, fc[last] = affine_forward(out, self.params['W%d' % last], self.params['b%d' % last])

        if mode == 'test':
            return scores

        ############################ backward ###########################
        loss, grads = 0.0, {}
        loss, d = softmax_loss(scores, y)
        for l in range(last, 0, -1):
            n = str(l)
            if l != last:
                if self.use_dropout:
                    d = dropout_backward(d, drop[l])
                d = relu_backward(d, relu[l])
                if self.normalization == 'batchnorm':
                    d, grads['gamma' + n], grads['beta' + n] = batchnorm_backward(d, norm[l])
                elif self.normalization == 'layernorm':
                    d, grads['gamma' + n], grads['beta' + n] = layernorm_backward(d, norm[l])
            d, dW, grads['b' + n] = affine_backward(d, fc[l])
            W = self.params['W' + n]
            loss += self.reg * np.sum(W * W)
            grads['W' + n] = dW + 2 * self.reg * W

        return loss, grads
