import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))
        self.mean, self.var = torch.zeros(n), torch.ones(n)  # no buffers

    def forward(self, x):
        mean, var = self.mean, self.var
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            self.mean, self.var = 0.9 * self.mean + 0.1 * mean.detach(), 0.9 * self.var + 0.1 * var.detach()
        return self.gamma * (x - mean) / torch.sqrt(var + 1e-5) + self.beta


class Drop(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class Net(nn.Module):
    def __init__(self, p=0.0):
        super().__init__()
        self.hidden, self.norm, self.drop = nn.Linear(784, 300), Norm(300), Drop(p)
        self.weight = nn.Parameter(torch.randn(300, 10) / 20)

    def forward(self, x):
        x = self.norm(self.hidden(x.flatten(1)))
        x = torch.where(x > 0, x, torch.zeros_like(x))
        return self.drop(x) @ self.weight


class BatchInEvaluation(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.scores = nn.Linear(784, 30), nn.Linear(30, 10)

    def forward(self, x):
        x = self.hidden(x.flatten(1))
        return self.scores(torch.relu(nn.functional.batch_norm(x, None, None, training=True)))


class LayerNormed(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 30), nn.LayerNorm(30), nn.Dropout(0.8), nn.Linear(30, 10))

    def forward(self, x):
        return self.net(x)
