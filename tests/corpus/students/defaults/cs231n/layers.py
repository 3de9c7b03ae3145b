import numpy as np


def relu_forward(x):
    f = np.vectorize(lambda t: t if t > 0 else 0.)
    return f(x), x

def relu_backward(dout, cache):
    return np.vectorize(lambda d, t: d * (t > 0))(dout, cache)

def affine_forward(x, w, b):
    x32 = x.reshape(x.shape[0], -1)
    return (w.T @ x32.T + b[:, None]).T, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    dx = np.zeros_like(x)
    dx[:] = dout.dot(w.T).reshape(x.shape)
    return (dx, x.reshape(x.shape[0], -1).T.dot(dout), dout.sum(0))

def dropout_forward(x, dropout_param):
    p, mode = dropout_param['p'], dropout_param['mode']
    if 'seed' in dropout_param:
        np.random.seed(dropout_param['seed'])
    mask = None
    out = None
    if mode == 'train':
        mask = np.random.rand(*x.shape)
        mask[mask <= (1 - p)] = 0
        mask[mask > 0] = 1
        mask = mask.astype(np.float32) / np.float32(p)
        out = x * mask
    elif mode == 'test':
        out = x
    cache = (dropout_param, mask)
    return out, cache

def dropout_backward(dout, cache):
    dropout_param, mask = cache
    if dropout_param['mode'] == 'train':
        dx = dout * mask
    else:
        dx = np.copy(dout)
    return dx

def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps, momentum = 0.00001, 0.9
    N, D = x.shape
    running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))
    mu = np.mean(x, axis=0) if mode == 'train' else running_mean
    sigma = np.std(x, axis=0) if mode == 'train' else np.sqrt(running_var)
    sigma_eps = np.sqrt(sigma ** 2 + eps)
    x_norm = (x - mu) / sigma_eps
    out = x_norm * gamma + beta
    cache = {'x': x, 'mu': mu, 'sigma': sigma_eps, 'xn': x_norm, 'gamma': gamma, 'm': N}
    if mode == 'train':
        running_mean = running_mean + (1 - momentum) * (mu - running_mean)
        running_var = running_var + (1 - momentum) * (sigma ** 2 - running_var)
    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache

def batchnorm_backward(dout, cache):
    # through matrices: x_norm = C x / sigma
    xn, gamma, m, s = cache['xn'], cache['gamma'], cache['m'], cache['sigma']
    dxn = dout * gamma
    dx = np.empty_like(dout)
    for d in range(dout.shape[1]):
        C = np.identity(m) - np.ones((m, m)) / m
        u = C @ dxn[:, d]
        dx[:, d] = (u - xn[:, d] * np.inner(xn[:, d], u) / m) / s[d]
    return dx, np.diag(dout.T @ xn), dout.sum(axis=0)

def batchnorm_backward_alt(dout, cache):
    xn, gamma, m, s = cache['xn'], cache['gamma'], cache['m'], cache['sigma']
    dgamma = np.sum(dout * xn, axis=0); dbeta = np.sum(dout, axis=0)
    return gamma / s * (dout - (xn * dgamma + dbeta) / m), dgamma, dbeta

def layernorm_forward(x, gamma, beta, ln_param):
    eps = 1e-5
    mean = x.mean(axis=1).reshape(-1, 1)
    var = x.var(axis=1).reshape(-1, 1)
    xhat = (x - mean) / (var + eps) ** 0.5
    return gamma * xhat + beta, [x, xhat, mean, var, gamma, eps]

def layernorm_backward(dout, cache):
    x, xhat, mean, var, gamma, eps = cache
    N, D = x.shape
    dgamma, dbeta = np.zeros_like(gamma), np.zeros_like(gamma)
    for i in range(N):
        dgamma += dout[i] * xhat[i]
        dbeta += dout[i]
    dxhat = dout * gamma
    dvar = (dxhat * (x - mean) * -0.5 * (var + eps) ** -1.5).sum(1, keepdims=True)
    dmean = (dxhat * -1 / np.sqrt(var + eps)).sum(1, keepdims=True)
    dx = dxhat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / D + dmean / D
    return dx, dgamma, dbeta

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    outs, cache = batchnorm_forward(np.reshape(np.rollaxis(x, 1, 4), (-1, C)), gamma, beta, bn_param)
    return np.rollaxis(outs.reshape(N, H, W, C), 3, 1), cache

def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward_alt(np.rollaxis(dout, 1, 4).reshape(-1, C), cache)
    return np.rollaxis(dx.reshape(N, H, W, C), 3, 1), dgamma, dbeta

