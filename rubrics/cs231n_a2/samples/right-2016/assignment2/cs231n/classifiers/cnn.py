from builtins import object
import numpy as np

from cs231n.layers import *
from cs231n.fast_layers import *
from cs231n.layer_utils import *


class ThreeLayerConvNet(object):
  """conv - relu - 2x2 max pool - affine - relu - affine - softmax"""

  def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7,
               hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0,
               dtype=np.float32):
    self.params = {}
    self.reg = reg
    self.dtype = dtype
    C, H, W = input_dim

    self.params['W1'] = np.random.randn(num_filters, C, filter_size, filter_size) * weight_scale
    self.params['b1'] = np.zeros(num_filters)
    half_height, half_width = int(H / 2), int(W / 2)
    self.params['W2'] = np.random.randn(num_filters * half_height * half_width, hidden_dim) * weight_scale
    self.params['b2'] = np.zeros(hidden_dim)
    self.params['W3'] = np.random.randn(hidden_dim, num_classes) * weight_scale
    self.params['b3'] = np.zeros(num_classes)

    for k, v in self.params.items():
      self.params[k] = v.astype(dtype)

  def loss(self, X, y=None):
    P = self.params
    conv_param = {'stride': 1, 'pad': int((P['W1'].shape[2] - 1) / 2)}
    pool_param = {'pool_height': 2, 'pool_width': 2, 'stride': 2}

    first, first_cache = conv_relu_pool_forward(X, P['W1'], P['b1'], conv_param, pool_param)
    second, second_cache = affine_relu_forward(first, P['W2'], P['b2'])
    scores, third_cache = affine_forward(second, P['W3'], P['b3'])
    if y is None:
      return scores

    loss, dscores = softmax_loss(scores, y)
    dsecond, dW3, db3 = affine_backward(dscores, third_cache)
    dfirst, dW2, db2 = affine_relu_backward(dsecond, second_cache)
    dX, dW1, db1 = conv_relu_pool_backward(dfirst, first_cache)

    grads = {'W1': dW1, 'b1': db1, 'W2': dW2, 'b2': db2, 'W3': dW3, 'b3': db3}
    for k in ('W1', 'W2', 'W3'):
      loss += 0.5 * self.reg * np.sum(P[k] * P[k])
      grads[k] = grads[k] + self.reg * P[k]
    return loss, grads
