from builtins import object
import numpy as np

from cs231n.layers import *
from cs231n.fast_layers import *
from cs231n.layer_utils import *


class ThreeLayerConvNet(object):
    """ conv - relu - 2x2 max pool - affine - relu - affine - softmax """

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7,
                 hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0,
                 dtype=np.float32):
        self.params = {}
        self.reg = reg
        self.dtype = dtype

        C, H, W = input_dim
        shapes = {
            'W1': (num_filters, C, filter_size, filter_size),
            'W2': (num_filters * (H // 2) * (W // 2), hidden_dim),
            'W3': (hidden_dim, num_classes),
        }
        biases = {'b1': num_filters, 'b2': hidden_dim, 'b3': num_classes}
        for name, shape in shapes.items():
            self.params[name] = (weight_scale * np.random.standard_normal(shape)).astype(dtype)
        for name, size in biases.items():
            self.params[name] = np.zeros(size, dtype=dtype)

    def loss(self, X, y=None):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        W3, b3 = self.params['W3'], self.params['b3']

        conv_param = {'stride': 1, 'pad': (W1.shape[2] - 1) // 2}
        pool_param = {'pool_height': 2, 'pool_width': 2, 'stride': 2}

        conv_out, conv_cache = conv_forward_fast(X, W1, b1, conv_param)
        relu1_out, relu1_cache = relu_forward(conv_out)
        pool_out, pool_cache = max_pool_forward_fast(relu1_out, pool_param)
        fc2_out, fc2_cache = affine_forward(pool_out, W2, b2)
        relu2_out, relu2_cache = relu_forward(fc2_out)
        scores, fc3_cache = affine_forward(relu2_out, W3, b3)

        if y is None:
            return scores

        data_loss, dscores = softmax_loss(scores, y)
        reg_loss = 0.5 * self.reg * sum(np.sum(W ** 2) for W in (W1, W2, W3))
        loss = data_loss + reg_loss

        grads = {}
        d, dW3, grads['b3'] = affine_backward(dscores, fc3_cache)
        d = relu_backward(d, relu2_cache)
        d, dW2, grads['b2'] = affine_backward(d, fc2_cache)
        d = max_pool_backward_fast(d, pool_cache)
        d = relu_backward(d, relu1_cache)
        d, dW1, grads['b1'] = conv_backward_fast(d, conv_cache)
        grads['W3'] = dW3 + self.reg * W3
        grads['W2'] = dW2 + self.reg * W2
        grads['W1'] = dW1 + self.reg * W1

        return loss, grads
