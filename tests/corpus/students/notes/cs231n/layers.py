from __future__ import print_function, division
from past.builtins import xrange
from six.moves import cPickle as pickle
import numpy as np
import pdb


def affine_forward(x, w, b):
    N = x.shape[0]
    D = np.prod(x.shape[1:])
    x_flat = np.reshape(x, (N, D))
    scores = np.dot(x_flat, w)
    out = scores + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    x_flat = np.reshape(x, (x.shape[0], -1))
    dscores = dout
    db = np.ones(x.shape[0]).dot(dout)
    dw = np.dot(x_flat.T, dscores)
    dx = np.dot(dscores, w.T)
    dx = np.reshape(dx, x.shape)
    return dx, dw, db


def relu_forward(x):
    out = x * (x > 0).astype(int)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    dx, x = None, cache
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    out, cache = None, None
    if mode == "train":
        # step1: mean
        mu = 1. / N * np.sum(x, axis=0)
        # step2: subtract mean
        xmu = x - mu
        # step3: square
        sq = xmu ** 2
        # step4: variance
        var = 1. / N * np.sum(sq, axis=0)
        # step5: std
        sqrtvar = np.sqrt(var + eps)
        # step6: invert
        ivar = 1. / sqrtvar
        # step7
        xhat = xmu * ivar
        # step8
        gammax = gamma * xhat
        # step9
        out = gammax + beta
        cache = (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        xhat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * xhat + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + eps) * dsqrtvar
    dsq = 1. / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1. / N * np.ones((N, D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (xhat * dout).sum(axis=0)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu, axis=0) * (-1 / 2) * (var + eps) ** (-3 / 2)
    dmean = np.sum(-dxhat * ivar, axis=0) + dvar * np.mean(-2 * xmu, axis=0)
    dx = dxhat * ivar + dvar * 2 * xmu / N + dmean / N
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    bn_param = {'mode': 'train', 'eps': eps}
    xt = x.T
    D, N = xt.shape
    xt, cache = batchnorm_forward(xt, np.ones(N), np.zeros(N), bn_param)
    out = xt.T * gamma + beta
    return out, (cache, gamma, xt)


def layernorm_backward(dout, cache):
    bn_cache, gamma, xhat_t = cache
    dgamma = np.sum(dout * xhat_t.T, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxt, _, _ = batchnorm_backward((dout * gamma).T, bn_cache)
    return dxt.T, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) >= p) / (1 - p)
        out = x * mask
    elif mode == "test":
        out = x
    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    mode = dropout_param["mode"]
    dx = None
    if mode == "train":
        dx = dout * mask
    elif mode == "test":
        dx = dout
    return dx


def conv_forward_naive(x, w, b, conv_param):
    out = None
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    S, P = conv_param['stride'], conv_param['pad']
    H_new = int(1 + (H + 2 * P - HH) / S)
    W_new = int(1 + (W + 2 * P - WW) / S)
    x_pad = np.zeros((N, C, H + 2 * P, W + 2 * P))
    x_pad[:, :, P:P + H, P:P + W] = x
    out = np.zeros((N, F, H_new, W_new))
    for n in xrange(N):
        for f in xrange(F):
            for h in xrange(H_new):
                for k in xrange(W_new):
                    out[n, f, h, k] = np.sum(x_pad[n, :, h * S:h * S + HH, k * S:k * S + WW] * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    dx, dw, db = None, None, None
    x, w, b, conv_param = cache
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    S, P = conv_param['stride'], conv_param['pad']
    _, _, H_new, W_new = dout.shape
    x_pad = np.pad(x, ((0,), (0,), (P,), (P,)), 'constant')
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for f in xrange(F):
        db[f] = np.sum(dout[:, f, :, :])
    for n in xrange(N):
        for f in xrange(F):
            for h in xrange(H_new):
                for k in xrange(W_new):
                    dw[f] += x_pad[n, :, h * S:h * S + HH, k * S:k * S + WW] * dout[n, f, h, k]
                    dx_pad[n, :, h * S:h * S + HH, k * S:k * S + WW] += w[f] * dout[n, f, h, k]
    dx = dx_pad[:, :, P:-P, P:-P] if P > 0 else dx_pad
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    HP, WP, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    HO = int((H - HP) / S) + 1
    WO = int((W - WP) / S) + 1
    out = np.zeros((N, C, HO, WO))
    for i in range(HO):
        for j in range(WO):
            out[:, :, i, j] = np.amax(x[:, :, i * S:i * S + HP, j * S:j * S + WP], axis=(-1, -2))
    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    N, C, H, W = x.shape
    HP, WP, S = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    patch = x[n, c, i * S:i * S + HP, j * S:j * S + WP]
                    mask = patch == np.max(patch)
                    dx[n, c, i * S:i * S + HP, j * S:j * S + WP] += mask * dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    x_new = np.transpose(x, (0, 2, 3, 1)).reshape(N * H * W, C)
    out, cache = batchnorm_forward(x_new, gamma, beta, bn_param)
    out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dout_new = np.transpose(dout, (0, 2, 3, 1)).reshape(N * H * W, C)
    dx, dgamma, dbeta = batchnorm_backward(dout_new, cache)
    dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    # use the trick of layer norm: every (n, g) is one row
    N, C, H, W = x.shape
    x_row = x.reshape(N * G, -1).T
    bn_param = {'mode': 'train', 'eps': eps, 'momentum': 0.9}
    xn, cache = batchnorm_forward(x_row, np.ones(N * G), np.zeros(N * G), bn_param)
    xn = xn.T.reshape(N, C, H, W)
    out = gamma * xn + beta
    return out, (cache, xn, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    bn_cache, xn, gamma, G = cache
    N, C, H, W = dout.shape
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    dgamma = np.sum(dout * xn, axis=(0, 2, 3), keepdims=True)
    dxn = (dout * gamma).reshape(N * G, -1).T
    dx, _, _ = batchnorm_backward(dxn, bn_cache)
    return dx.T.reshape(N, C, H, W), dgamma, dbeta


def svm_loss(x, y):
    N = x.shape[0]
    correct_class_scores = x[np.arange(N), y]
    margins = np.maximum(0, x - correct_class_scores[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def softmax_loss(x, y):
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
