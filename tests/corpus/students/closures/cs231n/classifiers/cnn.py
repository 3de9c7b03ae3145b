import numpy as np
from cs231n.layers import *
from cs231n.layer_utils import *
from cs231n.classifiers.fc_net import Net


class ThreeLayerConvNet(Net):
    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10,
                 weight_scale=1e-3, reg=0.0, dtype=np.float32):
        Net.__init__(self, reg=reg, dtype=dtype, filter_size=filter_size)
        C, H, W = input_dim
        n = lambda *s: np.random.standard_normal(s) * weight_scale
        for i, (w, b) in enumerate([(n(num_filters, C, filter_size, filter_size), num_filters), (n(num_filters * H // 2 * W // 2, hidden_dim), hidden_dim), (n(hidden_dim, num_classes), num_classes)], 1):
            self.add(f'W{i}', w)
            self.add(f'b{i}', np.zeros(b))

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        p = self.params
        pad = self.filter_size // 2
        h, conv = conv_relu_forward(X, p['W1'], p['b1'], {'stride': 1, 'pad': pad})
        h, pool = max_pool_forward_fast(h, {'pool_height': 2, 'pool_width': 2, 'stride': 2})
        h, fc = affine_relu_forward(h, p['W2'], p['b2'])
        scores, out = affine_forward(h, p['W3'], p['b3'])
        if y is None: return scores
        loss, d = softmax_loss(scores, y)
        g = {}
        d, g['W3'], g['b3'] = affine_backward(d, out)
        d, g['W2'], g['b2'] = affine_relu_backward(d, fc)
        d = max_pool_backward_fast(d, pool)
        d, g['W1'], g['b1'] = conv_relu_backward(d, conv)
        return loss + .5 * self.reg * self.L2, {k: v + self.reg * p[k] * (k[0] == 'W') for k, v in g.items()}
