import numpy as np

def _config(config, w, **defaults):
    config = dict(config or {})
    for k, v in defaults.items():
        config.setdefault(k, v() if callable(v) else v)
    return config

def sgd(w, dw, config=None):
    config = _config(config, w, learning_rate=1e-2)
    return w - config['learning_rate'] * dw, config

def sgd_momentum(w, dw, config=None):
    config = _config(config, w, learning_rate=1e-2, momentum=0.9, velocity=lambda: np.zeros_like(w))
    config['velocity'] = config['momentum'] * config['velocity'] - config['learning_rate'] * dw
    return w + config['velocity'], config

def rmsprop(w, dw, config=None):
    config = _config(config, w, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8, cache=lambda: np.zeros_like(w))
    config['cache'] = np.average([config['cache'], dw ** 2], axis=0, weights=[config['decay_rate'], 1 - config['decay_rate']])
    return w - config['learning_rate'] * dw / (np.sqrt(config['cache']) + config['epsilon']), config

def adam(w, dw, config=None):
    config = _config(config, w, learning_rate=1e-3, beta1=.9, beta2=.999, epsilon=1e-8, m=lambda: np.zeros_like(w), v=lambda: np.zeros_like(w), t=0)
    b1, b2, eps, lr, m, v, t = [config[k] for k in ('beta1', 'beta2', 'epsilon', 'learning_rate', 'm', 'v', 't')]
    t += 1
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw * dw
    w = w - lr * m / (1 - b1 ** t) * 1 / (eps + np.sqrt(v / (1 - b2 ** t)))
    config.update(m=m, v=v, t=t)
    return w, config
