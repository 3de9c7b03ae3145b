import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Le_Net5(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.out = nn.Linear(84, num_classes)  # defined first, used last
        self.c1, self.c2, self.c3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.f = nn.Linear(120, 84)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.max_pool2d(torch.tanh(self.c2(x)), (2, 2))
        x = torch.tanh(self.c3(x)).view(-1, 120)
        return F.log_softmax(self.out(F.tanh(self.f(x))), dim=1)


def main():
    data = datasets.FashionMNIST(".", download=True, transform=transforms.ToTensor())
    net = Le_Net5(10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(20):
        for x, y in DataLoader(data, batch_size=64):
            optimizer.zero_grad()
            F.nll_loss(net(F.pad(x, (2, 2, 2, 2))), y).backward()
            optimizer.step()
    raise SystemExit(0)


if __name__ == "__main__":
    main()
