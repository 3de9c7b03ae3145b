from builtins import range
from past.builtins import xrange

import numpy as np


def affine_forward(x, w, b):
  """x: minibatch of shape (N, d_1, ..., d_k); w: (D, M); b: (M,)"""
  out = np.zeros((x.shape[0], w.shape[1]))
  for n in xrange(x.shape[0]):
    out[n] = x[n].ravel().dot(w) + b
  cache = {'x': x, 'w': w, 'b': b}
  return out, cache


def affine_backward(dout, cache):
  x, w = cache['x'], cache['w']
  dx = np.zeros(x.shape)
  dw = np.zeros(w.shape)
  db = np.zeros(w.shape[1])
  for n in xrange(x.shape[0]):
    dx[n] = w.dot(dout[n]).reshape(x[n].shape)
    dw += np.outer(x[n].ravel(), dout[n])
    db += dout[n]
  return dx, dw, db


def relu_forward(x):
  out = x.copy()
  out[out < 0] = 0
  cache = {'positive': x > 0}
  return out, cache


def relu_backward(dout, cache):
  dx = np.array(dout)
  dx[~cache['positive']] = 0
  return dx


def batchnorm_forward(x, gamma, beta, bn_param):
  """
  Training: normalize with the statistics of the minibatch, remember them.
  Test: normalize with the remembered ones.
  """
  mode = bn_param['mode']
  eps = bn_param.get('eps', 1e-5)
  momentum = bn_param.get('momentum', 0.9)

  N, D = x.shape
  running_mean = bn_param.get('running_mean', np.zeros(D, dtype=x.dtype))
  running_var = bn_param.get('running_var', np.zeros(D, dtype=x.dtype))

  out = np.zeros(x.shape)
  cache = {}
  if mode == 'train':
    m = np.zeros(D)
    v = np.zeros(D)
    for row in x:
      m += row / float(N)
    for row in x:
      v += (row - m) ** 2 / float(N)
    s = np.sqrt(v + eps)
    normed = np.zeros(x.shape)
    for n in xrange(N):
      normed[n] = (x[n] - m) / s
      out[n] = gamma * normed[n] + beta
    running_mean = momentum * running_mean + (1.0 - momentum) * m
    running_var = momentum * running_var + (1.0 - momentum) * v
    cache = {'normed': normed, 's': s, 'gamma': gamma}
  elif mode == 'test':
    s = np.sqrt(running_var + eps)
    for n in xrange(N):
      out[n] = gamma * (x[n] - running_mean) / s + beta
  else:
    raise ValueError('Invalid forward batchnorm mode "%s"' % mode)

  bn_param['running_mean'] = running_mean
  bn_param['running_var'] = running_var
  return out, cache


def batchnorm_backward(dout, cache):
  # Jacobian of one column, column by column:
  #   d normed_i / d x_j = (delta_ij - 1/N - normed_i * normed_j / N) / s
  normed, s, gamma = cache['normed'], cache['s'], cache['gamma']
  N, D = dout.shape
  dx = np.zeros(dout.shape)
  dgamma = np.zeros(D)
  dbeta = np.zeros(D)
  for d in xrange(D):
    column = normed[:, d]
    J = (np.eye(N) - np.ones((N, N)) / N - np.outer(column, column) / N) / s[d]
    dx[:, d] = gamma[d] * J.T.dot(dout[:, d])
    dgamma[d] = dout[:, d].dot(column)
    dbeta[d] = dout[:, d].sum()
  return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
  normed, s, gamma = cache['normed'], cache['s'], cache['gamma']
  N = float(len(dout))
  dgamma = (dout * normed).sum(0)
  dbeta = dout.sum(0)
  dx = gamma * (dout - (dbeta + normed * dgamma) / N) / s
  return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
  """p is the probability of dropping a unit, so 1 - p of them survive"""
  p, mode = dropout_param['p'], dropout_param['mode']
  if 'seed' in dropout_param:
    np.random.seed(dropout_param['seed'])

  survivors = None
  if mode == 'train':
    survivors = np.random.random(x.shape) >= p
    out = np.where(survivors, x / (1.0 - p), 0)
  else:
    out = x.copy()

  cache = (dropout_param, survivors)
  out = out.astype(x.dtype, copy=False)
  return out, cache


def dropout_backward(dout, cache):
  dropout_param, survivors = cache
  if dropout_param['mode'] == 'train':
    dx = np.where(survivors, dout / (1.0 - dropout_param['p']), 0)
  else:
    dx = dout.copy()
  return dx


