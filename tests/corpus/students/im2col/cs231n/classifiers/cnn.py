import numpy as np
from cs231n.layers import *

class ThreeLayerConvNet(object):
  def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32):
    self.reg = reg
    self.dtype = dtype
    C, H, W = input_dim
    shapes = [('W1', (num_filters, C, filter_size, filter_size)), ('W2', (num_filters * H * W // 4, hidden_dim)), ('W3', (hidden_dim, num_classes))]
    self.params = {name: np.random.normal(scale=weight_scale, size=shape).astype(dtype) for name, shape in shapes}
    for name, n in zip(['b1', 'b2', 'b3'], [num_filters, hidden_dim, num_classes]):
      self.params[name] = np.zeros(n, dtype=dtype)

  def loss(self, X, y=None):
    W1, b1, W2, b2, W3, b3 = [self.params[k] for k in ['W1', 'b1', 'W2', 'b2', 'W3', 'b3']]
    conv_param = {'stride': 1, 'pad': int((W1.shape[2] - 1) / 2)}
    pool_param = {'pool_height': 2, 'pool_width': 2, 'stride': 2}
    a1, conv_cache = conv_forward_naive(X, W1, b1, conv_param)
    r1, relu1_cache = relu_forward(a1)
    p1, pool_cache = max_pool_forward_naive(r1, pool_param)
    p1_flat = p1.reshape(p1.shape[0], -1)
    a2, fc2_cache = affine_forward(p1_flat, W2, b2)
    r2, relu2_cache = relu_forward(a2)
    scores, fc3_cache = affine_forward(r2, W3, b3)
    if y is None:
      return scores
    grads = {}
    loss, dscores = softmax_loss(scores, y)
    for W in (W1, W2, W3):
      loss += 0.5 * self.reg * np.linalg.norm(W) ** 2
    dr2, grads['W3'], grads['b3'] = affine_backward(dscores, fc3_cache)
    dp1, grads['W2'], grads['b2'] = affine_backward(relu_backward(dr2, relu2_cache), fc2_cache)
    dr1 = max_pool_backward_naive(dp1.reshape(p1.shape), pool_cache)
    dX, grads['W1'], grads['b1'] = conv_backward_naive(relu_backward(dr1, relu1_cache), conv_cache)
    grads['W1'] += self.reg * W1
    grads['W2'] += self.reg * W2
    grads['W3'] += self.reg * W3
    return loss, grads

pass
