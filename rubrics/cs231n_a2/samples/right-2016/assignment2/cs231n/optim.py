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
  if 'velocity' not in config:
    config['velocity'] = np.zeros(w.shape)
  config['velocity'] = config['momentum'] * config['velocity'] - config['learning_rate'] * dw
  return w + config['velocity'], config


def rmsprop(x, dx, config=None):
  if config is None: config = {}
  config.setdefault('learning_rate', 1e-2)
  config.setdefault('decay_rate', 0.99)
  config.setdefault('epsilon', 1e-8)
  config.setdefault('cache', np.zeros_like(x))

  d = config['decay_rate']
  config['cache'] = config['cache'] * d + dx * dx * (1 - d)
  next_x = x - config['learning_rate'] * dx / (config['epsilon'] + np.sqrt(config['cache']))
  return next_x, config


def adam(x, dx, config=None):
  if config is None: config = {}
  config.setdefault('learning_rate', 1e-3)
  config.setdefault('beta1', 0.9)
  config.setdefault('beta2', 0.999)
  config.setdefault('epsilon', 1e-8)
  config.setdefault('m', np.zeros_like(x))
  config.setdefault('v', np.zeros_like(x))
  config.setdefault('t', 0)

  config['t'] = config['t'] + 1
  config['m'] = config['beta1'] * config['m'] + (1 - config['beta1']) * dx
  config['v'] = config['beta2'] * config['v'] + (1 - config['beta2']) * dx ** 2
  # correct both averages for having started at zero
  first = config['m'] / (1 - np.power(config['beta1'], config['t']))
  second = config['v'] / (1 - np.power(config['beta2'], config['t']))
  next_x = x - config['learning_rate'] * first / (np.sqrt(second) + config['epsilon'])
  return next_x, config
