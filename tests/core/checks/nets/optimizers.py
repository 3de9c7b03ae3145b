from torch import nn, optim


def net():
    return nn.Sequential(nn.Flatten(), nn.Linear(20, 30), nn.ReLU(), nn.Linear(30, 3))


def sgd(model):
    return optim.SGD(model.parameters(), lr=0.1, weight_decay=0.003)


def nesterov(model):
    return optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.003)


def adam(parameters):
    return optim.Adam(list(parameters), lr=0.01, weight_decay=0.003)


def adamw(model):
    return optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.003)


def rmsprop(model):
    return optim.RMSprop(model.parameters(), weight_decay=0.003)


def no_biases(model):
    weights, biases = [p for p in model.parameters() if p.dim() > 1], [p for p in model.parameters() if p.dim() == 1]
    return optim.Adam([{"params": weights, "weight_decay": 0.003}, {"params": biases}], lr=0.01)


def penalty(model):
    return 0.003 * sum((p**2).sum() for p in model.parameters())


def half_penalty(model):
    return 0.003 / 2 * sum(p.norm() ** 2 for p in model.parameters())


def nothing(model):
    return optim.Adam(model.parameters())


def too_much(model):
    return optim.SGD(model.parameters(), lr=0.1, weight_decay=0.03)


def one_layer_only(model):
    return optim.Adam([{"params": model[1].parameters(), "weight_decay": 0.003}, {"params": model[3].parameters()}])


def absolute(model):
    return 0.003 * sum(p.abs().sum() for p in model.parameters())


def neither(model):
    return "Adam"
