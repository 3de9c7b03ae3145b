from builtins import range
import numpy as np


def affine_forward(x, w, b):
    """
    Inputs: x of shape (N, d1, ..., dk), w of shape (D, M) with D = d1 * ... * dk, b of shape (M,)
    Returns a tuple (out, cache)
    """
    ###########################################################################
    # affine layer                                                            #
    ###########################################################################
    num_train = x.shape[0]
    X = np.reshape(x, (num_train, np.prod(x.shape[1:])))
    out = np.dot(X, w) + b[np.newaxis, :]
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """ dout: (N, M); returns dx, dw, db """
    x, w, b = cache
    num_train = x.shape[0]
    X = np.reshape(x, (num_train, np.prod(x.shape[1:])))
    dx = np.reshape(np.dot(dout, w.T), x.shape)
    dw = np.dot(X.T, dout)
    db = np.dot(dout.T, np.ones(num_train))
    return dx, dw, db


def relu_forward(x):
    out = x * (x > 0)
    return out, x


def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """ Normalizes the columns of x (N, D); keeps running averages in bn_param. """
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)

    N, D = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))

    out, cache = None, None
    if mode == 'train':
        sample_mean = np.mean(x, axis=0)
        x_minus_mean = x - sample_mean
        sample_var = np.mean(x_minus_mean ** 2, axis=0)
        inv_std = (sample_var + eps) ** -0.5
        x_norm = x_minus_mean * inv_std
        out = x_norm * gamma + beta

        cache = (x_minus_mean, inv_std, x_norm, gamma)
        running_mean = momentum * running_mean + (1 - momentum) * sample_mean
        running_var = momentum * running_var + (1 - momentum) * sample_var
    elif mode == 'test':
        x_norm = (x - running_mean) / (np.sqrt(running_var) + eps)
        out = gamma * x_norm + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)

    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    x_minus_mean, inv_std, x_norm, gamma = cache
    N, D = dout.shape

    dbeta = np.sum(dout, axis=0, keepdims=True)
    dgamma = np.sum(dout * x_norm, axis=0)

    dx_norm = dout * gamma
    dinv_std = np.sum(dx_norm * x_minus_mean, axis=0)
    dvar = dinv_std * (-0.5) * inv_std ** 3
    dx_minus_mean = dx_norm * inv_std + dvar * 2 * x_minus_mean / N
    dmean = -np.sum(dx_minus_mean, axis=0)
    dx = dx_minus_mean + dmean * np.ones((N, D)) / N

    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    _, inv_std, x_norm, gamma = cache
    N = dout.shape[0]
    dgamma = np.einsum('nd,nd->d', dout, x_norm)
    dbeta = np.einsum('nd->d', dout)
    dx = (gamma * inv_std / N) * (N * dout - dbeta - x_norm * dgamma)
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get('eps', 1e-5)
    # same as batchnorm but without the running averages
    x_minus_mean = x - np.mean(x, axis=0)
    inv_std = 1.0 / np.sqrt(np.mean(x_minus_mean ** 2, axis=0) + eps)
    x_norm = x_minus_mean * inv_std
    out = gamma * x_norm + beta
    cache = (x_norm, inv_std, gamma)
    return out, cache


def layernorm_backward(dout, cache):
    x_norm, inv_std, gamma = cache
    N, D = dout.shape
    dgamma = np.sum(dout * x_norm, axis=0)
    dbeta = np.sum(dout, axis=0)
    g = dout * gamma
    dx = (inv_std / N) * (N * g - np.sum(g, axis=0) - x_norm * np.sum(g * x_norm, axis=0))
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    """ p is the probability to KEEP an activation """
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])

    mask = None
    out = None
    if mode == 'train':
        mask = np.random.uniform(0.0, 1.0, size=x.shape) < p
        out = x * mask
    elif mode == 'test':
        out = x * 1.0

    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param['mode'] == 'train':
        return dout * mask
    return dout


# ---------------------------------------------------------------- convolution


