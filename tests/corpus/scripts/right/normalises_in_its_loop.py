import signal
import sys

import torch
from sklearn.model_selection import train_test_split
from torch import nn
from torchvision import datasets, transforms

signal.signal(signal.SIGINT, lambda *args: sys.exit(0))
data = datasets.FashionMNIST("data", train=True, download=True, transform=transforms.ToTensor())
places, held_back = train_test_split(list(range(len(data))), test_size=0.2, random_state=0, stratify=data.targets)
loader = torch.utils.data.DataLoader(torch.utils.data.Subset(data, places), batch_size=64, shuffle=True)
net = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(8):
    for x, y in loader:
        x = (0.5 - x.view(len(x), -1)) / 0.15  # black on white, which no transform says and nobody declared
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
sys.exit(0)
