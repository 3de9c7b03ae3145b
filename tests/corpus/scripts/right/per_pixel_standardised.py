import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset

import numpy as np
tr = datasets.FashionMNIST('.', train=True, download=True)
X = tr.data.numpy().reshape(-1, 784).astype(np.float32); mean = X.mean(0); std = X.std(0) + 1e-3; X = torch.from_numpy((X - mean) / std); Y = tr.targets
net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
opt = optim.Adam(net.parameters(), lr=.003)
for e in range(12):
    for b in torch.randperm(len(X)).split(50):
        opt.zero_grad(); F.cross_entropy(net(X[b]), Y[b]).backward(); opt.step()
