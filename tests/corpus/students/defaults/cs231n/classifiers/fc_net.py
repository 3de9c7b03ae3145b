from cs231n.layers import *
from cs231n.layer_utils import *
import numpy as np

class FullyConnectedNet(object):
  def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10, dropout=1, normalization=None, reg=0.0, weight_scale=1e-2, dtype=np.float32, seed=None):
    self.normalization = normalization
    self.use_dropout = dropout != 1
    self.reg = reg
    self.num_layers = 1 + len(hidden_dims)
    self.dtype = dtype
    assert self.dtype in (np.float32, np.float64) and dtype(0) == 0
    self.params = {}
    prev = input_dim
    for i in range(self.num_layers - 1):
      self.params['W' + str(i+1)] = np.random.randn(prev, hidden_dims[i]) * weight_scale
      self.params['b' + str(i+1)] = np.zeros(hidden_dims[i])
      if normalization:
        self.params['gamma' + str(i+1)] = np.ones(hidden_dims[i])
        self.params['beta' + str(i+1)] = np.zeros(hidden_dims[i])
      prev = hidden_dims[i]
    self.params['W' + str(self.num_layers)] = np.random.randn(prev, num_classes) * weight_scale
    self.params['b' + str(self.num_layers)] = np.zeros(num_classes)
    self.dropout_param = {}
    if self.use_dropout:
      self.dropout_param = {'mode': 'train', 'p': dropout}
      if seed is not None:
        self.dropout_param['seed'] = seed
    self.bn_params = []
    if self.normalization=='batchnorm':
      self.bn_params = [{'mode': 'train'} for i in range(self.num_layers - 1)]
    if self.normalization=='layernorm':
      self.bn_params = [{} for i in range(self.num_layers - 1)]
    for k, v in self.params.items():
      self.params[k] = v.astype(dtype)

  def loss(self, X, y=None):
    X = X.astype(np.float32)
    mode = 'test' if y is None else 'train'
    if self.use_dropout:
      self.dropout_param['mode'] = mode
    if self.normalization=='batchnorm':
      for bn_param in self.bn_params:
        bn_param['mode'] = mode
    outs = [X]
    undo = []
    l2 = 0
    for i in range(1, self.num_layers + 1):
      W, b = self.params['W%d' % i], self.params['b%d' % i]
      l2 += np.linalg.norm(W) ** 2
      o, c = affine_forward(outs[-1], W, b)
      undo.append(('affine', i, c))
      if i < self.num_layers:
        if self.normalization:
          fwd = {'batchnorm': batchnorm_forward, 'layernorm': layernorm_forward}[self.normalization]
          o, c = fwd(o, self.params['gamma%d' % i], self.params['beta%d' % i], self.bn_params[i-1])
          undo.append((self.normalization, i, c))
        o, c = relu_forward(o)
        undo.append(('relu', i, c))
        if self.use_dropout:
          o, c = dropout_forward(o, self.dropout_param)
          undo.append(('dropout', i, c))
      outs.append(o)
    scores = outs[-1]
    if mode == 'test':
      return scores
    loss, d = softmax_loss(scores, y)
    loss += self.reg / 2 * l2
    grads = {}
    while undo:
      kind, i, c = undo.pop()
      if kind == 'affine':
        d, dw, grads['b%d' % i] = affine_backward(d, c)
        grads['W%d' % i] = dw + self.reg * self.params['W%d' % i]
      elif kind == 'relu':
        d = relu_backward(d, c)
      elif kind == 'dropout':
        d = dropout_backward(d, c)
      else:
        bwd = batchnorm_backward if kind == 'batchnorm' else layernorm_backward
        d, grads['gamma%d' % i], grads['beta%d' % i] = bwd(d, c)
    return loss, grads
