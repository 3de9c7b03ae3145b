from typing import Tuple, Callable, Any
from functools import wraps, reduce
import numpy as np
import numpy as jnp
from scipy.special import logsumexp, softmax
from numba import njit, jit

Array = np.ndarray
np.random.seed(231)


def timed(fn):
    @wraps(fn)
    def inner(*a, **k):
        print('calling %s' % fn.__name__)
        return fn(*a, **k)
    return inner


@timed
def affine_forward(x: Array, w: Array, b: Array) -> Tuple[Array, Callable]:
    n, *rest = x.shape
    flat = x.reshape(n, reduce(lambda a, c: a * c, rest))
    out: Array = flat @ w + b
    return out, lambda dout: ((dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0))


def affine_backward(dout: Array, cache: Callable) -> Tuple[Array, Array, Array]:
    return cache(dout)


def relu_forward(x):
    out = (abs(x) + x) / 2
    return out, lambda dout: np.multiply(dout, np.heaviside(x, 0))


@jit(nopython=True)
def relu_backward(dout, cache):
    return cache(dout)


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps, momentum = bn_param['mode'], bn_param.get('eps', 1e-5), bn_param.get('momentum', .9)
    D = x.shape[-1]
    bn_param.setdefault('running_mean', np.zeros(D))
    bn_param.setdefault('running_var', np.zeros(D))
    if mode == 'test':
        scale = gamma / np.sqrt(bn_param['running_var'] + eps)
        return x * scale + (beta - bn_param['running_mean'] * scale), None
    assert mode == 'train', mode
    mu, sigma2 = np.average(x, axis=0), np.mean(x ** 2, axis=0) - np.mean(x, axis=0) ** 2
    for key, new in zip(('running_mean', 'running_var'), (mu, sigma2)):
        bn_param[key] = momentum * bn_param[key] + (1. - momentum) * new
    std = np.sqrt(sigma2 + eps)
    xh = (x - mu) / std

    def back(dout):
        dg, db = (dout * xh).sum(0), dout.sum(0)
        dz = dout * gamma
        return (dz - dz.mean(0) - xh * (dz * xh).mean(0)) / std, dg, db
    return gamma * xh + beta, back


def batchnorm_backward(dout, cache):
    return cache(dout)


def batchnorm_backward_alt(dout, cache):
    dx, dgamma, dbeta = cache(dout)
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get('eps', 1e-5)
    mu = np.apply_along_axis(np.mean, 1, x)[:, np.newaxis]
    std = np.apply_along_axis(lambda r: (r.var() + eps) ** .5, 1, x)[:, np.newaxis]
    xh = (x - mu) / std

    def back(dout):
        dz = dout * gamma
        # centring matrix, then projection
        D = x.shape[1]
        P = np.eye(D) - np.full((D, D), 1 / D)
        dx = np.stack([(P @ z - h * (h @ z) / D) / s for z, h, s in zip(dz, xh, std)])
        return dx, (dout * xh).sum(0), dout.sum(0)
    return gamma * xh + beta, back


layernorm_backward = lambda dout, cache: cache(dout)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        rng = np.random.RandomState(dropout_param['seed'])
    else:
        rng = np.random
    mask = None
    if mode == 'train':
        mask = rng.uniform(size=x.shape) >= 1 - p
        out = x.copy()
        out[~mask] = 0.
        out /= p
    else:
        out = x
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param['mode'] == 'train':
        dx = np.zeros_like(dout)
        dx[mask] = dout[mask] / dropout_param['p']
    else:
        dx = dout
    return dx


def conv_forward_naive(x, w, b, conv_param):
    from scipy.signal import correlate2d
    s, p = conv_param['stride'], conv_param['pad']
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.stack([np.stack([sum(correlate2d(img[c], ker[c], mode='valid') for c in range(len(img)))[::s, ::s] + bias
                              for ker, bias in zip(w, b)]) for img in xp])
    return out, (x, xp, w, s, p)


def conv_backward_naive(dout, cache):
    from scipy.signal import correlate2d, convolve2d
    x, xp, w, s, p = cache
    F, C, HH, WW = w.shape
    N, _, H, W = xp.shape
    up = np.zeros((N, F, H - HH + 1, W - WW + 1))
    up[:, :, ::s, ::s] = dout
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for c in range(C):
                dxp[n, c] += convolve2d(up[n, f], w[f, c], mode='full')
                dw[f, c] += correlate2d(xp[n, c], up[n, f], mode='valid')
    return dxp[:, :, p:H - p, p:W - p], dw, dout.sum((0, 2, 3))


def max_pool_forward_naive(x, pool_param):
    ph, pw, s = (pool_param[k] for k in ('pool_height', 'pool_width', 'stride'))
    N, C, H, W = x.shape
    ho, wo = 1 + (H - ph) // s, 1 + (W - pw) // s
    shifts = np.array([x[:, :, i:i + s * (ho - 1) + 1:s, j:j + s * (wo - 1) + 1:s] for i in range(ph) for j in range(pw)])
    which = shifts.argmax(0)
    return np.take_along_axis(shifts, which[None], 0)[0], (x.shape, which, (ph, pw, s, ho, wo))


def max_pool_backward_naive(dout, cache):
    shape, which, (ph, pw, s, ho, wo) = cache
    dx = np.zeros(shape)
    for k in range(ph * pw):
        i, j = divmod(k, pw)
        dx[:, :, i:i + s * (ho - 1) + 1:s, j:j + s * (wo - 1) + 1:s] += dout * (which == k)
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(np.moveaxis(x, 1, -1).reshape(-1, C), gamma, beta, bn_param)
    return np.moveaxis(out.reshape(N, H, W, C), -1, 1), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(np.moveaxis(dout, 1, 3).reshape(-1, C), cache)
    return np.moveaxis(dx.reshape(N, H, W, C), 3, 1), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    groups = np.split(x, G, axis=1)
    eps = gn_param.get('eps', 1e-5)
    normed, stds = [], []
    for g in groups:
        s = np.sqrt(g.var(axis=(1, 2, 3), keepdims=True) + eps)
        normed.append((g - g.mean(axis=(1, 2, 3), keepdims=True)) / s)
        stds.append(s)
    xh = np.concatenate(normed, axis=1)

    def back(dout):
        out = []
        for d, h, s in zip(np.split(dout * gamma, G, axis=1), normed, stds):
            out.append((d - d.mean((1, 2, 3), keepdims=True) - h * (d * h).mean((1, 2, 3), keepdims=True)) / s)
        return np.concatenate(out, 1), (dout * xh).sum((0, 2, 3), keepdims=True), dout.sum((0, 2, 3), keepdims=True)
    return xh * gamma + beta, back


def spatial_groupnorm_backward(dout, cache):
    return cache(dout)


def svm_loss(x, y, delta=1.0):
    N = len(x)
    m = (x.T - np.choose(y, x.T) + delta).T.clip(min=0)
    m[range(N), y] = 0
    ind = (m > 0) * 1.0
    ind[range(N), y] = -ind.sum(1)
    return m.sum() / N, ind / N


def softmax_loss(x, y):
    N = x.shape[0]
    loss = (logsumexp(x, axis=1) - x[np.arange(N), y]).mean()
    return loss, (softmax(x, axis=1) - np.eye(x.shape[1])[y]) / N
