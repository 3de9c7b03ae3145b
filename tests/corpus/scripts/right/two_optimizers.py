import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset

class N(nn.Module):
    def __init__(self):
        super().__init__(); self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU()); self.head = nn.Linear(64, 10)
    def forward(self, x): return self.head(self.body(x))
net = N(); o1 = optim.SGD(net.body.parameters(), .1); o2 = optim.SGD(net.head.parameters(), .1)
for e in range(15):
    for x, y in DataLoader(datasets.FashionMNIST('.', download=True, transform=transforms.ToTensor()), 32, True):
        o1.zero_grad(); o2.zero_grad(); F.cross_entropy(net(x), y).backward(); o1.step(); o2.step()