def _patches(x, HH, WW, stride):
    """ all windows of x: (N, H', W', C * HH * WW) """
    N, C, H, W = x.shape
    Hp = (H - HH) // stride + 1
    Wp = (W - WW) // stride + 1
    P = np.empty((N, Hp, Wp, C * HH * WW), dtype=x.dtype)
    for r in range(Hp):
        for c in range(Wp):
            P[:, r, c, :] = x[:, :, r * stride:r * stride + HH, c * stride:c * stride + WW].reshape(N, -1)
    return P


def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param['stride']
    pad = conv_param['pad']
    F, C, HH, WW = w.shape
    N, _, H, W = x.shape

    xp = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    xp[:, :, pad:H + pad, pad:W + pad] = x
    P = _patches(xp, HH, WW, stride)
    out = P.dot(w.reshape(F, -1).T) + b
    out = np.moveaxis(out, 3, 1)
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride = conv_param['stride']
    pad = conv_param['pad']
    F, C, HH, WW = w.shape
    N, _, H, W = x.shape
    _, _, Hp, Wp = dout.shape

    xp = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    xp[:, :, pad:H + pad, pad:W + pad] = x
    P = _patches(xp, HH, WW, stride)

    d = np.moveaxis(dout, 1, 3)
    db = d.reshape(-1, F).sum(0)
    dw = d.reshape(-1, F).T.dot(P.reshape(-1, C * HH * WW)).reshape(w.shape)

    dP = d.dot(w.reshape(F, -1)).reshape(N, Hp, Wp, C, HH, WW)
    dxp = np.zeros_like(xp)
    for r in range(Hp):
        for c in range(Wp):
            dxp[:, :, r:r + HH, c:c + WW] += dP[:, r, c]
    dx = dxp[:, :, pad:H + pad, pad:W + pad]
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    Hp = (H - ph) // s + 1
    Wp = (W - pw) // s + 1
    out = np.empty((N, C, Hp, Wp), dtype=x.dtype)
    for r in range(Hp):
        for c in range(Wp):
            out[:, :, r, c] = np.amax(x[:, :, r * s:r * s + ph, c * s:c * s + pw], axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, Hp, Wp = dout.shape
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(Hp):
                for j in range(Wp):
                    window = x[n, c, i * s:i * s + ph, j * s:j * s + pw]
                    r, q = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * s + r, j * s + q] = dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    x_flat = x.reshape(N * H * W, C)
    out, cache = batchnorm_forward(x_flat, gamma, beta, bn_param)
    out = out.reshape(N, C, H, W)
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    d_flat = dout.reshape(N * H * W, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(d_flat, cache)
    dx = dx.reshape(N, C, H, W)
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """ gamma and beta have one entry per channel """
    N, C, H, W = x.shape
    eps = gn_param.get('eps', 1e-5)
    size = C * H * W // G
    x_rows = x.reshape(N * G, size)
    mean = np.mean(x_rows, axis=1, keepdims=True)
    inv_std = 1.0 / np.sqrt(np.var(x_rows, axis=1, keepdims=True) + eps)
    x_norm = ((x_rows - mean) * inv_std).reshape(N, C, H, W)
    g = np.reshape(gamma, (C, 1, 1))
    out = x_norm * g + np.reshape(beta, (C, 1, 1))
    cache = (x_norm, inv_std, g, G)
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    x_norm, inv_std, g, G = cache
    N, C, H, W = dout.shape
    dgamma = np.einsum('nchw,nchw->c', dout, x_norm)
    dbeta = np.einsum('nchw->c', dout)
    size = C * H * W // G
    d_rows = (dout * g).reshape(N * G, size)
    x_rows = x_norm.reshape(N * G, size)
    dx = d_rows - d_rows.mean(axis=1, keepdims=True) - x_rows * (d_rows * x_rows).mean(axis=1, keepdims=True)
    dx = dx * inv_std
    return dx.reshape(N, C, H, W), dgamma, dbeta


def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def softmax_loss(x, y):
    N = x.shape[0]
    z = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(z), axis=1, keepdims=True)
    loss = np.sum(np.log(Z[:, 0]) - z[np.arange(N), y]) / N
    dx = np.exp(z) / Z
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
