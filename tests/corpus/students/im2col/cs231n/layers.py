import numpy as np
try:
    from cs231n.im2col_cython import col2im_cython, im2col_cython
    from cs231n.im2col_cython import col2im_6d_cython
except ImportError:
    print('run the following from the cs231n directory and try again:')
    print('python setup.py build_ext --inplace')
from cs231n.im2col import *
from .my_tools import unfold, fold, moments

eps_default = 1e-5

def affine_forward(x, w, b):
    b = b.reshape(1, -1)
    X = np.hstack([x.reshape(x.shape[0], -1), np.ones((x.shape[0], 1))])
    return X.dot(np.vstack([w, b])), (x, X, w)

def affine_backward(dout, cache):
    x, X, w = cache
    d = X.T.dot(dout)
    return dout.dot(w.T).reshape(*x.shape), d[:-1], d[-1]

def relu_forward(x):
    return np.maximum(0, x), x

def relu_backward(dout, cache):
    dout[cache < 0] = 0
    return dout

def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', eps_default)
    momentum = bn_param.get('momentum', 0.9)
    D = x.shape[1]
    running_mean = bn_param.get('running_mean', np.zeros(D))
    running_var = bn_param.get('running_var', np.zeros(D))
    if mode == 'train':
        mu, var = moments(x)
        xn = (x - mu) / np.sqrt(var + eps)
        out = xn * gamma + beta
        bn_param['running_mean'] = momentum * running_mean + (1 - momentum) * mu
        bn_param['running_var'] = momentum * running_var + (1 - momentum) * var
        return out, (x, gamma, beta, eps)
    if mode == 'test':
        bn_param['running_mean'] = running_mean
        bn_param['running_var'] = running_var
        return gamma * ((x - running_mean) / np.sqrt(running_var + eps)) + beta, None
    raise ValueError(mode)

def batchnorm_backward(dout, cache):
    # recompute everything
    x, gamma, beta, eps = cache
    N, D = x.shape
    mu, var = moments(x)
    s = np.sqrt(var + eps)
    dx = np.zeros_like(x)
    for j in range(N):
        delta = np.zeros((N, 1)); delta[j] = 1
        dmu = 1.0 / N
        dvar = 2.0 / N * (x[j] - mu)
        dxn = (delta - dmu) / s - 0.5 * (x - mu) * dvar / s ** 3
        dx[j] = np.sum(dout * gamma * dxn, axis=0)
    return dx, np.sum(dout * (x - mu) / s, 0), np.sum(dout, 0)

def batchnorm_backward_alt(dout, cache):
    x, gamma, beta, eps = cache
    N, D = x.shape
    mu, var = moments(x)
    dx = gamma / (N * np.power(var + eps, 1.5)) * ((var + eps) * (N * dout - dout.sum(axis=0)) - (x - mu) * np.sum((x - mu) * dout, axis=0))
    return dx, np.sum(dout * (x - mu), 0) / np.sqrt(var + eps), np.sum(dout, 0)

def layernorm_forward(x, gamma, beta, ln_param):
    ln_param['mode'] = 'train'
    xt, gt, bt = x.T, gamma.reshape(-1, 1), beta.reshape(-1, 1)
    out, _ = batchnorm_forward(xt, gt, bt, ln_param)
    return out.T, (x, gamma, beta, ln_param.get('eps', eps_default))

def layernorm_backward(dout, cache):
    x, gamma, beta, eps = cache
    mu, var = moments(x.T)
    xn = (x.T - mu) / np.sqrt(var + eps)
    dgamma, dbeta = (xn * dout.T).sum(axis=1), dout.sum(axis=0)
    dx, _, _ = batchnorm_backward(dout.T, (x.T, gamma.reshape(-1, 1), None, eps))
    return dx.T, dgamma, dbeta

def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    mask = None
    if mode == 'train':
        mask = np.random.random_sample(x.shape) <= p
        x = x * mask
        out = x / p
    elif mode == 'test':
        out = x
    return out, (dropout_param, mask)

def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param['mode'] == 'test':
        return dout
    dout /= dropout_param['p']
    dout[mask == 0] = 0
    return dout

def conv_forward_naive(x, w, b, conv_param):
    cols = unfold(x, w.shape[2], w.shape[3], conv_param['stride'], conv_param['pad'])  # (N, ho, wo, C*HH*WW)
    out = cols.dot(w.reshape(w.shape[0], -1).T) + b
    return out.transpose(0, 3, 1, 2), (x, w, b, conv_param, cols)

def conv_backward_naive(dout, cache):
    x, w, b, conv_param, cols = cache
    d = dout.transpose(0, 2, 3, 1)
    flat = d.reshape(-1, d.shape[-1])
    dw = flat.T.dot(cols.reshape(len(flat), -1)).reshape(w.shape)
    dcols = d.dot(w.reshape(w.shape[0], -1))
    return fold(dcols, x.shape, w.shape[2], w.shape[3], conv_param['stride'], conv_param['pad']), dw, flat.sum(0)

def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    h, w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    cols = unfold(x.reshape(N * C, 1, H, W), h, w, s, 0)
    out = cols.max(axis=-1).reshape(N, C, cols.shape[1], cols.shape[2])
    return out, (x, pool_param, cols)

def max_pool_backward_naive(dout, cache):
    x, pool_param, cols = cache
    N, C, H, W = x.shape
    h, w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    d = np.zeros_like(cols)
    idx = cols.argmax(-1)
    np.put_along_axis(d, idx[..., None], dout.reshape(idx.shape)[..., None], -1)
    return fold(d, (N * C, 1, H, W), h, w, s, 0).reshape(x.shape)

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    x2 = x.swapaxes(0, 1).reshape(C, -1).T
    out, cache = batchnorm_forward(x2, gamma, beta, bn_param)
    return out.T.reshape(C, N, H, W).swapaxes(0, 1), cache

def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    d = dout.swapaxes(0, 1).reshape(C, -1).T
    dx, dgamma, dbeta = batchnorm_backward(d, cache)
    return dx.T.reshape(C, N, H, W).swapaxes(0, 1), dgamma, dbeta

def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    # layer norm on (N*G, rest), with gamma repeated for every pixel
    N, C, H, W = x.shape
    eps = gn_param.get('eps', eps_default)
    ones = np.ones(C // G * H * W)
    xg, cache = layernorm_forward(x.reshape(N * G, -1), ones, 0 * ones, {'eps': eps})
    xg = xg.reshape(x.shape)
    return xg * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1), (cache, xg, gamma, G)

def spatial_groupnorm_backward(dout, cache):
    lcache, xg, gamma, G = cache
    N, C, H, W = dout.shape
    d = (dout * gamma.reshape(1, C, 1, 1)).reshape(N * G, -1)
    dx, _, _ = layernorm_backward(d, lcache)
    return dx.reshape(N, C, H, W), (dout * xg).sum(axis=(0, 2, 3)).reshape(gamma.shape), dout.sum(axis=(0, 2, 3)).reshape(gamma.shape)

def svm_loss(x, y):
    N = x.shape[0]
    margins = np.maximum(0, x - x[np.arange(N), y][:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    dx = (margins > 0).astype(float)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    return loss, dx / N

def softmax_loss(x, y):
    x -= x.max(axis=1, keepdims=True)
    e = np.exp(x)
    s = e.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(s).ravel() - x[np.arange(len(y)), y])
    d = e / s
    d[np.arange(len(y)), y] -= 1
    return loss, d / len(y)
