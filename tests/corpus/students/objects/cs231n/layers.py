import numpy as np
from collections import namedtuple, OrderedDict
from dataclasses import dataclass
import torch
import torch.nn.functional as F
import pandas as pd
import cv2
get_ipython().run_line_magic('matplotlib', 'inline')
%load_ext autoreload
%autoreload 2

AffineCache = namedtuple('AffineCache', 'x w b')
TOL = 1e-5


class Context(object):
    def __init__(self, **kw):
        self.__dict__.update(kw)


@dataclass
class Stats:
    mean: np.ndarray
    var: np.ndarray


def affine_forward(x, w, b):
    num = x.shape[0]
    out = np.tensordot(x.reshape(num, -1), w, axes=1)
    out += b
    return out, AffineCache(x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.matmul(dout, np.transpose(w)).reshape(cache.x.shape)
    dw = np.matmul(np.transpose(x.reshape(x.shape[0], -1)), dout)
    db = np.sum(dout, axis=0, keepdims=True).squeeze(0)
    return dx, dw, db

def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    ctx = Context(); ctx.x = x
    return out, ctx

def relu_backward(dout, cache):
    dx = dout * (cache.x >= 0)
    return dx

def _normalize(x, axis, eps):
    m = x.mean(axis=axis, keepdims=True)
    v = ((x - m) ** 2).mean(axis=axis, keepdims=True)
    return Context(m=m, v=v, eps=eps, xhat=(x - m) / np.sqrt(v + eps), axis=axis, x=x)

def _normalize_backward(dxhat, ctx):
    n = np.prod([ctx.x.shape[a] for a in np.atleast_1d(ctx.axis)])
    ax = ctx.axis
    ivar = (ctx.v + ctx.eps) ** -0.5
    dv = -0.5 * np.sum(dxhat * (ctx.x - ctx.m), axis=ax, keepdims=True) * ivar ** 3
    dm = -np.sum(dxhat, axis=ax, keepdims=True) * ivar
    return dxhat * ivar + 2 * (ctx.x - ctx.m) * dv / n + dm / n

def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    N, D = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))
    cache = Context(mode=mode)
    if mode == 'train':
        cache = _normalize(x, 0, eps)
        cache.gamma = gamma
        running_mean = momentum * running_mean + (1 - momentum) * cache.m.ravel()
        running_var = momentum * running_var + (1 - momentum) * cache.v.flatten()
        out = cache.xhat * gamma.reshape(1, -1) + beta.reshape(1, -1)
    else:
        out = np.divide(x - running_mean, np.sqrt(running_var + eps)) * gamma + beta
    bn_param.update(running_mean=running_mean, running_var=running_var)
    return out, cache

def batchnorm_backward(dout, cache):
    return _normalize_backward(dout * cache.gamma, cache), np.sum(dout * cache.xhat, axis=0), np.sum(dout, axis=0)

batchnorm_backward_alt = batchnorm_backward

def layernorm_forward(x, gamma, beta, ln_param):
    cache = _normalize(x, 1, ln_param.get('eps', 1e-5))
    cache.gamma = gamma
    return cache.xhat * gamma + beta, cache

def layernorm_backward(dout, cache):
    return _normalize_backward(dout * cache.gamma, cache), np.sum(dout * cache.xhat, axis=0), np.sum(dout, axis=0)

def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    mask = np.ones_like(x)
    if mode == 'train':
        mask = np.random.choice([0, 1.0 / p], size=x.shape, p=[1 - p, p])
    return x * mask, (dropout_param, mask)

def dropout_backward(dout, cache):
    return dout * cache[1]

class Pad:
    def __init__(self, p): self.p = p
    def __call__(self, x):
        if self.p == 0: return x
        rows = np.zeros(x.shape[:2] + (self.p, x.shape[3]))
        x = np.concatenate((rows, x, rows), axis=2)
        cols = np.zeros(x.shape[:3] + (self.p,))
        return np.concatenate((cols, x, cols), axis=3)
    def undo(self, x):
        return x[..., self.p: x.shape[2] - self.p, self.p: x.shape[3] - self.p]

