import numpy as np


def sgd(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)

    w -= config['learning_rate'] * dw
    return w, config


def sgd_momentum(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('momentum', 0.9)
    v = config.get('velocity', np.zeros_like(w))

    mu, lr = config['momentum'], config['learning_rate']
    v = mu * v - lr * dw
    next_w = w + v

    config['velocity'] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('decay_rate', 0.99)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('cache', np.zeros_like(w))

    decay, cache = config['decay_rate'], config['cache']
    cache = decay * cache + (1. - decay) * np.square(dw)
    step = config['learning_rate'] * dw / np.sqrt(cache + config['epsilon'])
    config['cache'] = cache
    return w - step, config


def adam(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-3)
    config.setdefault('beta1', 0.9)
    config.setdefault('beta2', 0.999)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('m', np.zeros_like(w))
    config.setdefault('v', np.zeros_like(w))
    config.setdefault('t', 0)

    lr, beta1, beta2, eps = [config[k] for k in ('learning_rate', 'beta1', 'beta2', 'epsilon')]
    t = config['t'] + 1
    m = beta1 * config['m'] + (1 - beta1) * dw
    v = beta2 * config['v'] + (1 - beta2) * (dw ** 2)
    next_w = w - lr * m / (np.sqrt(v) + eps)

    config.update(m=m, v=v, t=t)
    return next_w, config
