from builtins import range
from builtins import object
from past.builtins import xrange
import numpy as np

from cs231n.layers import *
from cs231n.layer_utils import *


class TwoLayerNet(object):
  """affine - relu - affine - softmax"""

  def __init__(self, input_dim=3*32*32, hidden_dim=100, num_classes=10,
               weight_scale=1e-3, reg=0.0):
    self.reg = reg
    self.params = {
      'W1': np.random.randn(input_dim, hidden_dim) * weight_scale,
      'b1': np.zeros(hidden_dim),
      'W2': np.random.randn(hidden_dim, num_classes) * weight_scale,
      'b2': np.zeros(num_classes),
    }

  def loss(self, X, y=None):
    W1, b1, W2, b2 = [self.params[k] for k in ['W1', 'b1', 'W2', 'b2']]
    a, fc1 = affine_forward(X, W1, b1)
    h, relu1 = relu_forward(a)
    scores, fc2 = affine_forward(h, W2, b2)
    if y is None:
      return scores

    loss, dscores = softmax_loss(scores, y)
    grads = {}
    dh, grads['W2'], grads['b2'] = affine_backward(dscores, fc2)
    da = relu_backward(dh, relu1)
    _, grads['W1'], grads['b1'] = affine_backward(da, fc1)
    for k in ['W1', 'W2']:
      loss += 0.5 * self.reg * np.sum(np.square(self.params[k]))
      grads[k] += self.reg * self.params[k]
    return loss, grads


class FullyConnectedNet(object):
  """{affine - [batch norm] - relu - [dropout]} x (L - 1) - affine - softmax"""

  def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10,
               dropout=0, use_batchnorm=False, reg=0.0,
               weight_scale=1e-2, dtype=np.float32, seed=None):
    self.use_batchnorm = use_batchnorm
    self.use_dropout = dropout > 0
    self.reg = reg
    self.num_layers = 1 + len(hidden_dims)
    self.dtype = dtype
    self.params = {}

    before = input_dim
    for k in xrange(1, self.num_layers + 1):
      is_last = k == self.num_layers
      after = num_classes if is_last else hidden_dims[k - 1]
      self.params['W%d' % k] = np.random.randn(before, after) * weight_scale
      self.params['b%d' % k] = np.zeros(after)
      if use_batchnorm and not is_last:
        self.params['gamma%d' % k] = np.ones(after)
        self.params['beta%d' % k] = np.zeros(after)
      before = after

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

    if self.use_dropout:
      self.dropout_param['mode'] = mode
    if self.use_batchnorm:
      for bn_param in self.bn_params:
        bn_param['mode'] = mode

    # remember, for every layer we pass, how to go back through it
    trail = []
    signal = X
    for k in xrange(1, self.num_layers + 1):
      signal, cache = affine_forward(signal, self.params['W%d' % k], self.params['b%d' % k])
      trail.append(('affine', k, cache))
      if k == self.num_layers:
        break
      if self.use_batchnorm:
        signal, cache = batchnorm_forward(signal, self.params['gamma%d' % k], self.params['beta%d' % k],
                                          self.bn_params[k - 1])
        trail.append(('batchnorm', k, cache))
      signal, cache = relu_forward(signal)
      trail.append(('relu', k, cache))
      if self.use_dropout:
        signal, cache = dropout_forward(signal, self.dropout_param)
        trail.append(('dropout', k, cache))
    scores = signal

    if mode == 'test':
      return scores

    loss, grad = softmax_loss(scores, y)
    grads = {}
    while trail:
      kind, k, cache = trail.pop()
      if kind == 'affine':
        grad, dW, db = affine_backward(grad, cache)
        grads['W%d' % k] = dW + self.reg * self.params['W%d' % k]
        grads['b%d' % k] = db
        loss += self.reg / 2.0 * np.sum(self.params['W%d' % k] ** 2)
      elif kind == 'batchnorm':
        grad, grads['gamma%d' % k], grads['beta%d' % k] = batchnorm_backward_alt(grad, cache)
      elif kind == 'relu':
        grad = relu_backward(grad, cache)
      else:
        grad = dropout_backward(grad, cache)

    return loss, grads