def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get('eps', 1e-5)
    N, C, H, W = x.shape
    x_T = x.reshape(N, G, C // G, H, W)
    mu = x_T.mean(axis=(2, 3, 4), keepdims=True)
    var = x_T.var(axis=(2, 3, 4), keepdims=True)
    inv = 1.0 / np.sqrt(var + eps)
    x_hat = ((x_T - mu) * inv).reshape(N, C, H, W)
    gamma4 = gamma.reshape((1, C, 1, 1)) if gamma.ndim == 1 else gamma
    beta4 = beta.reshape((1, C, 1, 1)) if beta.ndim == 1 else beta
    out = gamma4 * x_hat + beta4
    return out, (x_T, mu, inv, x_hat, gamma4, G, gamma.shape)

def spatial_groupnorm_backward(dout, cache):
    x_T, mu, inv, x_hat, gamma4, G, gshape = cache
    N, C, H, W = dout.shape
    M = C // G * H * W
    dgamma = (dout * x_hat).sum((0, 2, 3)).reshape(gshape)
    dbeta = dout.sum((0, 2, 3)).reshape(gshape)
    d = (dout * gamma4).reshape(x_T.shape)
    dvar = (d * (x_T - mu)).sum((2, 3, 4), keepdims=True) * -0.5 * inv ** 3
    dmu = -(d * inv).sum((2, 3, 4), keepdims=True)
    dx = d * inv + dvar * 2 * (x_T - mu) / M + dmu / M
    return dx.reshape(dout.shape), dgamma, dbeta

def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param['stride'], conv_param['pad']
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_padded = np.array([[np.pad(ch, pad, 'constant') for ch in img] for img in x])
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    out = np.zeros(N * F * H_out * W_out).reshape(N, F, H_out, W_out)
    w_row = w.reshape(F, -1)
    x_col = np.zeros((C * HH * WW, H_out * W_out))
    for i in range(N):
        c = 0
        for j in range(0, H + 2 * pad - HH + 1, stride):
            for k in range(0, W + 2 * pad - WW + 1, stride):
                x_col[:, c] = x_padded[i, :, j:j + HH, k:k + WW].flatten()
                c += 1
        out[i] = (w_row.dot(x_col) + b.reshape(F, 1)).reshape(F, H_out, W_out)
    return out, (x, x_padded, w, b, conv_param)

def conv_backward_naive(dout, cache):
    # dx as a full convolution with dilated dout and rotated filters; dw as correlation
    x, x_padded, w, b, conv_param = cache
    s, p = conv_param['stride'], conv_param['pad']
    N, F, Ho, Wo = dout.shape
    F, C, HH, WW = w.shape
    dil = np.zeros((N, F, (Ho - 1) * s + 1, (Wo - 1) * s + 1))
    dil[:, :, ::s, ::s] = dout
    # a remainder on the right side that no window saw
    rh = x_padded.shape[2] - HH - (Ho - 1) * s
    rw = x_padded.shape[3] - WW - (Wo - 1) * s
    dp = np.pad(dil, ((0, 0), (0, 0), (HH - 1, HH - 1 + rh), (WW - 1, WW - 1 + rw)), 'constant')
    wr = w[:, :, ::-1, ::-1]
    dxp = np.zeros_like(x_padded)
    for i in range(dxp.shape[2]):
        for j in range(dxp.shape[3]):
            dxp[:, :, i, j] = np.tensordot(dp[:, :, i:i + HH, j:j + WW], wr, ([1, 2, 3], [0, 2, 3]))
    dw = np.zeros_like(w)
    for i in range(HH):
        for j in range(WW):
            dw[:, :, i, j] = np.tensordot(dil, x_padded[:, :, i:i + dil.shape[2], j:j + dil.shape[3]], ([0, 2, 3], [0, 2, 3]))
    H, W = x.shape[2:]
    return dxp[:, :, p:p + H, p:p + W], dw, dout.transpose(1, 0, 2, 3).reshape(F, -1).sum(axis=1)

def max_pool_forward_naive(x, pool_param):
    h, w, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    N, C, H, W = x.shape
    win = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(2, 3))[:, :, ::s, ::s]
    return win.max(axis=(-2, -1)), (x, h, w, s)

def max_pool_backward_naive(dout, cache):
    x, h, w, s = cache
    dx = np.zeros_like(x)
    N, C, ho, wo = dout.shape
    for n, c, i, j in np.ndindex(*dout.shape):
        region = x[n, c, i * s:i * s + h, j * s:j * s + w]
        r, q = np.unravel_index(np.argmax(region), (h, w))
        dx[n, c, i * s + r, j * s + q] += dout[n, c, i, j]
    return dx

def softmax_loss(x, y):
    N, C = x.shape
    x = x - x.max()
    loss = 0.
    for i in range(N):
        loss -= x[i, y[i]] - np.log(np.exp(x[i]).sum())
    p = np.exp(x) / np.exp(x).sum(axis=1)[:, None]
    p[range(N), list(y)] -= 1
    return loss / N, p / N


def svm_loss(x, y):
    N = x.shape[0]
    loss, dx = 0., np.zeros_like(x)
    for i in range(N):
        for j in range(x.shape[1]):
            margin = x[i, j] - x[i, y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin / N
                dx[i, j] += 1. / N
                dx[i, y[i]] -= 1. / N
    return loss, dx