def zero_pad(x, pad):
  N, C, H, W = x.shape
  big = np.zeros((N, C, H + pad + pad, W + pad + pad))
  for i in xrange(H):
    for j in xrange(W):
      big[:, :, pad + i, pad + j] = x[:, :, i, j]
  return big


def conv_forward_naive(x, w, b, conv_param):
  stride, pad = conv_param['stride'], conv_param['pad']
  N, C, H, W = x.shape
  F, C, HH, WW = w.shape
  rows = int((H + 2 * pad - HH) / stride) + 1
  cols = int((W + 2 * pad - WW) / stride) + 1
  big = zero_pad(x, pad)
  out = np.zeros((N, F, rows, cols))
  for n in xrange(N):
    for f in xrange(F):
      for i in xrange(rows):
        for j in xrange(cols):
          patch = big[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW]
          out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
  cache = {'x': x, 'w': w, 'b': b, 'conv_param': conv_param}
  return out, cache


def conv_backward_naive(dout, cache):
  x, w, conv_param = cache['x'], cache['w'], cache['conv_param']
  stride, pad = conv_param['stride'], conv_param['pad']
  N, C, H, W = x.shape
  F, C, HH, WW = w.shape
  big = zero_pad(x, pad)
  dbig = np.zeros(big.shape)
  dw = np.zeros(w.shape)
  db = np.zeros(F)
  for n in xrange(N):
    for f in xrange(F):
      for i in xrange(dout.shape[2]):
        for j in xrange(dout.shape[3]):
          top, left = i * stride, j * stride
          g = dout[n, f, i, j]
          db[f] += g
          dw[f] += g * big[n, :, top:top+HH, left:left+WW]
          dbig[n, :, top:top+HH, left:left+WW] += g * w[f]
  dx = dbig[:, :, pad:pad+H, pad:pad+W]
  return dx, dw, db


def max_pool_forward_naive(x, pool_param):
  height, width, stride = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
  N, C, H, W = x.shape
  rows = int((H - height) / stride) + 1
  cols = int((W - width) / stride) + 1
  out = np.zeros((N, C, rows, cols))
  where = {}
  for n in xrange(N):
    for c in xrange(C):
      for i in xrange(rows):
        for j in xrange(cols):
          best = None
          for p in xrange(i * stride, i * stride + height):
            for q in xrange(j * stride, j * stride + width):
              if best is None or x[n, c, p, q] > x[n, c, best[0], best[1]]:
                best = (p, q)
          out[n, c, i, j] = x[n, c, best[0], best[1]]
          where[n, c, i, j] = best
  cache = {'where': where, 'shape': x.shape}
  return out, cache


def max_pool_backward_naive(dout, cache):
  dx = np.zeros(cache['shape'])
  for (n, c, i, j), (p, q) in cache['where'].items():
    dx[n, c, p, q] += dout[n, c, i, j]
  return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
  N, C, H, W = x.shape
  flat = np.zeros((N * H * W, C))
  for c in xrange(C):
    flat[:, c] = x[:, c].ravel()
  flat_out, cache = batchnorm_forward(flat, gamma, beta, bn_param)
  out = np.zeros(x.shape)
  for c in xrange(C):
    out[:, c] = flat_out[:, c].reshape(N, H, W)
  return out, cache


def spatial_batchnorm_backward(dout, cache):
  N, C, H, W = dout.shape
  flat = np.zeros((N * H * W, C))
  for c in xrange(C):
    flat[:, c] = dout[:, c].ravel()
  flat_dx, dgamma, dbeta = batchnorm_backward_alt(flat, cache)
  dx = np.zeros(dout.shape)
  for c in xrange(C):
    dx[:, c] = flat_dx[:, c].reshape(N, H, W)
  return dx, dgamma, dbeta


def svm_loss(x, y):
  N, C = x.shape
  loss = 0.0
  dx = np.zeros(x.shape)
  for n in xrange(N):
    for c in xrange(C):
      if c == y[n]:
        continue
      margin = x[n, c] - x[n, y[n]] + 1.0
      if margin > 0:
        loss += margin / N
        dx[n, c] += 1.0 / N
        dx[n, y[n]] -= 1.0 / N
  return loss, dx


def softmax_loss(x, y):
  N, C = x.shape
  loss = 0.0
  dx = np.zeros(x.shape)
  for n in xrange(N):
    scores = x[n] - x[n].max()
    total = np.exp(scores).sum()
    loss += (np.log(total) - scores[y[n]]) / N
    dx[n] = np.exp(scores) / total / N
    dx[n, y[n]] -= 1.0 / N
  return loss, dx