def conv_forward_naive(x, w, b, conv_param):
    pad = Pad(conv_param['pad']); s = conv_param['stride']
    xp = pad(x)
    FF, C, HH, WW = w.shape
    ho = (xp.shape[2] - HH) // s + 1
    wo = (xp.shape[3] - WW) // s + 1
    out = np.zeros((x.shape[0], FF, ho, wo))
    for h in range(ho):
        for v in range(wo):
            patch = xp[:, :, h * s:h * s + HH, v * s:v * s + WW]
            out[:, :, h, v] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, Context(x=x, xp=xp, w=w, b=b, s=s, pad=pad)

def conv_backward_naive(dout, cache):
    c = cache
    FF, C, HH, WW = c.w.shape
    dxp, dw = np.zeros_like(c.xp), np.zeros_like(c.w)
    for h in range(dout.shape[2]):
        for v in range(dout.shape[3]):
            sl = (slice(None), slice(None), slice(h * c.s, h * c.s + HH), slice(v * c.s, v * c.s + WW))
            dxp[sl] += np.tensordot(dout[:, :, h, v], c.w, axes=1)
            dw += np.tensordot(dout[:, :, h, v].T, c.xp[sl], axes=1)
    return c.pad.undo(dxp), dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)

def max_pool_forward_naive(x, pool_param):
    ph, pw, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    assert H % s == 0 and W % s == 0, 'pooling must tile the image'
    xr = x.reshape(N, C, H // s, s, W // s, s)
    out = xr.max(axis=3).max(axis=4)
    return out, Context(x=x, xr=xr, out=out)

def max_pool_backward_naive(dout, cache):
    mask = cache.xr == cache.out[:, :, :, None, :, None]
    dx = mask * dout[:, :, :, None, :, None]
    return dx.reshape(cache.x.shape)

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps, momentum = bn_param['mode'], bn_param.get('eps', 1e-5), bn_param.get('momentum', 0.9)
    C = x.shape[1]
    rm, rv = bn_param.get('running_mean', np.zeros(C)), bn_param.get('running_var', np.zeros(C))
    g, b = gamma[None, :, None, None], beta[None, :, None, None]
    cache = None
    if mode == 'train':
        cache = _normalize(x, (0, 2, 3), eps)
        cache.gamma = g
        out = g * cache.xhat + b
        rm = momentum * rm + (1 - momentum) * np.squeeze(cache.m)
        rv = momentum * rv + (1 - momentum) * np.squeeze(cache.v)
    else:
        out = g * (x - rm.reshape(1, C, 1, 1)) / np.sqrt(rv.reshape(1, C, 1, 1) + eps) + b
    bn_param['running_mean'], bn_param['running_var'] = rm, rv
    return out, cache

def spatial_batchnorm_backward(dout, cache):
    return (_normalize_backward(dout * cache.gamma, cache), np.sum(dout * cache.xhat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3)))

def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    ctx = _normalize(x.reshape(N, G, -1), 2, gn_param.get('eps', 1e-5))
    ctx.gamma, ctx.shape = gamma, x.shape
    return ctx.xhat.reshape(x.shape) * gamma + beta, ctx

def spatial_groupnorm_backward(dout, cache):
    ctx = cache
    dxhat = (dout * ctx.gamma).reshape(ctx.xhat.shape)
    dx = _normalize_backward(dxhat, ctx).reshape(ctx.shape)
    dgamma = np.sum(dout * ctx.xhat.reshape(ctx.shape), axis=(0, 2, 3)).reshape(ctx.gamma.shape)
    return dx, dgamma, np.sum(dout, axis=(0, 2, 3)).reshape(ctx.gamma.shape)

def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y].reshape(N, 1)
    margins = np.maximum(0, x - correct + 1)
    margins[np.arange(N), y] = 0
    dx = np.zeros(x.shape)
    dx[margins > 0] = 1
    dx[np.arange(N), y] = -np.sum(margins > 0, axis=1)
    return np.sum(margins) / N, dx / N

def softmax_loss(x, y):
    onehot = np.zeros_like(x)
    onehot[np.arange(len(y)), y] = 1
    e = np.exp(x)
    p = e / e.sum(1).reshape(-1, 1)
    return float(np.mean(-np.sum(onehot * np.log(p), axis=1))), (p - onehot) / len(y)
