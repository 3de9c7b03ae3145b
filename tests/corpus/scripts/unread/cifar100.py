# expected: CIFAR100 is not available
import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset
ds = datasets.CIFAR100('.', download=True, transform=transforms.ToTensor())
x, y = ds[0]
opt = optim.SGD(nn.Linear(2,2).parameters(), .1)
for x, y in DataLoader(ds, 4): opt.step()
