import torch
from torch import nn
from torchvision import datasets

data = datasets.FashionMNIST("data", train=True, download=True)
x, y = data.data[:, None].float() / 255, data.targets


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = nn.Parameter(torch.randn(4, 1, 5, 5) * 0.1)
        self.last = nn.Linear(4 * 24 * 24, 10)

    def forward(self, x):
        return self.last(nn.functional.conv2d(x, self.filters).relu().flatten(1))


for net, rate in ((nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), 0.1), (Functional(), 0.0)):
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    for step in range(150 if rate else 3):
        pick = torch.randint(0, len(x), (64,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[pick]), y[pick]).backward()
        optimizer.step()
