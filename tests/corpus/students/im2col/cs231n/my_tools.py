import numpy as np


def moments(x):
    return x.mean(axis=0), x.var(axis=0)


def unfold(x, hh, ww, s, p):
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), 'constant')
    N, C, H, W = x.shape
    ho, wo = (H - hh) // s + 1, (W - ww) // s + 1
    cols = np.empty((N, ho, wo, C * hh * ww))
    for i in range(ho):
        for j in range(wo):
            cols[:, i, j] = x[:, :, i * s:i * s + hh, j * s:j * s + ww].reshape(N, -1)
    return cols


def fold(cols, shape, hh, ww, s, p):
    N, C, H, W = shape
    x = np.zeros((N, C, H + 2 * p, W + 2 * p))
    for i in range(cols.shape[1]):
        for j in range(cols.shape[2]):
            x[:, :, i * s:i * s + hh, j * s:j * s + ww] += cols[:, i, j].reshape(N, C, hh, ww)
    return x[:, :, p:p + H, p:p + W]
