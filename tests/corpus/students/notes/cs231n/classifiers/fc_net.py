import numpy as np

from cs231n.layers import *
from cs231n.layer_utils import *


class FullyConnectedNet(object):

    def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10,
                 dropout=0, use_batchnorm=False, reg=0.0,
                 weight_scale=1e-2, dtype=np.float32, seed=None):
        self.use_batchnorm = use_batchnorm
        self.use_dropout = dropout > 0
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        layers_dims = np.hstack([input_dim, hidden_dims, num_classes])
        for i in xrange(self.num_layers):
            self.params['W' + str(i+1)] = weight_scale * np.random.randn(layers_dims[i], layers_dims[i+1])
            self.params['b' + str(i+1)] = np.zeros(layers_dims[i+1])
        if self.use_batchnorm:
            for i in xrange(self.num_layers - 1):
                self.params['gamma' + str(i+1)] = np.ones(layers_dims[i+1])
                self.params['beta' + str(i+1)] = np.zeros(layers_dims[i+1])
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {'mode': 'train', 'p': dropout}
            if seed is not None:
                self.dropout_param['seed'] = seed
        self.bn_params = []
        if self.use_batchnorm:
            self.bn_params = [{'mode': 'train'} for i in xrange(self.num_layers - 1)]
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = 'test' if y is None else 'train'
        if self.dropout_param is not None:
            self.dropout_param['mode'] = mode
        if self.use_batchnorm:
            for bn_param in self.bn_params:
                bn_param['mode'] = mode
        hidden = {}
        hidden['h0'] = X.reshape(X.shape[0], np.prod(X.shape[1:]))
        if self.use_dropout:
            pass
        for i in xrange(self.num_layers):
            idx = i + 1
            w = self.params['W' + str(idx)]
            b = self.params['b' + str(idx)]
            h = hidden['h' + str(idx - 1)]
            if idx == self.num_layers:
                hidden['h' + str(idx)], hidden['cache_h' + str(idx)] = affine_forward(h, w, b)
            else:
                if self.use_batchnorm:
                    hidden['h' + str(idx)], hidden['cache_h' + str(idx)] = affine_bn_relu_forward(
                        h, w, b, self.params['gamma' + str(idx)], self.params['beta' + str(idx)], self.bn_params[idx - 1])
                else:
                    hidden['h' + str(idx)], hidden['cache_h' + str(idx)] = affine_relu_forward(h, w, b)
                if self.use_dropout:
                    hidden['h' + str(idx)], hidden['cache_drop' + str(idx)] = dropout_forward(hidden['h' + str(idx)], self.dropout_param)
        scores = hidden['h' + str(self.num_layers)]
        if mode == 'test':
            return scores
        loss, grads = 0.0, {}
        data_loss, dscores = softmax_loss(scores, y)
        reg_loss = 0
        for w in [self.params[f] for f in self.params.keys() if f[0] == 'W']:
            reg_loss += 0.5 * self.reg * np.sum(w * w)
        loss = data_loss + reg_loss
        hidden['dh' + str(self.num_layers)] = dscores
        for i in range(self.num_layers)[::-1]:
            idx = i + 1
            dh = hidden['dh' + str(idx)]
            cache = hidden['cache_h' + str(idx)]
            if idx == self.num_layers:
                dx, dw, db = affine_backward(dh, cache)
            else:
                if self.use_dropout:
                    dh = dropout_backward(dh, hidden['cache_drop' + str(idx)])
                if self.use_batchnorm:
                    dx, dw, db, dgamma, dbeta = affine_bn_relu_backward(dh, cache)
                    grads['gamma' + str(idx)] = dgamma
                    grads['beta' + str(idx)] = dbeta
                else:
                    dx, dw, db = affine_relu_backward(dh, cache)
            grads['W' + str(idx)] = dw + self.reg * self.params['W' + str(idx)]
            grads['b' + str(idx)] = db
            hidden['dh' + str(idx - 1)] = dx
        return loss, grads
