from builtins import range
import numpy as np
import matplotlib.pyplot as plt
from IPython.display import display
import seaborn as sns

plt.rcParams['figure.figsize'] = (10.0, 8.0)
plt.rcParams['image.interpolation'] = 'nearest'
np.set_printoptions(precision=3, suppress=True)
np.seterr(all='raise')


def affine_forward(x, w, b):
    out = np.einsum('nd,dm->nm', x.reshape(len(x), -1), w) + b[None]
    return out, dict(x=x, w=w, b=b)


def affine_backward(dout, cache):
    x, w = cache['x'], cache['w']
    dx = np.einsum('nm,dm->nd', dout, w).reshape(x.shape)
    dw = np.einsum('nd,nm->dm', x.reshape(len(x), -1), dout)
    db = np.einsum('nm->m', dout)
    return dx, dw, db


def relu_forward(x):
    out = np.where(x > 0, x, 0)
    return out, {'mask': x > 0}


def relu_backward(dout, cache):
    return np.where(cache['mask'], dout, 0)


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    N, D = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))
    cache = None
    if mode == 'train':
        mu = np.einsum('nd->d', x) / N
        xc = x - mu
        var = np.einsum('nd,nd->d', xc, xc) / N
        inv = (var + eps) ** -0.5
        xh = np.einsum('nd,d->nd', xc, inv)
        out = np.einsum('nd,d->nd', xh, gamma) + beta
        running_mean *= momentum
        running_mean += (1 - momentum) * mu
        running_var *= momentum
        running_var += (1 - momentum) * var
        cache = {'xh': xh, 'inv': inv, 'gamma': gamma, 'N': N}
    elif mode == 'test':
        out = gamma * (x - running_mean) * (running_var + eps) ** -0.5 + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xh, inv, gamma, N = (cache[k] for k in ('xh', 'inv', 'gamma', 'N'))
    dgamma = np.einsum('nd,nd->d', dout, xh)
    dbeta = np.einsum('nd->d', dout)
    # Jacobian dxh_i/dx_j = inv * (delta_ij - 1/N - xh_i xh_j / N)
    g = dout * gamma
    J = (np.eye(N)[:, :, None] - 1.0 / N - np.einsum('id,jd->ijd', xh, xh) / N) * inv
    dx = np.einsum('ijd,id->jd', J, g)
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xh, inv, gamma, N = (cache[k] for k in ('xh', 'inv', 'gamma', 'N'))
    dgamma = (dout * xh).sum(0)
    dbeta = dout.sum(0)
    dx = gamma * inv * (dout - dbeta / N - xh * dgamma / N)
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get('eps', 1e-5)
    D = x.shape[1]
    mu = np.einsum('nd->n', x) / D
    xc = x - mu[:, None]
    var = np.einsum('nd,nd->n', xc, xc) / D
    inv = 1 / np.sqrt(var + eps)
    xh = np.einsum('nd,n->nd', xc, inv)
    return xh * gamma + beta, {'xh': xh, 'inv': inv, 'gamma': gamma}


def layernorm_backward(dout, cache):
    xh, inv, gamma = cache['xh'], cache['inv'], cache['gamma']
    D = xh.shape[1]
    g = dout * gamma
    dx = inv[:, None] * (g - g.mean(1)[:, None] - xh * np.einsum('nd,nd->n', g, xh)[:, None] / D)
    return dx, np.einsum('nd,nd->d', dout, xh), np.einsum('nd->d', dout)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    mask = None
    out = None
    if mode == 'train':
        mask = np.random.binomial(1, p, size=x.shape) / p
        out = np.einsum('...,...->...', x, mask)
    elif mode == 'test':
        out = x
    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    mode = dropout_param['mode']
    dx = None
    if mode == 'train':
        dx = dout * mask
    elif mode == 'test':
        dx = dout
    return dx


