# expected: this check offers digits
import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset
ds = datasets.CIFAR10('.', download=True)
opt = optim.SGD(nn.Linear(2,2).parameters(), .1); opt.step()
