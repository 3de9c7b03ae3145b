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
    v *= config['momentum']
    v -= config['learning_rate'] * dw
    w += v
    config['velocity'] = v
    return w, config

def rmsprop(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-2)
    config.setdefault('decay_rate', 0.99)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('cache', np.zeros_like(w))
    config['cache'] *= config['decay_rate']
    config['cache'] += (1 - config['decay_rate']) * dw * dw
    w -= config['learning_rate'] * dw / (config['epsilon'] + config['cache'] ** .5)
    return w, config

def adam(w, dw, config=None):
    if config is None: config = {}
    config.setdefault('learning_rate', 1e-3)
    config.setdefault('beta1', 0.9)
    config.setdefault('beta2', 0.999)
    config.setdefault('epsilon', 1e-8)
    config.setdefault('m', np.zeros_like(w))
    config.setdefault('v', np.zeros_like(w))
    config.setdefault('t', 0)
    config['t'] += 1
    t = config['t']
    config['m'] += (1 - config['beta1']) * (dw - config['m'])
    config['v'] += (1 - config['beta2']) * (dw ** 2 - config['v'])
    lr_t = config['learning_rate'] * np.sqrt(1 - config['beta2'] ** t) / (1 - config['beta1'] ** t)
    eps_t = config['epsilon'] * np.sqrt(1 - config['beta2'] ** t)
    w -= lr_t * config['m'] / (np.sqrt(config['v']) + eps_t)
    return w, config
