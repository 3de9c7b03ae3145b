import numpy as np
from cs231n.layers import *
from cs231n.fast_layers import *
from cs231n.layer_utils import *
class ThreeLayerConvNet(object):
  def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0, dtype=np.float32):
    self.params, self.reg, self.dtype = {}, reg, dtype
    pool = 2
    C, H, W = input_dim
    P, S = (filter_size - 1) // 2, 1
    H2 = (1 + (H + 2 * P - filter_size) // S) // pool
    W2 = (1 + (W + 2 * P - filter_size) // S) // pool
    self.params['W1'] = np.random.normal(0, weight_scale, (num_filters, C, filter_size, filter_size))
    self.params['W2'] = np.random.normal(0, weight_scale, (num_filters * H2 * W2, hidden_dim))
    self.params['W3'] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
    for i in '123':
      self.params['b' + i] = np.zeros(self.params['W' + i].shape[0] if i == '1' else self.params['W' + i].shape[1])
    self.params = {k: v.astype(dtype, copy=False) for k, v in self.params.items()}
  def loss(self, X, y=None):
    W1, b1 = self.params['W1'], self.params['b1']
    conv_param = {'stride': 1, 'pad': (W1.shape[2] - 1) // 2}
    pool_param = {'pool_height': 2, 'pool_width': 2, 'stride': 2}
    self.conv_out, self.conv_cache = conv_forward_im2col(X, W1, b1, conv_param)
    r, self.r_cache = relu_forward(self.conv_out)
    p, self.p_cache = max_pool_forward_fast(r, pool_param)
    f, self.f_cache = affine_relu_forward(p, self.params['W2'], self.params['b2'])
    scores, self.s_cache = affine_forward(f, self.params['W3'], self.params['b3'])
    if y is None: return scores
    loss, ds = softmax_loss(scores, y)
    grads = {}
    df, dW3, db3 = affine_backward(ds, self.s_cache)
    dp, dW2, db2 = affine_relu_backward(df, self.f_cache)
    dr = max_pool_backward_fast(dp, self.p_cache)
    dc = relu_backward(dr, self.r_cache)
    _, dW1, db1 = conv_backward_im2col(dc, self.conv_cache)
    loss += 0.5 * self.reg * (np.linalg.norm(self.params['W1'])**2 + np.linalg.norm(self.params['W2'])**2 + np.linalg.norm(self.params['W3'])**2)
    grads = {'W1': dW1 + self.reg * W1, 'b1': db1, 'W2': dW2 + self.reg * self.params['W2'], 'b2': db2, 'W3': dW3 + self.reg * self.params['W3'], 'b3': db3}
    return loss, grads
