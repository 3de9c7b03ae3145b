from builtins import range
from builtins import object
import numpy as np

from cs231n.layers import *
from cs231n.layer_utils import *

class FullyConnectedNet(object):
	def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10,
	             dropout=1, normalization=None, reg=0.0,
	             weight_scale=1e-2, dtype=np.float32, seed=None):
		self.normalization = normalization
		self.use_dropout = dropout != 1
		self.reg = reg
		self.num_layers = 1 + len(hidden_dims)
		self.dtype = dtype
		self.params = {}
		hidden_dims.insert(0, input_dim)
		hidden_dims.append(num_classes)
		for i in range(1, len(hidden_dims)):
			self.params['W{}'.format(i)] = weight_scale * np.random.randn(hidden_dims[i - 1], hidden_dims[i])
			self.params['b{}'.format(i)] = np.zeros((hidden_dims[i], ))
		if self.normalization in ('batchnorm', 'layernorm'):
			for i in range(1, len(hidden_dims) - 1):
				self.params['gamma{}'.format(i)] = np.ones((hidden_dims[i], ))
				self.params['beta{}'.format(i)] = np.zeros((hidden_dims[i], ))
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

	def _fwd(self, i, h):
		self.c[i] = {}
		h, self.c[i]['a'] = affine_forward(h, self.params['W%d' % i], self.params['b%d' % i])
		if i == self.num_layers: return h
		if self.normalization == 'batchnorm':
			h, self.c[i]['n'] = batchnorm_forward(h, self.params['gamma%d' % i], self.params['beta%d' % i], self.bn_params[i - 1])
		if self.normalization == 'layernorm':
			h, self.c[i]['n'] = layernorm_forward(h, self.params['gamma%d' % i], self.params['beta%d' % i], self.bn_params[i - 1])
		h, self.c[i]['r'] = relu_forward(h)
		if self.use_dropout:
			h, self.c[i]['d'] = dropout_forward(h, self.dropout_param)
		return h

	def _bwd(self, i, d):
		if i < self.num_layers:
			if self.use_dropout: d = dropout_backward(d, self.c[i]['d'])
			d = relu_backward(d, self.c[i]['r'])
			if self.normalization:
				f = batchnorm_backward_alt if self.normalization == 'batchnorm' else layernorm_backward
				d, self.grads['gamma%d' % i], self.grads['beta%d' % i] = f(d, self.c[i]['n'])
		d, self.grads['W%d' % i], self.grads['b%d' % i] = affine_backward(d, self.c[i]['a'])
		self.grads['W%d' % i] += self.reg * self.params['W%d' % i]
		self.reg_loss += 0.5 * self.reg * np.square(self.params['W%d' % i]).sum()
		return d

	def loss(self, X, y=None):
		X = X.astype(self.dtype)
		mode = 'test' if y is None else 'train'
		if self.use_dropout:
			self.dropout_param['mode'] = mode
		if self.normalization == 'batchnorm':
			for bn_param in self.bn_params:
				bn_param['mode'] = mode
		self.c, self.grads, self.reg_loss = {}, {}, 0.0
		for i in range(1, self.num_layers + 1):
			X = self._fwd(i, X)
		if mode == 'test':
			return X
		loss, d = softmax_loss(X, y)
		for i in range(self.num_layers, 0, -1):
			d = self._bwd(i, d)
		return loss + self.reg_loss, self.grads
