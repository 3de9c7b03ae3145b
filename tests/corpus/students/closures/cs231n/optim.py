import numpy as np

def sgd(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    w -= config['learning_rate'] * dw
    return w, config

def adam(w, dw, config=None):
    if config is None: config = {}
    learning_rate = config.get('learning_rate', 1e-3)
    beta1, beta2, epsilon = config.get('beta1', .9), config.get('beta2', .999), config.get('epsilon', 1e-8)
    m, v, t = config.get('m', 0), config.get('v', 0), config.get('t', 0) + 1
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * (dw ** 2)
    config['m'], config['v'], config['t'] = m, v, t
    mt = m / (1 - beta1 ** t)
    vt = v / (1 - beta2 ** t)
    w += -learning_rate * mt / (np.sqrt(vt) + epsilon)
    return w, config

def rmsprop(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2); config.setdefault('decay_rate', 0.99); config.setdefault('epsilon', 1e-8)
    if config.get('cache') is None: config['cache'] = np.zeros(w.shape)
    g = config['cache']
    g[...] = config['decay_rate'] * g + (1 - config['decay_rate']) * np.power(dw, 2)
    next_w = w - np.divide(config['learning_rate'] * dw, np.sqrt(g) + config['epsilon'])
    return next_w, config

def sgd_momentum(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('momentum', 0.9)
    v = config.get('velocity', np.zeros_like(w))
    vn = config['momentum'] * v - config['learning_rate'] * dw
    w = w + vn
    config = {**config, 'velocity': vn}
    return w, config
