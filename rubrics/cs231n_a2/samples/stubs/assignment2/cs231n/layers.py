from builtins import range
import numpy as np


def affine_forward(x, w, b):
    """TODO: see the notebook."""
    out, cache = None, (x, w, b)
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def affine_backward(dout, cache):
    """TODO: see the notebook."""
    dx, dw, db = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dw, db


def relu_forward(x):
    """TODO: see the notebook."""
    out, cache = None, x
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def relu_backward(dout, cache):
    """TODO: see the notebook."""
    dx = None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx


def softmax_loss(x, y):
    """TODO: see the notebook."""
    loss, dx = None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return loss, dx


def svm_loss(x, y):
    """TODO: see the notebook."""
    loss, dx = None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return loss, dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """TODO: see the notebook."""
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)

    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))

    out, cache = None, None
    if mode == "train":
        # TODO: normalize with the statistics of the minibatch, update the running ones
        pass
    elif mode == "test":
        # TODO: normalize with the running statistics
        pass
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)

    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    """TODO: see the notebook."""
    dx, dgamma, dbeta = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """TODO: see the notebook."""
    dx, dgamma, dbeta = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """TODO: see the notebook."""
    out, cache = None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def layernorm_backward(dout, cache):
    """TODO: see the notebook."""
    dx, dgamma, dbeta = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    """TODO: see the notebook."""
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])

    mask = None
    out = None
    if mode == "train":
        # TODO: drop some
        pass
    elif mode == "test":
        # TODO: and now?
        pass

    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def dropout_backward(dout, cache):
    """TODO: see the notebook."""
    dropout_param, mask = cache
    mode = dropout_param["mode"]

    dx = None
    if mode == "train":
        # TODO
        pass
    elif mode == "test":
        dx = dout
    return dx


def conv_forward_naive(x, w, b, conv_param):
    """TODO: see the notebook."""
    out, cache = None, (x, w, b, conv_param)
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def conv_backward_naive(dout, cache):
    """TODO: see the notebook."""
    dx, dw, db = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    """TODO: see the notebook."""
    out, cache = None, (x, pool_param)
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def max_pool_backward_naive(dout, cache):
    """TODO: see the notebook."""
    dx = None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """TODO: see the notebook."""
    out, cache = None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """TODO: see the notebook."""
    dx, dgamma, dbeta = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """TODO: see the notebook."""
    out, cache = None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """TODO: see the notebook."""
    dx, dgamma, dbeta = None, None, None
    ###########################################################################
    # TODO: your code goes here.                                              #
    ###########################################################################
    pass
    return dx, dgamma, dbeta