def _windows(xp, HH, WW, s):
    N, C, H, W = xp.shape
    ho, wo = (H - HH) // s + 1, (W - WW) // s + 1
    sn, sc, sh, sw = xp.strides
    return np.lib.stride_tricks.as_strided(xp, (N, C, ho, wo, HH, WW), (sn, sc, sh * s, sw * s, sh, sw))


def conv_forward_naive(x, w, b, conv_param):
    p, s = conv_param['pad'], conv_param['stride']
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], mode='constant', constant_values=0)
    win = _windows(xp, w.shape[2], w.shape[3], s)
    out = np.einsum('nchwij,fcij->nfhw', win, w) + b[:, None, None]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    p, s = conv_param['pad'], conv_param['stride']
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], mode='constant')
    win = _windows(xp, w.shape[2], w.shape[3], s)
    db = np.einsum('nfhw->f', dout)
    dw = np.einsum('nfhw,nchwij->fcij', dout, win)
    dxp = np.zeros_like(xp)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            dxp[:, :, i:i + s * dout.shape[2]:s, j:j + s * dout.shape[3]:s] += np.einsum('nfhw,fc->nchw', dout, w[:, :, i, j])
    dx = dxp[:, :, p:p + x.shape[2], p:p + x.shape[3]]
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    win = _windows(x, pool_param['pool_height'], pool_param['pool_width'], pool_param['stride'])
    return win.max(axis=(4, 5)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    s = pool_param['stride']
    ph, pw = pool_param['pool_height'], pool_param['pool_width']
    win = _windows(x, ph, pw, s)
    N, C, ho, wo = win.shape[:4]
    flat = win.reshape(N, C, ho, wo, -1).argmax(-1)
    i, j = np.unravel_index(flat, (ph, pw))
    n, c, h, w = np.ogrid[:N, :C, :ho, :wo]
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, h * s + i, w * s + j), dout)
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(np.einsum('nchw->nhwc', x).reshape(-1, C), gamma, beta, bn_param)
    return np.einsum('nhwc->nchw', out.reshape(N, H, W, C)), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward_alt(np.einsum('nchw->nhwc', dout).reshape(-1, C), cache)
    return np.einsum('nhwc->nchw', dx.reshape(N, H, W, C)), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get('eps', 1e-5)
    N, C, H, W = x.shape
    xg = x.reshape(N, G, C // G, H, W)
    M = C // G * H * W
    mu = np.einsum('ngchw->ng', xg)[:, :, None, None, None] / M
    xc = xg - mu
    var = np.einsum('ngchw,ngchw->ng', xc, xc)[:, :, None, None, None] / M
    inv = 1. / np.sqrt(var + eps)
    xh = (xc * inv).reshape(N, C, H, W)
    return gamma * xh + beta, {'xh': xh, 'inv': inv, 'gamma': gamma, 'G': G}


def spatial_groupnorm_backward(dout, cache):
    xh, inv, gamma, G = cache['xh'], cache['inv'], cache['gamma'], cache['G']
    N, C, H, W = dout.shape
    dgamma = np.einsum('nchw,nchw->c', dout, xh)[None, :, None, None]
    dbeta = np.einsum('nchw->c', dout)[None, :, None, None]
    g = (dout * gamma).reshape(N, G, C // G, H, W)
    h = xh.reshape(g.shape)
    ax = (2, 3, 4)
    dx = inv * (g - g.mean(ax, keepdims=True) - h * (g * h).mean(ax, keepdims=True))
    return dx.reshape(N, C, H, W), dgamma, dbeta


def svm_loss(x, y):
    n = np.arange(len(y))
    m = np.maximum(0, x - x[n, y][:, None] + 1)
    m[n, y] = 0
    d = np.sign(m)
    d[n, y] = -d.sum(1)
    return np.einsum('nc->', m) / len(y), d / len(y)


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    logp = shifted - np.log(Z)
    N = x.shape[0]
    loss = -np.sum(logp[np.arange(N), y]) / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    return loss, dx / N
